"""The lake is plain Iceberg: other engines read and write it, reading needs no library of it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog.sql import SqlCatalog

from undersign.catalogs.log_sources import LogSources
from undersign.errors import StorageError
from undersign.telemetry import plan
from undersign.telemetry.commit import CATALOG_NAME
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
from undersign.telemetry.profile import cached_schema, schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINES = [{"time": f"2024-05-01T10:00:{n:02}Z", "n": str(n), "tags": ["a", "b"]} for n in range(9)]


def take(lake: Lake, records: list[dict[str, Any]], name: str = "a.jsonl") -> Path:
    log = lake.root.parent / name
    log.parent.mkdir(exist_ok=True, parents=True)
    log.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    ingest([log], lake, LogSources(()), now=NOW)
    return log


def rows(lake: Lake) -> list[dict[str, Any]]:
    return [row for group in lake.rows("generic") for row in group.to_pylist()]


def foreign(lake: Lake) -> Any:
    catalog = SqlCatalog(CATALOG_NAME, uri=f"sqlite:///{lake.catalog}", warehouse=str(lake.root))
    return catalog.load_table(("logs", "generic"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "state" / "lake")
    take(lake, LINES)
    return lake


def test_an_iceberg_engine_reads_the_same_rows_and_prunes_by_time(lake: Lake) -> None:
    take(lake, [{"time": "2025-01-01T00:00:00Z", "other": "x"}], "b.jsonl")
    table = foreign(lake)
    read = table.scan().to_arrow().sort_by("_time").to_pylist()
    assert read == rows(lake)
    late = table.scan(row_filter="_time > '2024-06-01T00:00:00+00:00'")
    assert len(list(late.plan_files())) == 1
    assert table.sort_order().fields


def test_an_earlier_snapshot_stays_readable(lake: Lake) -> None:
    before = foreign(lake).current_snapshot().snapshot_id
    take(lake, [{"n": "new"}], "b.jsonl")
    assert foreign(lake).scan(snapshot_id=before).to_arrow().num_rows == 9
    assert foreign(lake).scan().to_arrow().num_rows == 10


def test_what_another_engine_wrote_is_seen_and_never_taken_for_ours(lake: Lake) -> None:
    state = lake.snapshot()
    foreign(lake).delete("n == '3'")
    assert [r["n"] for r in rows(lake)] == [str(n) for n in range(9) if n != 3]
    assert lake.snapshot() != state
    assert cached_schema(lake) is None
    assert schema(lake).tables["generic"].rows == 8
    take(lake, LINES)
    assert sorted(r["n"] for r in rows(lake)) == [str(n) for n in range(9)]


def test_reading_imports_neither_iceberg_nor_arrow(lake: Lake) -> None:
    program = (
        "import sys; from pathlib import Path; from undersign.telemetry.lake import Lake;"
        f"lake = Lake(Path({str(lake.root)!r})); assert lake.tables()['generic'].rows == 9;"
        f"assert lake.snapshot() == {lake.snapshot()!r};"
        "assert not {'pyarrow', 'numpy', 'pyiceberg', 'sqlalchemy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_its_plan_the_lake_is_planned_anew(lake: Lake) -> None:
    before = lake.tables()
    (lake.root / "plan.json").write_text("{}", encoding="utf-8")
    assert Lake(lake.root).tables() == before


def test_without_its_catalog_the_lake_is_read_and_mended(lake: Lake) -> None:
    lake.catalog.unlink()
    assert len(rows(Lake(lake.root))) == 9
    take(lake, [{"n": "new"}], "b.jsonl")
    assert len(rows(Lake(lake.root))) == 10
    assert foreign(lake).scan().to_arrow().num_rows == 10


def test_damage_is_said_in_one_line(lake: Lake) -> None:
    file = Path(lake.tables()["generic"].files[0].path)
    file.write_bytes(b"PAR1 no more")
    with pytest.raises(StorageError, match="cannot be read"):
        rows(lake)
    lake.catalog.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match=r"catalog\.db cannot be read"):
        Lake(lake.root).tables()


def test_a_kill_inside_the_catalogs_own_commit_is_rolled_back(lake: Lake) -> None:
    before = rows(lake)
    leave_hot_journal(lake.catalog)
    assert rows(Lake(lake.root)) == before
    take(lake, [{"time": "2025-01-01T00:00:00Z"}], "b.jsonl")
    assert len(rows(lake)) == len(before) + 1


def leave_hot_journal(database: Path) -> None:
    """Leave what a process leaves that is killed while SQLite writes its pages."""
    journal = database.with_name(f"{database.name}-journal")
    writer = sqlite3.connect(database, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("CREATE TABLE half (x)")
    writer.executemany("INSERT INTO half VALUES (?)", [("y" * 900,)] * 1000)
    killed = {path: path.read_bytes() for path in (database, journal)}
    writer.execute("ROLLBACK")
    writer.close()
    for path, content in killed.items():
        path.write_bytes(content)


def test_a_lake_reached_through_a_link_was_not_moved(tmp_path: Path, lake: Lake) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root.parent)
    earlier = foreign(lake).current_snapshot().snapshot_id
    take(Lake(link / "lake"), [{"time": "2025-01-01T00:00:00Z"}], "b.jsonl")
    assert foreign(lake).snapshot_by_id(earlier) is not None
    assert len(rows(lake)) == len(LINES) + 1


def test_without_its_plan_a_read_only_lake_is_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(lake)
    (lake.root / plan.PLAN_FILE).unlink()

    def read_only(*_: Any) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(plan, "replace_file", read_only)
    assert rows(Lake(lake.root)) == before


def test_an_empty_lake_has_no_tables(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "nothing")
    assert (lake.tables(), lake.event("0" * 24), cached_schema(lake)) == ({}, None, None)
    assert not lake.root.exists()
