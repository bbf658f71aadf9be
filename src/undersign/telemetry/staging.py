"""Events gathered into sorted Parquet files that nobody sees yet, in bounded memory.

Python rows become Arrow columns every BATCH_EVENTS events or BATCH_CHARACTERS of raw text; columns
become a file once all tables together hold MAX_HELD bytes. Whatever the lake or an earlier file of
the same ingest already holds is dropped just before a file is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from undersign.catalogs.log_sources import LogSources
from undersign.records.event import Event
from undersign.telemetry.columns import ColumnNames, Rows, declared_types
from undersign.telemetry.commit import Change
from undersign.telemetry.event_ids import FileIds
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import DataFile
from undersign.telemetry.plan import moment
from undersign.telemetry.rows import open_file
from undersign.telemetry.write import storage, write_sorted

BATCH_EVENTS = 50_000
BATCH_CHARACTERS = 48 << 20
MAX_HELD = 160 << 20
"""Bytes of Arrow columns held before the largest table is written to a file."""


class StagedTable:
    """What one ingest adds to one table."""

    def __init__(self, name: str, known: Mapping[str, str], declared: Mapping[str, str]) -> None:
        self.name = name
        self.names = ColumnNames(known, declared)
        self.rows = Rows(self.names)
        self.ids: list[str] = []
        self.chunks: list[pa.Table] = []
        self.files: list[DataFile] = []
        self.columns: dict[str, str] = {}
        """Columns of the files written, with their types."""

    def to_columns(self) -> None:
        """Turn the Python rows into Arrow columns."""
        if self.ids:
            self.chunks.append(self.rows.table(self.ids))
            self.rows, self.ids = Rows(self.names), []

    def held(self) -> int:
        """Return the bytes of the Arrow columns held."""
        return sum(chunk.nbytes for chunk in self.chunks)

    def take(self) -> pa.Table:
        """Return all columns held as one table and hold none."""
        chunks, self.chunks = self.chunks, []
        joined = pa.concat_tables(chunks, promote_options="default")
        return joined.unify_dictionaries().combine_chunks()

    def written(self, file: DataFile, columns: Iterable[str]) -> None:
        """Note a file that was written with these columns."""
        self.files.append(file)
        self.columns |= {name: self.names.types[name] for name in columns}


class Staging:
    """Everything one ingest adds, under file names that begin with its batch id."""

    def __init__(self, lake: Lake, sources: LogSources, batch: str) -> None:
        self.duplicates = 0
        self.events = 0
        self._lake = lake
        self._held = lake.tables()
        self._sources = sources
        self._batch = batch
        self._tables: dict[str, StagedTable] = {}
        self._file_ids = FileIds()
        self._raws: list[str] = []
        self._owners: list[StagedTable] = []
        self._waiting = self._characters = self._files = 0

    def add(self, event: Event, origin: str) -> None:
        """Add one event of the file `origin`.

        Raises:
            DoesNotFit: A value is not of its column's type; nothing of the event is kept.
            StorageError: A file cannot be written.
        """
        table = self._tables.get(event.source) or self._table(event.source)
        table.rows.add(event, origin)
        self._raws.append(event.raw)
        self._owners.append(table)
        self.events += 1
        self._waiting += 1
        self._characters += len(event.raw)
        if self._waiting >= BATCH_EVENTS or self._characters >= BATCH_CHARACTERS:
            self._to_columns()

    def end_file(self) -> None:
        """Note that the next event comes from another file."""
        self._number()
        self._file_ids = FileIds()

    def finish(self) -> tuple[Change, ...]:
        """Write what is left and return what is to be committed.

        Raises:
            StorageError: A file cannot be written.
        """
        self._to_columns()
        for table in self._tables.values():
            self._flush(table)
        return tuple(
            Change(t.name, t.columns, tuple(t.files)) for t in self._tables.values() if t.files
        )

    def _table(self, name: str) -> StagedTable:
        held = self._held.get(name)
        declared = declared_types(self._sources, name)
        self._tables[name] = StagedTable(name, held.columns if held else {}, declared)
        return self._tables[name]

    def _number(self) -> None:
        """Give their ids to the events of this file that have none yet."""
        for owner, name in zip(self._owners, self._file_ids.ids(self._raws), strict=True):
            owner.ids.append(name)
        self._raws, self._owners = [], []

    def _to_columns(self) -> None:
        self._number()
        self._waiting = self._characters = 0
        for table in self._tables.values():
            table.to_columns()
        while sum(t.held() for t in self._tables.values()) > MAX_HELD:
            self._flush(max(self._tables.values(), key=StagedTable.held))

    def _flush(self, staged: StagedTable) -> None:
        if not staged.chunks:
            return
        rows = staged.take()
        held = self._held.get(staged.name)
        fresh = new_rows(rows, [*(held.files if held else ()), *staged.files])
        self.duplicates += rows.num_rows - fresh.num_rows
        if not fresh.num_rows:
            return
        self._files += 1
        path = self._lake.data_folder(staged.name) / f"{self._batch}-{self._files:05}.parquet"
        with storage("cannot write", path):
            staged.written(write_sorted(fresh, path), fresh.column_names)


def new_rows(rows: pa.Table, files: Iterable[DataFile]) -> pa.Table:
    """Return the rows whose id comes first here and is in none of the files."""
    ids = rows["_id"].combine_chunks()
    firsts = np.unique(_numbers(ids), return_index=True)[1]
    keep = np.zeros(len(ids), dtype=bool)
    keep[firsts] = True
    for known in _known_ids(rows, files):
        keep &= ~pc.is_in(ids, value_set=known).to_numpy(zero_copy_only=False)
    return rows if keep.all() else rows.filter(pa.array(keep))


def _numbers(ids: pa.Array[Any]) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    """Return ids as fixed-width bytes, which sort and compare quickly."""
    numbers: np.ndarray[tuple[int], np.dtype[np.bytes_]] = np.array(ids.to_pylist(), dtype="S24")
    return numbers


def _known_ids(rows: pa.Table, files: Iterable[DataFile]) -> Iterator[pa.ChunkedArray[Any]]:
    """Yield the ids of every file that can hold one of the rows, by its time range."""
    bounds: Any = pc.min_max(rows["_time"].cast(pa.int64())).as_py()
    first, last = moment(bounds["min"]), moment(bounds["max"])
    undated = rows["_time"].null_count > 0
    for file in files:
        overlaps = (
            first is not None
            and last is not None
            and file.first is not None
            and file.last is not None
            and file.first <= last
            and first <= file.last
        )
        if overlaps or (undated and file.undated):
            with open_file(file) as parquet:
                yield parquet.read(columns=["_id"])["_id"]
