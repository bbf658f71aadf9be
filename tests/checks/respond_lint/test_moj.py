"""Real incidents in seven layouts: every wrong duration is found, and no right one is doubted."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from checks.respond_lint.layouts import LAYOUTS, clocks_only, is_of_one_day
from checks.respond_lint.linting import lint

HERE = Path(__file__).parent
JUDGED = tomllib.loads((HERE / "moj.toml").read_text(encoding="utf-8"))["judged"]
_OFF = (-61, -17, -5, 5, 13, 59, 600)
"""Minutes by which a right length is made wrong."""

Incident = dict[str, Any]


@pytest.fixture
def incidents(shared_data: Path) -> list[Incident]:
    found = json.loads((shared_data / "postmortems/moj/incidents.json").read_text("utf-8"))
    return [one for one in found if one["key"]]  # the template has none


def _judged(one: Incident) -> dict[str, Any]:
    found = [row for row in JUDGED if one["title"].startswith(row["incident"])]
    assert len(found) <= 1
    return found[0] if found else {"wrong": []}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_wrong_is_found_and_nothing_else(layout: str, incidents: list[Incident]) -> None:
    met = 0
    for one in incidents:
        judged = _judged(one)
        said = lint(LAYOUTS[layout](one), ("RSP020", "RSP021", "RSP022"))
        errors = [s.found for s in said if s.code == "RSP020" and s.severity == "error"]
        assert errors == judged["wrong"], one["title"]
        assert sum(s.code == "RSP021" for s in said) == judged.get("impossible", 0), one["title"]
        assert sum(s.code == "RSP022" for s in said) == judged.get("unordered", 0), one["title"]
        met += "why" in judged
    assert met == len(JUDGED), "a judgement of an incident that is not there"


def test_all_incidents_in_one_document(incidents: list[Incident]) -> None:
    quarter = "# Incidents\n\n## Q1\n\n- **Mean Time to Repair**: 3h 21m\n\n"
    text = quarter + "\n".join(LAYOUTS["bold list"](one) for one in incidents)
    said = lint(text, ("RSP020", "RSP021", "RSP022"))
    wrong = [length for one in incidents for length in _judged(one)["wrong"]]
    assert [s.found for s in said if s.code == "RSP020" and s.severity == "error"] == wrong
    assert sum(s.code == "RSP022" for s in said) == 2


def test_a_length_mixed_from_two_starts_is_worth_a_warning(incidents: list[Incident]) -> None:
    said = [s for one in incidents for s in lint(LAYOUTS["tables"](one), ("RSP020",))]
    warned = [s for s in said if s.severity == "warning"]
    assert [s.found for s in warned] == ["0h 15m"]


def _right(one: Incident, end: str) -> set[int]:
    """Minutes from every key time to one of them, and from the time in the title."""
    times = {key: datetime.fromisoformat(at) for key, at in one["key"].items() if at}
    starts = [at for key, at in times.items() if key != end and key != "repaired"]
    with suppress(ValueError):  # a title with a date alone, or none
        starts.append(datetime.strptime(one["title"][:16], "%Y-%m-%d %H:%M"))
    return {round((times[end] - at).total_seconds() / 60) for at in starts}


def _changed(one: Incident) -> Iterator[tuple[Incident, bool]]:
    """Yield the incident with one stated length, right or made wrong, and whether it is right."""
    for end, raw in (("repaired", "ttrep_raw"), ("resolved", "ttres_raw")):
        if not one["key"].get(end):
            continue
        right = _right(one, end)
        for off in (0, *_OFF):
            minutes = max(right) + off
            is_right = any(abs(minutes - true) <= 1 for true in right)
            if minutes >= 0 and (is_right or min(abs(minutes - true) for true in right) > 1):
                length = f"{minutes // 60}h {minutes % 60:02}m"
                yield {**one, "ttrep_raw": "", "ttres_raw": "", raw: length}, is_right


@pytest.mark.parametrize("layout", [*LAYOUTS, "clocks only"])
def test_every_length_made_wrong_is_found(layout: str, incidents: list[Incident]) -> None:
    write = LAYOUTS.get(layout, clocks_only)
    wrong = right = 0
    for one in incidents:
        if layout == "clocks only" and not is_of_one_day(one):
            continue
        for changed, is_right in _changed(one):
            errors = [s for s in lint(write(changed), ("RSP020",)) if s.severity == "error"]
            assert bool(errors) != is_right, (changed["title"], changed["key"], errors)
            wrong, right = wrong + (not is_right), right + is_right
    assert wrong > 100
    assert right > 18
