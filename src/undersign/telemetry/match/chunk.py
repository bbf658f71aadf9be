"""Chunks: pieces of a table that fit in memory, whose columns are read when somebody asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undersign.errors import StorageError
from undersign.records.event import RESERVED_COLUMNS
from undersign.telemetry.layout import LIST_SUFFIX, DataFile, Table
from undersign.telemetry.match.column import Column, encode
from undersign.telemetry.match.sets import Ids, everything

if TYPE_CHECKING:
    import pyarrow as pa

UNDATED = np.iinfo(np.int64).min
"""Stands for the time of an event that has none."""
_HIDDEN = frozenset((*RESERVED_COLUMNS, "_more"))
_SMALL = 64 * 1024
"""Bytes of a column chunk up to which columns are read together."""
_TOGETHER = 64
CACHE_BYTES = 768 * 1024 * 1024


class ColumnCache:
    """Recently used columns, up to so many bytes; the least recently used go first."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[object, ...], tuple[Column, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[object, ...]) -> Column | None:
        """Return a column kept under this key."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def put(self, key: tuple[object, ...], column: Column) -> None:
        """Keep a column, and let go of old ones."""
        weight = column.weight
        if weight > self._limit // 4:
            return
        self._held[key] = (column, weight)
        self._bytes += weight
        while self._bytes > self._limit:
            _, (_, gone) = self._held.popitem(last=False)
            self._bytes -= gone


@dataclass(frozen=True, slots=True)
class Within:
    """The part of history to look at; None is open. Half-open: `since` <= time < `until`."""

    since: datetime | None = None
    until: datetime | None = None

    def keeps(self, file: DataFile) -> bool:
        """Say whether a file may hold events of this part."""
        if self.since is None and self.until is None:
            return True
        if file.first is None or file.last is None:
            return False
        return not (
            (self.since and file.last < self.since) or (self.until and file.first >= self.until)
        )

    @property
    def open(self) -> bool:
        """Whether all of history is meant."""
        return self.since is None and self.until is None


class Chunk:
    """Some rows of one table."""

    def __init__(self, table: Table, rows: int, cache: ColumnCache | None = None) -> None:
        self.table = table
        self.size = rows
        self._cache = cache
        self._columns: dict[str, Column | None] = {}
        self._names = {n.lower(): n for n in table.columns if n not in _HIDDEN}

    def read(self, name: str) -> Any:
        """Return a column of this real name as an Arrow array, or None when it is not here."""
        raise StorageError(f"{self.table.name} cannot be read")

    def expect_all(self) -> None:
        """Get ready to be asked for most columns, as a large rule set does."""

    @property
    def key(self) -> tuple[object, ...]:
        """Name this chunk for the cache."""
        return (id(self),)

    def column(self, name: str) -> Column | None:
        """Return the encoded column of this name, compared without case; None when absent."""
        real = self._names.get(name.lower())
        if real is None:
            return None
        if real not in self._columns:
            self._columns[real] = self._encoded(real)
        return self._columns[real]

    def _encoded(self, real: str) -> Column | None:
        key = (*self.key, real)
        kept = self._cache.get(key) if self._cache else None
        if kept is not None:
            return kept
        array: Any = self.read(real)
        companion = self._names.get((real + LIST_SUFFIX).lower())
        lists: Any = self.read(companion) if companion else None
        if array is None and lists is None:
            return None
        column = encode(lists if array is None else array, None if array is None else lists)
        if self._cache:
            self._cache.put(key, column)
        return column

    @property
    def searchable(self) -> tuple[str, ...]:
        """Every column that a keyword may stand in: all but our own."""
        names = self.table.columns
        return tuple(
            n
            for n in self._names.values()
            if not (n.endswith(LIST_SUFFIX) and n.removesuffix(LIST_SUFFIX) in names)
        )

    @cached_property
    def times(self) -> NDArray[np.int64]:
        """Microseconds since 1970 UTC per row; UNDATED where there is no time."""
        import pyarrow as pa

        array = self.read("_time")
        values = array.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).fill_null(int(UNDATED))
        return np.asarray(values.to_numpy())

    def texts(self, name: str, rows: Ids) -> list[str | None]:
        """Return one of our own text columns (`_id`, `_raw`) at these rows."""
        import pyarrow as pa

        array = self.read(name)
        found: list[str | None] = array.take(pa.array(rows)).to_pylist()
        return found

    def within(self, part: Within) -> Ids:
        """Return the rows that lie in this part of history."""
        if part.open:
            return everything(self.size)
        keep = self.times != UNDATED
        if part.since:
            keep &= self.times >= _micros(part.since)
        if part.until:
            keep &= self.times < _micros(part.until)
        return np.flatnonzero(keep).astype(np.int32)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


class MemoryChunk(Chunk):
    """A chunk that is an Arrow table."""

    def __init__(self, table: Table, data: pa.Table) -> None:
        super().__init__(table, data.num_rows)
        self._data = data

    def read(self, name: str) -> Any:
        """Return a column, or None."""
        return self._data[name] if name in self._data.column_names else None


class FileChunk(Chunk):
    """One row group of a Parquet file."""

    def __init__(self, table: Table, file: _OpenFile, group: int, cache: ColumnCache) -> None:
        super().__init__(table, file.rows(group), cache)
        self._file = file
        self._group = group
        self._ready: dict[str, Any] = {}

    def expect_all(self) -> None:
        """Read the small columns together: one by one, the reading costs more than the data."""
        names = [
            n
            for n in self._names.values()
            if not (self._cache and self._cache.get((*self.key, n)) is not None)
        ]
        self._ready = self._file.read_small(self._group, names)

    @property
    def key(self) -> tuple[object, ...]:
        """Files never change once written, so path and row group name the rows for good."""
        return (self._file.path, self._group)

    def read(self, name: str) -> Any:
        """Read one column of the row group, text as a dictionary."""
        if name in self._ready:
            return self._ready.pop(name)
        return self._file.read(self._group, name)


class _OpenFile:
    def __init__(self, path: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = path
        try:
            self._file = pq.ParquetFile(path, memory_map=True)
        except (OSError, pa.ArrowInvalid) as error:
            raise StorageError(f"{path}: cannot be read: {error}") from error
        self._names = {f.name: f for f in self._file.schema_arrow}

    @property
    def groups(self) -> int:
        return int(self._file.num_row_groups)

    def rows(self, group: int) -> int:
        return int(self._file.metadata.row_group(group).num_rows)

    @cached_property
    def _dictionaries(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        texts = [n for n, f in self._names.items() if pa.types.is_string(f.type)]
        wanted = [n for n in texts if n not in ("_id", "_raw")]
        return pq.ParquetFile(self.path, memory_map=True, read_dictionary=wanted)

    def read(self, group: int, name: str) -> Any:
        """Return one column of a row group; one at a time, so that their memory is used again."""
        if name not in self._names:
            return None
        return self._dictionaries.read_row_group(group, columns=[name], use_threads=False)[name]

    def read_small(self, group: int, names: Iterable[str]) -> dict[str, Any]:
        """Return those of the columns that are small, read many at a time."""
        described = self._file.metadata.row_group(group)
        sizes: dict[str, int] = {}
        for number in range(described.num_columns):
            column = described.column(number)
            name = column.path_in_schema.removesuffix(".list.element")
            sizes[name] = sizes.get(name, 0) + column.total_uncompressed_size
        small = [n for n in names if n in self._names and sizes.get(n, _SMALL) < _SMALL]
        found: dict[str, Any] = {}
        for begin in range(0, len(small), _TOGETHER):
            some = small[begin : begin + _TOGETHER]
            table = self._dictionaries.read_row_group(group, columns=some, use_threads=False)
            found.update({name: table[name] for name in some})
        return found


class Files:
    """Opens the Parquet files of tables and yields their chunks; keeps footers and hot columns."""

    def __init__(self, cache: ColumnCache | None = None) -> None:
        self._cache = cache or ColumnCache()
        self._open: dict[str, _OpenFile] = {}

    def chunks(self, table: Table, part: Within) -> Iterator[Chunk]:
        """Yield the chunks of a table that may hold events of this part of history."""
        for file in table.files:
            if not part.keeps(file):
                continue
            opened = self._open.get(file.path)
            if opened is None:
                opened = self._open[file.path] = _OpenFile(file.path)
            for group in range(opened.groups):
                yield FileChunk(table, opened, group, self._cache)


class Memory:
    """Chunks of Arrow tables that are in memory already, by table name."""

    def __init__(self, data: Mapping[str, pa.Table]) -> None:
        self._data = data

    def chunks(self, table: Table, part: Within) -> Iterator[Chunk]:
        """Yield the one chunk of a table."""
        if table.name in self._data:
            yield MemoryChunk(table, self._data[table.name])
