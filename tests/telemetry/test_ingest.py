"""What goes into the lake: every line once, counted, typed, or refused with its place."""

from __future__ import annotations

import errno
import gzip
import json
import os
import resource
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from undersign.catalogs.log_sources import Field, LogSource, LogSources
from undersign.errors import BadInput, StorageError
from undersign.telemetry import columns, commit, compact, staging
from undersign.telemetry.ingest import IngestReport, ingest
from undersign.telemetry.lake import Lake

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP = LogSource(
    name="shop",
    title="A shop",
    family="flat",
    detect=({"Till": ("*",)},),
    time=("When",),
    time_zone="UTC",
    host=(),
    user=(),
    address=(),
    fields={
        f.name: f
        for f in (
            Field("Till"),
            Field("When", "timestamp"),
            Field("Sum", "long"),
            Field("Tags", "list"),
        )
    },
    routes=(),
)
SOURCES = LogSources((SHOP,))


def sale(second: int, **more: Any) -> dict[str, Any]:
    return {"Till": "1", "When": f"2024-05-01T10:{second // 60:02}:{second % 60:02}Z", **more}


def write_log(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def take(lake: Lake, *paths: Path) -> IngestReport:
    return ingest(paths, lake, SOURCES, now=NOW)


def rows(lake: Lake, table: str = "shop") -> list[dict[str, Any]]:
    return [row for group in lake.rows(table) for row in group.to_pylist()]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "state" / "lake")


def test_rows_and_rejects_together_are_the_lines(tmp_path: Path, lake: Lake) -> None:
    log = tmp_path / "a.jsonl"
    lines = [json.dumps(sale(1)), "{not json", json.dumps(sale(2)), json.dumps(sale(3, Sum="many"))]
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = take(lake, log).document()
    assert report["tables"] == [{"name": "shop", "rows": 2, "source": "shop"}]
    assert [(r["path"], r["line"]) for r in report["rejected"]] == [(str(log), 2), (str(log), 4)]
    assert report["rejected_total"] == 2
    kept = [json.loads(t) for t in Path(report["rejects_file"]).read_text().splitlines()]
    assert [k["line"] for k in kept] == [2, 4] and kept[1]["raw"] == lines[3]
    assert report["snapshot"] == lake.snapshot()


def test_the_same_events_again_add_nothing_and_are_counted(tmp_path: Path, lake: Lake) -> None:
    records = [sale(n) for n in range(20)]
    log = write_log(tmp_path / "a.jsonl", records)
    assert sum(t.rows for t in take(lake, log).tables) == 20
    state = lake.snapshot()
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    for again in (log, packed):
        report = take(lake, again)
        assert (report.tables, report.duplicates, report.snapshot) == ((), 20, state)
    overlapping = write_log(tmp_path / "c.jsonl", [sale(n) for n in range(15, 25)])
    report = take(lake, overlapping)
    assert (report.tables[0].rows, report.duplicates) == (5, 5)
    assert lake.tables()["shop"].rows == 25


def test_overlapping_files_of_one_call_count_once(tmp_path: Path, lake: Lake) -> None:
    folder = tmp_path / "logs"
    (folder / ".hidden").mkdir(parents=True)
    write_log(folder / "a.jsonl", [sale(n) for n in range(10)])
    write_log(folder / "b.jsonl", [sale(n) for n in range(5, 15)])
    write_log(folder / ".hidden" / "c.jsonl", [sale(50)])
    report = take(lake, folder)
    assert (report.tables[0].rows, report.duplicates) == (15, 5)


def test_identical_lines_of_one_file_are_all_kept(tmp_path: Path, lake: Lake) -> None:
    log = write_log(tmp_path / "a.jsonl", [sale(1)] * 3 + [{"no": "time"}] * 2)
    assert {t.name: t.rows for t in take(lake, log).tables} == {"shop": 3, "generic": 2}
    more = write_log(tmp_path / "b.jsonl", [sale(1)] * 5 + [{"no": "time"}])
    report = take(lake, more)
    assert (report.tables[0].rows, report.duplicates) == (2, 4)


def test_files_follow_the_limits_and_nothing_is_lost(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH_EVENTS", 7)
    monkeypatch.setattr(staging, "MAX_HELD", 1)
    monkeypatch.setattr(compact, "MAX_SMALL", 10**6)
    log = write_log(tmp_path / "a.jsonl", [sale(n % 50, Row=n) for n in range(100)] * 2)
    take(lake, log)
    assert len(lake.tables()["shop"].files) == 29
    assert sorted(int(r["_line"]) for r in rows(lake)) == list(range(1, 201))
    assert take(lake, log).duplicates == 200


def test_names_meet_without_case_and_keep_one_spelling(tmp_path: Path, lake: Lake) -> None:
    take(lake, write_log(tmp_path / "a.jsonl", [sale(1, sUM=4, Colour="red")]))
    take(lake, write_log(tmp_path / "b.jsonl", [sale(2, SUM=5, COLOUR="blue")]))
    assert [(r["Sum"], r["Colour"]) for r in rows(lake)] == [(4, "red"), (5, "blue")]
    assert lake.tables()["shop"].column("colour") == "Colour"


def test_many_values_go_to_the_list_companion(tmp_path: Path, lake: Lake) -> None:
    records = [sale(1, Item="a"), sale(2, Item=["b", "c"]), sale(3, Tags=["x"]), sale(4, Tags="y")]
    take(lake, write_log(tmp_path / "a.jsonl", records))
    table = lake.tables()["shop"]
    assert (table.columns["Item"], table.columns["Item_list"]) == ("string", "list")
    got = [(r["Item"], r["Item_list"], r["Tags"]) for r in rows(lake)]
    assert got == [
        ("a", None, None),
        (None, ["b", "c"], None),
        (None, None, ["x"]),
        (None, None, ["y"]),
    ]


def test_fields_beyond_the_cap_are_kept_in_more(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    capped = columns.ColumnNames.__init__
    monkeypatch.setattr(capped, "__defaults__", (9,))
    take(lake, write_log(tmp_path / "a.jsonl", [sale(1, a="1", b="2", c="3"), sale(2, a="4")]))
    names = list(lake.tables()["shop"].columns)
    assert "a" in names and "c" not in names and names[-1] == "_more"
    first, second = rows(lake)
    assert json.loads(first["_more"]) == {"c": "3"} and second["_more"] is None


def test_rows_are_sorted_by_time_undated_last(tmp_path: Path, lake: Lake) -> None:
    records = [sale(9), {"Till": "7"}, sale(3), sale(5)]
    take(lake, write_log(tmp_path / "a.jsonl", records))
    table = lake.tables()["shop"]
    seconds = [r["_time"] and r["_time"].second for r in rows(lake)]
    assert seconds == [3, 5, 9, None]
    assert (table.first, table.last) == (
        datetime(2024, 5, 1, 10, 0, 3, tzinfo=UTC),
        datetime(2024, 5, 1, 10, 0, 9, tzinfo=UTC),
    )
    assert table.files[0].undated == 1


def test_an_event_is_found_by_its_id(tmp_path: Path, lake: Lake) -> None:
    log = write_log(tmp_path / "a.jsonl", [sale(1, Sum=3), sale(2)])
    take(lake, log)
    event_id = rows(lake)[0]["_id"]
    event = lake.event(event_id)
    assert event is not None
    assert (event["_table"], event["Sum"], event["_line"]) == ("shop", 3, 1)
    assert json.loads(event["_raw"]) == sale(1, Sum=3)
    assert lake.event("0" * 24) is None


def test_many_small_files_are_merged_and_old_snapshots_stay(tmp_path: Path, lake: Lake) -> None:
    for day in range(9):
        take(lake, write_log(tmp_path / f"{day}.jsonl", [sale(day), {"n": str(day)}]))
    tables = lake.tables()
    assert {name: len(t.files) for name, t in tables.items()} == {"shop": 1, "generic": 1}
    assert [r["_time"].second for r in rows(lake)] == list(range(9))
    assert len(list(lake.data_folder("shop").iterdir())) == 10
    again = take(lake, *(tmp_path / f"{day}.jsonl" for day in range(9)))
    assert (again.tables, again.duplicates) == ((), 18)


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_kept(
    tmp_path: Path, lake: Lake
) -> None:
    log = write_log(tmp_path / "a.jsonl", [sale(1)])
    report = take(lake, log, tmp_path / "missing.jsonl")
    assert [(r.line, r.path) for r in report.rejected] == [(0, str(tmp_path / "missing.jsonl"))]
    with pytest.raises(BadInput, match="missing"):
        take(lake, tmp_path / "missing.jsonl")


def test_a_full_disk_leaves_the_lake_as_it_was(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(lake, write_log(tmp_path / "a.jsonl", [sale(1)]))
    state, files = lake.snapshot(), sorted(lake.root.glob("*/*/data/*"))
    with monkeypatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_table", full_disk)
        with pytest.raises(StorageError, match="the disk is full"):
            take(lake, write_log(tmp_path / "b.jsonl", [sale(2)]))
    assert Lake(lake.root).snapshot() == state
    assert sorted(lake.root.glob("*/*/data/*")) == files
    assert not list(lake.root.parent.glob("rejects/*"))


def test_a_disk_that_fills_during_the_commit_shows_the_old_state_until_there_is_room(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(lake, write_log(tmp_path / "a.jsonl", [sale(1)]))
    state = lake.snapshot()
    log = write_log(tmp_path / "b.jsonl", [sale(2), {"no": "table"}])
    with monkeypatch.context() as patch:
        patch.setattr(commit, "write_plan", full_disk)
        with pytest.raises(StorageError, match="the disk is full"):
            take(lake, log)
    assert Lake(lake.root).snapshot() == state and "generic" not in Lake(lake.root).tables()
    assert take(lake, log).duplicates == 2
    assert {name: t.rows for name, t in lake.tables().items()} == {"shop": 2, "generic": 1}


def full_disk(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_size_limit_is_one_clear_line(tmp_path: Path, lake: Lake) -> None:
    records = [sale(n, Note=os.urandom(400).hex()) for n in range(60)]
    log = write_log(tmp_path / "a.jsonl", records)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, hard))
    try:
        with pytest.raises(StorageError, match="over the size limit of this process"):
            take(lake, log)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert lake.tables() == {} and not list(lake.root.glob("*/*/data/*"))
    assert take(lake, log).tables[0].rows == 60


def test_a_second_writer_waits_and_then_gives_up(tmp_path: Path, lake: Lake) -> None:
    from undersign.telemetry.intake import writing

    with (
        writing(lake),
        pytest.raises(StorageError, match="another process is writing"),
        writing(Lake(lake.root), patience=0.2),
    ):
        pytest.fail("two writers at once")


def test_a_moved_lake_is_read_at_once_and_written_again(tmp_path: Path, lake: Lake) -> None:
    take(lake, write_log(tmp_path / "a.jsonl", [sale(1)]))
    moved = Lake(tmp_path / "elsewhere" / "lake")
    moved.root.parent.mkdir()
    lake.root.rename(moved.root)
    assert [r["_line"] for r in rows(moved)] == [1]
    report = take(moved, write_log(tmp_path / "b.jsonl", [sale(1), sale(2)]))
    assert (report.tables[0].rows, report.duplicates) == (1, 1)
    assert [r["_time"].second for r in rows(Lake(moved.root))] == [1, 2]
