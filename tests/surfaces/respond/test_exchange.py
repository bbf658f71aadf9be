"""Timelines for Timesketch and plaso: their own reader takes them, ours reads them back."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from surfaces.respond.conftest import Incident
from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.timeline import Mark, Timeline
from undersign.surfaces.respond.exchange.plaso import plaso_jsonl
from undersign.surfaces.respond.exchange.timesketch import timesketch_csv, timesketch_jsonl
from undersign.telemetry.logbook import Told, open_log
from undersign.telemetry.logbook.batch import moment

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "install-timesketch"
NO_REGISTRY = 4
READ = """
import json, sys
from timesketch.lib import utils
path = sys.argv[1]
read = utils.read_and_validate_csv if path.endswith(".csv") else utils.read_and_validate_jsonl
print(json.dumps(list(read(open(path, encoding="utf-8"))), default=str))
"""
FORMS: dict[str, Callable[[Timeline], str]] = {
    "t.csv": timesketch_csv, "t.jsonl": timesketch_jsonl, "p.jsonl": plaso_jsonl,
}  # fmt: skip


@pytest.fixture(scope="module")
def timesketch() -> Path:
    """A Python with Timesketch's own reader; installed when it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    done = subprocess.run(
        [SCRIPT, cache / "undersign" / "timesketch"], capture_output=True, text=True, check=False
    )
    if done.returncode == NO_REGISTRY and not os.environ.get("UNDERSIGN_REQUIRE_DATA"):
        pytest.skip(f"needs a package registry: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr.strip()
    return Path(done.stdout.strip())


def moments(timeline: Timeline) -> list[datetime]:
    """The times a timeline has a row for."""
    ends = (e.end for e in timeline.entries if e.end is not None and e.end != e.start)
    return sorted([*(e.start for e in timeline.entries), *ends])


def hostile() -> Timeline:
    """Entries whose words a spreadsheet, a CSV reader or a terminal would take for more."""
    texts = ('=HYPERLINK("//x")', "@SUM(A1)", 'a,b\n"c', "\u202e<script>", "-1+1", "", "nan", "é")
    entries = tuple(
        Entry(
            Claim(f"C{n}", ClaimKind.OBSERVED, (f"a.log:{n}",), slots={"actor": text}),
            datetime(2026, 3, 4, 10, n, 0, 17 if n % 2 else 0, tzinfo=UTC),
            sources=("a.log",),
        )
        for n, text in enumerate(texts, 1)
    )
    return Timeline("x", "X", entries=entries)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("which", ["incident", "hostile"])
def test_timesketch_takes_every_row(
    tmp_path: Path, timesketch: Path, incident: Incident, name: str, which: str
) -> None:
    timeline = incident.timeline if which == "incident" else hostile()
    path = tmp_path / name
    path.write_text(FORMS[name](timeline), encoding="utf-8")
    done = subprocess.run(
        [timesketch, "-c", READ, path], capture_output=True, text=True, check=True
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert sorted(row["timestamp"] for row in rows) == [
        round(when.timestamp() * 1e6) for when in moments(timeline)
    ]
    assert all(row["message"] and row["timestamp_desc"] for row in rows)
    tags = {tag for row in rows for tag in row.get("tag", [])}
    named = {f"milestone-{m.mark}" for m in timeline.milestones if m.claim}
    assert tags == (set() if name == "p.jsonl" else named), "plaso's events have no tags"


@pytest.mark.parametrize("name", FORMS)
def test_what_goes_out_is_read_back(tmp_path: Path, incident: Incident, name: str) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name](incident.timeline), encoding="utf-8")
    log = open_log(path, Told(path.name, as_of=datetime(2026, 11, 25, tzinfo=UTC)))
    times: list[datetime] = []
    for batch in log.batches():
        found = (moment(int(at)) for at in batch.times)
        times += [when for when in found if when is not None]
    assert log.source().format == ("plaso" if name.startswith("p") else "Timesketch")
    assert sorted(times) == moments(incident.timeline)


def test_a_spreadsheet_computes_nothing() -> None:
    for row in csv.DictReader(StringIO(timesketch_csv(hostile()))):
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_a_milestone_is_a_tag(incident: Incident) -> None:
    detected = next(m for m in incident.timeline.milestones if m.mark is Mark.DETECTED)
    rows = [json.loads(line) for line in timesketch_jsonl(incident.timeline).splitlines()]
    (row,) = (r for r in rows if r["claim"] == detected.claim)
    assert row["tag"] == ["milestone-detected"]
    assert row["evidence"] == "slack:2"


def test_an_empty_timeline_is_a_header_and_no_line() -> None:
    empty = replace(hostile(), entries=())
    assert len(timesketch_csv(empty).splitlines()) == 1
    assert timesketch_jsonl(empty) == plaso_jsonl(empty) == ""
