"""Small files are merged whatever their columns, and never more of them than memory holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from undersign.catalogs.log_sources import LogSources
from undersign.errors import StorageError
from undersign.telemetry import compact
from undersign.telemetry.ingest import IngestReport, ingest
from undersign.telemetry.intake import writing
from undersign.telemetry.lake import Lake

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def take(lake: Lake, number: int, **values: Any) -> IngestReport:
    log = lake.root.parent / f"{number}.jsonl"
    log.parent.mkdir(exist_ok=True, parents=True)
    record = {"time": f"2024-05-01T10:00:{number:02}Z", **values}
    log.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return ingest([log], lake, LogSources(()), now=NOW)


def sizes(lake: Lake) -> list[int]:
    return [file.rows for file in lake.tables()["generic"].files]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "state" / "lake")


def test_files_of_different_columns_are_merged(lake: Lake) -> None:
    for number in range(9):
        take(lake, number, **{f"field{number}": "x", "many": ["a", str(number)]})
    assert sizes(lake) == [9]
    merged = [row for group in lake.rows("generic") for row in group.to_pylist()]
    for number, row in enumerate(merged):
        filled = {name for name, value in row.items() if name.startswith("field") and value}
        assert (filled, row["many_list"]) == ({f"field{number}"}, ["a", str(number)])


def test_a_merged_file_holds_no_more_than_memory_may(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On disk such texts are next to nothing; what counts is what they are in memory.
    monkeypatch.setattr(compact, "MERGED_BYTES", 100_000)
    for number in range(9):
        take(lake, number, pad=str(number) + "A" * 20_000)
    assert max(sizes(lake)) == 2
    assert sum(sizes(lake)) == 9


def test_files_of_few_large_rows_are_left_alone(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "SMALL_BYTES", 10_000)
    for number in range(10):
        take(lake, number, pad=str(number) + "A" * 20_000)
    assert sizes(lake) == [1] * 10


def test_a_damaged_file_is_said_and_nothing_changes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(compact, "MAX_SMALL", 99)
        for number in range(9):
            take(lake, number, n="x")
    victim = Path(lake.tables()["generic"].files[4].path)
    start = pq.ParquetFile(victim).metadata.row_group(0).column(0).file_offset
    content = bytearray(victim.read_bytes())
    content[4 : 4 + 60] = b"\xff" * 60
    assert start < 64
    victim.write_bytes(content)
    state = lake.snapshot()
    with writing(lake), pytest.raises(StorageError, match="cannot be read"):
        compact.compact(lake, "again")
    assert Lake(lake.root).snapshot() == state
    assert not list(lake.data_folder("generic").glob("again-*"))
