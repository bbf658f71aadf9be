"""A pin reads the same rows after more was ingested and small files were merged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from undersign.catalogs.log_sources import LogSources
from undersign.errors import StorageError
from undersign.telemetry import compact
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
from undersign.telemetry.pins import name_of, pin, pinned
from undersign.telemetry.rows import row_groups
from undersign.telemetry.rows_digest import rows_digest

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _take(lake: Lake, number: int, **values: str) -> None:
    log = lake.root.parent / f"{number}.jsonl"
    log.parent.mkdir(exist_ok=True, parents=True)
    record = {"time": f"2024-05-01T10:00:{number:02}Z", **values}
    log.write_text(json.dumps(record) + "\n", encoding="utf-8")
    ingest([log], lake, LogSources(()), now=NOW)


def _rows(lake: Lake, pins: dict[str, int]) -> pa.Table:
    (table,) = pinned(lake, pins).values()
    names = {n: k for n, k in table.columns.items() if n in ("_time", "a")}
    return pa.concat_tables(g for file in table.files for g in row_groups(file, names))


def test_a_pin_outlives_ingests_and_compaction(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    for number in range(3):
        _take(lake, number, a=f"v{number}")
    pins = pin(lake)
    before, name = _rows(lake, pins), lake.snapshot()
    assert name_of(pins) == name
    files = {f.path for t in lake.tables().values() for f in t.files}
    for number in range(3, 3 + compact.MAX_SMALL + 2):
        _take(lake, number, a=f"v{number}", b="new column")
    assert not files & {f.path for t in lake.tables().values() for f in t.files}, "not compacted"
    again = Lake(tmp_path / "lake")
    assert rows_digest(_rows(again, pins)) == rows_digest(before)
    (then,), (now,) = pinned(again, pins).values(), again.tables().values()
    assert (then.rows, now.rows) == (3, 3 + compact.MAX_SMALL + 2)
    assert "b" not in then.columns
    assert pin(again) != pins


def test_a_snapshot_that_is_gone_is_said(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    _take(lake, 1, a="x")
    (name,) = lake.tables()
    with pytest.raises(StorageError, match="can no longer be read"):
        pinned(lake, {name: 42})
    with pytest.raises(StorageError, match="can no longer be read"):
        pinned(lake, {"nowhere": 42})
    Path(next(iter(lake.tables().values())).files[0].path).unlink()
    with pytest.raises(StorageError, match="lacks a file"):
        pinned(lake, pin(lake))


def test_digest_minds_values_and_not_their_order() -> None:
    one = pa.table({"a": [1, 2, None], "b": ["x", "y", ""]})
    other = pa.table({"a": [2, None, 1], "b": ["y", "", "x"]})
    assert rows_digest(one) == rows_digest(other)
    assert rows_digest(one, ordered=True) != rows_digest(other, ordered=True)
    assert rows_digest(one) != rows_digest(pa.table({"a": [1, 2, 2], "b": ["x", "y", ""]}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": [1]}, {"a": ["1"]}), ({"a": [1]}, {"b": [1]}), ({"a": [None]}, {"a": [""]}),
        ({"a": [True]}, {"a": [1]}), ({"a": ["x", "x"]}, {"a": ["x"]}),
        ({"a": ["x"], "b": ["y"]}, {"a": ["y"], "b": ["x"]}), ({"a": ['x","y']}, {"a": ["x"]}),
    ],
)  # fmt: skip
def test_digests_that_must_differ(one: dict, other: dict) -> None:
    assert rows_digest(pa.table(one)) != rows_digest(pa.table(other))


def test_engines_that_count_in_other_types_agree() -> None:
    whole = pa.table({"n": pa.array([Decimal(45)], pa.decimal128(38, 0))})
    assert rows_digest(whole) == rows_digest(pa.table({"n": [45]}))
    naive = pa.table({"t": pa.array([datetime(2026, 1, 1)], pa.timestamp("us"))})
    zoned = pa.table({"t": pa.array([NOW], pa.timestamp("us", tz="UTC"))})
    assert rows_digest(naive) == rows_digest(zoned)
