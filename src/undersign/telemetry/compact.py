"""Many small files of a table merged into few sorted ones; old snapshots keep the small ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from undersign.telemetry.columns import RESERVED_TYPES
from undersign.telemetry.commit import Batch, Change, commit
from undersign.telemetry.intake import unfinished
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import DataFile, Table
from undersign.telemetry.rows import open_file, readable
from undersign.telemetry.write import storage, write_sorted

SMALL_ROWS = 32_768
SMALL_BYTES = 16 << 20
"""Uncompressed bytes beyond which a file of few rows is not small: its rows are large."""
MAX_SMALL = 8
"""Small files a table may have before they are merged."""
MERGED_ROWS = 262_144
MERGED_BYTES = 160 << 20
"""Bytes in memory of the files that become one; on disk they may be next to nothing."""


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
            _write(lake, table, group, f"{batch}-{number:05}")
            for table, small in crowded
            for number, group in enumerate(_groups(table, small))
        ]
        if changes:
            with storage("cannot commit to", lake.root):
                commit(lake, Batch(batch, tuple(_joined(changes))))
    return tuple(changes)


def small_files(table: Table) -> list[DataFile]:
    """Return the files of a table that are worth merging, in order of time."""
    few = [file for file in table.files if file.rows < SMALL_ROWS]
    if len(few) <= MAX_SMALL:
        return []
    return [file for file in few if _uncompressed(file) < SMALL_BYTES]


@dataclass(slots=True)
class _Group:
    """Files that follow each other in time and become one, with what they hold."""

    files: list[DataFile] = field(default_factory=list)
    parts: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0

    def takes(self, part: pa.Table) -> bool:
        """Tell whether another file's rows still fit."""
        rows, size = self.rows + part.num_rows, self.bytes + part.nbytes
        return not self.files or (rows <= MERGED_ROWS and size <= MERGED_BYTES)

    def add(self, file: DataFile, part: pa.Table) -> None:
        """Take in one file."""
        self.files.append(file)
        self.parts.append(part)
        self.rows += part.num_rows
        self.bytes += part.nbytes


def _groups(table: Table, files: list[DataFile]) -> Iterator[_Group]:
    """Read files one by one and yield them in groups of two or more, each when it is full."""
    texts = [n for n, k in table.columns.items() if k == "string" and n not in RESERVED_TYPES]
    group = _Group()
    for file in files:
        with open_file(file, texts) as parquet, readable(file):
            part = parquet.read()
        if not group.takes(part):
            if len(group.files) > 1:
                yield group
            group = _Group()
        group.add(file, part)
    if len(group.files) > 1:
        yield group


def _uncompressed(file: DataFile) -> int:
    with open_file(file) as parquet:
        groups = range(parquet.num_row_groups)
        return sum(parquet.metadata.row_group(number).total_byte_size for number in groups)


def _write(lake: Lake, table: Table, group: _Group, name: str) -> Change:
    joined = pa.concat_tables(group.parts, promote_options="default")
    group.parts.clear()
    rows = joined.unify_dictionaries().combine_chunks()
    path = lake.data_folder(table.name) / f"{name}.parquet"
    with storage("cannot write", path):
        merged = write_sorted(rows, path)
    columns = {n: table.columns[n] for n in rows.column_names}
    return Change(table.name, columns, (merged,), tuple(f.path for f in group.files))


def _joined(changes: list[Change]) -> Iterator[Change]:
    """Yield one change a table."""
    for name in dict.fromkeys(change.table for change in changes):
        own = [change for change in changes if change.table == name]
        columns = {c: k for change in own for c, k in change.columns.items()}
        add = tuple(file for change in own for file in change.add)
        yield Change(name, columns, add, tuple(p for change in own for p in change.remove))
