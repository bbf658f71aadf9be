"""From events to columns: the physical layout of `layout.py`, built row by row.

Column names are compared without case. A column keeps the type it was first given: by the lake,
else by its log source, else `string`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from undersign.catalogs.log_sources import LogSources
from undersign.records.event import RESERVED_COLUMNS, Event
from undersign.telemetry.layout import LIST_SUFFIX
from undersign.telemetry.plan import microseconds

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Array: TypeAlias = pa.Array[Any]

MORE_COLUMN = "_more"
"""JSON object of the fields that came after a table had MAX_COLUMNS columns."""
MAX_COLUMNS = 4_000
RESERVED_TYPES: Mapping[str, str] = {
    "_id": "string",
    "_time": "timestamp",
    "_raw": "string",
    "_origin": "string",
    "_line": "long",
}
assert tuple(RESERVED_TYPES) == RESERVED_COLUMNS
_PHYSICAL = ("string", "long", "double", "boolean", "list")
_LONG = range(-(2**63), 2**63)


class DoesNotFit(ValueError):
    """A value cannot be kept in its column's type; the message names field, value and type."""


def canonical(value: Any) -> str:
    """Return the text form of a scalar: `true`/`false`, shortest decimal, or the text itself."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def declared_types(sources: LogSources, table: str) -> dict[str, str]:
    """Return field name -> type as the log source of a table declares them."""
    source = sources.by_name(table)
    return {f.name: f.type for f in source.fields.values()} if source else {}


class ColumnNames:
    """The columns of one table: which exist, in which spelling, with which type."""

    def __init__(
        self, known: Mapping[str, str], declared: Mapping[str, str], limit: int = MAX_COLUMNS
    ) -> None:
        """Start from the lake's columns; `declared` are the log source's types by field name."""
        self.types: dict[str, str] = {**RESERVED_TYPES, **known}
        self._spelling = {name.lower(): name for name in self.types}
        self._declared = {name.lower(): (name, kind) for name, kind in declared.items()}
        self._limit = limit

    def resolve(self, name: str, *, many: bool) -> tuple[str, str] | None:
        """Return (column, type) for an incoming field, adding the column when it is new.

        None when the table is full: the field then belongs in `_more`.
        """
        if name.lower() == MORE_COLUMN:
            name += "_"
        column = self._column(name, "list" if many and name.endswith(LIST_SUFFIX) else None)
        if column is not None and many and self.types[column] != "list":
            column = self._column(column + LIST_SUFFIX, "list")
        return None if column is None else (column, self.types[column])

    def _column(self, name: str, kind: str | None) -> str | None:
        lowered = name.lower()
        if lowered in self._spelling:
            return self._spelling[lowered]
        if len(self.types) >= self._limit:
            self.types.setdefault(MORE_COLUMN, "string")
            self._spelling.setdefault(MORE_COLUMN, MORE_COLUMN)
            return None
        spelling, declared = self._declared.get(lowered, (name, "string"))
        chosen = kind or (declared if declared in _PHYSICAL else "string")
        self.types[spelling] = chosen
        self._spelling[lowered] = spelling
        return spelling


class _Texts:
    """A text column under construction: dictionary codes of the rows that have a value."""

    __slots__ = ("codes", "distinct", "name", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[int] = []
        self.codes: list[int] = []
        self.distinct: dict[str, int] = {}

    def add(self, row: int, value: Any) -> None:
        """Keep one value."""
        text = value if type(value) is str else canonical(value)
        self.rows.append(row)
        self.codes.append(self.distinct.setdefault(text, len(self.distinct)))

    def drop(self, row: int) -> None:
        """Take back what the given, last row added."""
        while self.rows and self.rows[-1] == row:
            self.rows.pop()
            self.codes.pop()

    def array(self, height: int) -> Array:
        """Return the column as dictionary<int32, string>."""
        import numpy as np
        import pyarrow as pa

        full = np.full(height, -1, dtype=np.int32)
        full[np.asarray(self.rows, dtype=np.int64)] = np.asarray(self.codes, dtype=np.int32)
        indices: Any = pa.array(full, mask=full < 0)
        return pa.DictionaryArray.from_arrays(indices, texts(list(self.distinct)))


class _Values:
    """A typed or list column under construction."""

    __slots__ = ("kind", "name", "rows", "values")

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind
        self.rows: list[int] = []
        self.values: list[Any] = []

    def add(self, row: int, value: Any) -> None:
        """Keep one value; raises DoesNotFit."""
        fitted = self._fit(value)
        self.rows.append(row)
        self.values.append(fitted)

    def drop(self, row: int) -> None:
        """Take back what the given, last row added."""
        while self.rows and self.rows[-1] == row:
            self.rows.pop()
            self.values.pop()

    def array(self, height: int) -> Array:
        """Return the column with its physical type."""
        import pyarrow as pa

        full: list[Any] = [None] * height
        for row, value in zip(self.rows, self.values, strict=True):
            full[row] = value
        return pa.array(full, type=arrow_type(self.kind))

    def _fit(self, value: Any) -> Any:
        if self.kind == "list":
            return [canonical(v) for v in value] if isinstance(value, list) else [canonical(value)]
        fitted: int | float | bool | None = None
        if self.kind == "boolean":
            fitted = value if isinstance(value, bool) else None
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            fitted = _number(value, self.kind)
        if fitted is None:
            shown = canonical(value)[:80]
            raise DoesNotFit(f"field {self.name}: value {shown!r} is not a {self.kind}")
        return fitted


def _number(value: int | float, kind: str) -> int | float | None:
    if kind == "double":
        return float(value)
    whole = int(value) if value == value and abs(value) != float("inf") else None
    return whole if whole == value and whole in _LONG else None


def texts(values: list[str]) -> Array:
    """Return a string array; text that is no valid Unicode keeps its bad parts as escapes."""
    import pyarrow as pa

    try:
        return pa.array(values, type=pa.string())
    except UnicodeEncodeError:
        clean = [v.encode("utf-8", "backslashreplace").decode() for v in values]
        return pa.array(clean, type=pa.string())


def arrow_type(kind: str) -> pa.DataType:
    """Return the physical Arrow type of a column type."""
    import pyarrow as pa

    types: dict[str, pa.DataType] = {
        "string": pa.string(),
        "long": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "list": pa.list_(pa.string()),
    }
    return types[kind]


class Rows:
    """Events of one table under construction; call `table` once to get the columns."""

    def __init__(self, names: ColumnNames) -> None:
        self._names = names
        self._slots: dict[str, _Texts | _Values | None] = {}
        self._many: dict[str, _Texts | _Values | None] = {}
        self._columns: dict[str, _Texts | _Values] = {}
        self._times: list[int | None] = []
        self._raws: list[str] = []
        self._lines: list[int] = []
        self._origins: list[str] = []

    def __len__(self) -> int:
        return len(self._raws)

    def add(self, event: Event, origin: str) -> None:
        """Add one event; raises DoesNotFit and keeps nothing of it when a value does not fit."""
        row = len(self._raws)
        more: dict[str, Any] = {}
        try:
            for name, value in event.values.items():
                slots = self._many if type(value) is list else self._slots
                slot = slots[name] if name in slots else self._slot(name, slots)
                if slot is None:
                    more[name] = value
                else:
                    slot.add(row, value)
        except DoesNotFit:
            for column in self._columns.values():
                column.drop(row)
            raise
        if more:
            text = json.dumps(more, ensure_ascii=False, separators=(",", ":"))
            self._more().add(row, text)
        self._times.append(microseconds(event.time))
        self._raws.append(event.raw)
        self._lines.append(event.line)
        self._origins.append(origin)

    def table(self, ids: list[str]) -> pa.Table:
        """Return the rows as columns, in the order they were added; `ids` are their event ids."""
        import pyarrow as pa

        height = len(self._raws)
        columns: dict[str, Array] = {
            "_id": pa.array(ids, type=pa.string()),
            "_time": pa.array(self._times, type=arrow_type("timestamp")),
            "_raw": texts(self._raws),
            "_origin": texts(self._origins).dictionary_encode(),
            "_line": pa.array(self._lines, type=pa.int64()),
        }
        for name, column in self._columns.items():
            if column.rows:
                columns[name] = column.array(height)
        return pa.table(columns)

    def _slot(
        self, name: str, slots: dict[str, _Texts | _Values | None]
    ) -> _Texts | _Values | None:
        found = self._names.resolve(name, many=slots is self._many)
        slots[name] = None if found is None else self._column(*found)
        return slots[name]

    def _more(self) -> _Texts | _Values:
        return self._column(MORE_COLUMN, "string")

    def _column(self, name: str, kind: str) -> _Texts | _Values:
        if name not in self._columns:
            self._columns[name] = _Texts(name) if kind == "string" else _Values(name, kind)
        return self._columns[name]


def time_order(table: pa.Table) -> np.ndarray[Any, Any]:
    """Return the row numbers in order of `_time`, rows without one last, ties as they came."""
    import numpy as np
    import pyarrow as pa

    times: Any = table["_time"].cast(pa.int64())
    values = times.fill_null(np.iinfo(np.int64).max)
    return np.argsort(values.to_numpy(), kind="stable")
