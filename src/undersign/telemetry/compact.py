"""Many small files of a table merged into few sorted ones; old snapshots keep the small ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from undersign.telemetry.columns import RESERVED_TYPES
from undersign.telemetry.commit import Batch, Change, commit
from undersign.telemetry.intake import unfinished
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import DataFile, Table
from undersign.telemetry.rows import open_file
from undersign.telemetry.write import storage, write_sorted

SMALL_ROWS = 32_768
SMALL_BYTES = 16 << 20
MAX_SMALL = 8
"""Small files a table may have before they are merged."""
MERGED_ROWS = 262_144
MERGED_BYTES = 64 << 20
"""Bytes on disk of the files that become one: what it takes in memory is some times that."""


def compact(lake: Lake, batch: str) -> tuple[Change, ...]:
    """Merge the small files of every table that has too many; returns what was replaced.

    The caller holds the lake's lock. A kill leaves the old files or the new ones in place.

    Raises:
        StorageError: A file is damaged or the lake cannot be written; nothing is changed then.
    """
    crowded = [(table, small_files(table)) for table in lake.tables().values()]
    crowded = [(table, small) for table, small in crowded if len(small) > MAX_SMALL]
    if not crowded:
        return ()
    with unfinished(lake, batch):
        changes = [
            _merge(lake, table, group, f"{batch}-{number:05}")
            for table, small in crowded
            for number, group in enumerate(_groups(small))
            if len(group) > 1
        ]
        with storage("cannot commit to", lake.root):
            commit(lake, Batch(batch, tuple(_joined(changes))))
    return tuple(changes)


def small_files(table: Table) -> list[DataFile]:
    """Return the files of a table that are worth merging, in order of time."""
    return [f for f in table.files if f.rows < SMALL_ROWS]


def _groups(files: list[DataFile]) -> Iterator[list[DataFile]]:
    """Cut files that follow each other in time into groups that become one file each."""
    group: list[DataFile] = []
    rows = size = 0
    for file in files:
        grown = Path(file.path).stat().st_size
        if group and (rows + file.rows > MERGED_ROWS or size + grown > MERGED_BYTES):
            yield group
            group, rows, size = [], 0, 0
        group.append(file)
        rows += file.rows
        size += grown
    if group:
        yield group


def _merge(lake: Lake, table: Table, files: list[DataFile], name: str) -> Change:
    texts = [n for n, k in table.columns.items() if k == "string" and n not in RESERVED_TYPES]
    parts: list[pa.Table] = []
    for file in files:
        with open_file(file, texts) as parquet:
            parts.append(parquet.read())
    joined = pa.concat_tables(parts, promote_options="default")
    rows = joined.unify_dictionaries().combine_chunks()
    path = lake.data_folder(table.name) / f"{name}.parquet"
    with storage("cannot write", path):
        merged = write_sorted(rows, path)
    columns = {n: table.columns[n] for n in rows.column_names}
    return Change(table.name, columns, (merged,), tuple(f.path for f in files))


def _joined(changes: list[Change]) -> Iterator[Change]:
    """Yield one change a table."""
    for name in dict.fromkeys(change.table for change in changes):
        own = [change for change in changes if change.table == name]
        columns = {c: k for change in own for c, k in change.columns.items()}
        add = tuple(file for change in own for file in change.add)
        yield Change(name, columns, add, tuple(p for change in own for p in change.remove))
