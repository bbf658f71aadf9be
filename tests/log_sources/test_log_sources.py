"""Every log source is complete, and recognises its own made-up sample lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from undersign.catalogs.log_sources import LogSource, load
from undersign.records.event import Event
from undersign.telemetry.shape import shape_dict

HERE = Path(__file__).parent
SOURCES = load().sources
MOMENT = datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)
"""All samples happened in this second."""


def _events(source: LogSource) -> list[Event]:
    lines = (HERE / f"{source.name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [shape_dict(json.loads(line), load()) for line in lines]


def test_every_sample_file_belongs_to_a_log_source() -> None:
    assert {p.stem for p in HERE.glob("*.jsonl")} == {s.name for s in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_its_samples_are_recognised_dated_and_typed(source: LogSource) -> None:
    events = _events(source)
    assert events
    kinds = {"long": int, "double": float, "boolean": bool, "list": list}
    for event in events:
        assert event.source == source.name
        assert event.time is not None
        assert event.time.replace(microsecond=0) == MOMENT
        for name, value in event.values.items():
            declared = source.column(name)
            if declared and declared.type in kinds:
                assert type(value) is kinds[declared.type], name


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_it_is_complete(source: LogSource) -> None:
    assert source.title and source.detect and source.time and source.routes
    seen = {name for event in _events(source) for name in event.values}
    for role in (source.host, source.user, source.address):
        assert not role or seen & {*role}, f"no sample has {role}"
    for name in source.time:
        declared = source.column(name)
        assert declared and declared.type in ("timestamp", "string")


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_it_can_be_assumed(source: LogSource) -> None:
    lines = (HERE / f"{source.name}.jsonl").read_text(encoding="utf-8").splitlines()
    for line, event in zip(lines, _events(source), strict=True):
        assert shape_dict(json.loads(line), load(), source.name) == event
