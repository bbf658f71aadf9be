"""The files of an incident: written and read without loss, and never raising over a bad one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfaces.respond.conftest import Incident
from undersign.records.clock import Clocks, Deadline
from undersign.surfaces.respond import clocks_file, evidence_file, timeline_file

CLOCKS = Clocks(
    incident="x",
    timeline_digest="0" * 64,
    zone="Europe/Berlin",
    country="DE",
    anchors=(("gdpr.awareness", "C12"),),
    deadlines=(
        Deadline("gdpr", "authority", "Tell it", "awareness", "C12",
                 datetime(2026, 3, 4, 9, 41, tzinfo=UTC), datetime(2026, 3, 7, 9, 41, tzinfo=UTC)),
        Deadline("sec", "8-K", "File it", "materiality", enabled=False),
    ),
)  # fmt: skip
WRONG: tuple[tuple[str, Any], ...] = (
    ("entries", 3), ("entries", [3]), ("entries", [{"start": "yesterday"}]), ("sources", {}),
    ("milestones", [{"mark": "won"}]), ("duplicates", "many"), ("gaps", [{"source": 1}]),
    ("claims", [{"id": "C1", "kind": "fact"}]), ("format", "undersign/timeline/2"),
    ("claims", [{"id": "C1", "kind": "inference"}, {"id": "C1", "kind": "inference"}]),
)  # fmt: skip


def test_a_timeline_is_read_as_it_was_written(incident: Incident) -> None:
    text = timeline_file.write(incident.timeline)
    assert text.isascii()
    assert timeline_file.is_timeline(text)
    read = timeline_file.read(text)
    assert not read.problems
    assert timeline_file.write(read.timeline) == text
    assert read.timeline == incident.timeline


def test_evidence_is_read_as_it_was_written(incident: Incident) -> None:
    text = evidence_file.write(incident.evidence.values())
    assert text.isascii()
    found, problems = evidence_file.read(text)
    assert not problems
    assert found == dict(incident.evidence)


def test_clocks_are_read_as_they_were_written() -> None:
    text = clocks_file.write(CLOCKS)
    assert clocks_file.is_clocks(text)
    assert clocks_file.read(text) == CLOCKS


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_field_is_named(incident: Incident, field: str, value: Any) -> None:
    body = json.loads(timeline_file.write(incident.timeline)) | {field: value}
    (problem,) = timeline_file.read(json.dumps(body)).problems
    assert field.removesuffix("s")[:5] in problem or "id" in problem


def test_a_wrong_line_of_evidence_hides_no_other(incident: Incident) -> None:
    lines = evidence_file.write(list(incident.evidence.values())[:3]).splitlines()
    lines[1:1] = ["{", '{"id": "no address"}', lines[0]]
    found, problems = evidence_file.read("\n".join(lines))
    assert len(found) == 3
    assert [one.split(":")[0] for one in problems] == ["line 2", "line 3", "line 4"]
    assert "stands twice" in problems[2]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 100_000, '{"format": 1}', "9" * 5_000]
)
def test_no_text_raises(text: str) -> None:
    assert timeline_file.read(text).problems
    assert clocks_file.read(text).problems
    evidence_file.read(text)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_cut_or_changed_file_raises_nothing(data: st.DataObject) -> None:
    text = clocks_file.write(replace(CLOCKS))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    put = data.draw(st.sampled_from(["", "null", "[]", '"x"', "-1", "{", "\0"]))
    clocks_file.read(text[:start] + put + text[end:])
