"""Events in memory lie exactly as an ingest would lay them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from undersign.catalogs.log_sources import load
from undersign.errors import BadInput
from undersign.records.event import Event
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
from undersign.telemetry.memory import in_memory
from undersign.telemetry.readers import read
from undersign.telemetry.shape import shape

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_memory_and_lake_hold_the_same(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    trail = {
        "eventVersion": "1.08",
        "eventTime": "2024-01-01T01:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "awsRegion": "us-east-1",
        "eventID": "1",
        "readOnly": False,
    }
    records = [{"b": ["x", "y"], "n": 1.5}, trail, {"timestamp": "2024-01-01T00:00:00Z"}, trail]
    log.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    sources = load()
    lake = Lake(tmp_path / "state" / "lake")
    ingest([log], lake, sources, now=NOW)
    events = [e for e in (shape(r, sources) for r in read(log)) if isinstance(e, Event)]
    held = in_memory(events, sources, origin=str(log))
    assert set(held) == set(lake.tables())
    for name, table in held.items():
        kept = pa.concat_tables(lake.rows(name))
        assert table.to_pylist() == kept.select(table.column_names).to_pylist()
        assert set(table.column_names) == set(kept.column_names)


def test_a_value_of_another_type_is_refused_with_its_line() -> None:
    sources = load()
    source, column = next(
        (s.name, f.name) for s in sources.sources for f in s.fields.values() if f.type == "long"
    )
    with pytest.raises(BadInput, match=rf"^a.log:7: field {column}"):
        in_memory([Event(source, None, {column: "many"}, 7, "raw")], sources, origin="a.log")
