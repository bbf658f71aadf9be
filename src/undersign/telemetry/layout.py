"""How the lake looks from outside: tables, their columns, the Parquet files of one snapshot.

Physical types: every column is `string` unless its log source declares `long`, `double`, `boolean`
or `list` (then int64, float64, bool, list<string>). Text of undeclared values is canonical:
booleans `true`/`false`, numbers in shortest decimal form. Several values in a column that is not a
list go to the companion column `<name>_list` (list<string>). Files are sorted by `_time` (nulls
last), row groups hold at most ROW_GROUP_ROWS rows, text columns are dictionary-encoded and
zstd-compressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

ROW_GROUP_ROWS = 65_536
LIST_SUFFIX = "_list"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of a table at one snapshot."""

    path: str
    """Absolute."""
    rows: int
    first: datetime | None
    """Earliest `_time` in the file, UTC; None when no row has one."""
    last: datetime | None
    undated: int = 0
    """Rows whose `_time` is null."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the lake at one snapshot."""

    name: str
    source: str
    """Name of its log source, or `generic`."""
    columns: Mapping[str, str]
    """Column -> `string`, `long`, `double`, `boolean`, `timestamp` or `list`; reserved ones too."""
    rows: int
    first: datetime | None
    last: datetime | None
    files: tuple[DataFile, ...]

    def column(self, name: str) -> str | None:
        """Return the real name of a column, compared without case; None when absent."""
        if name in self.columns:
            return name
        lowered = name.lower()
        return next((c for c in self.columns if c.lower() == lowered), None)


class Tables(Protocol):
    """What the matcher needs of a lake; tests hand in their own."""

    def tables(self) -> Mapping[str, Table]:
        """Return every table of the current snapshot by name; cheap, no catalog import."""
        ...

    def snapshot(self) -> str:
        """Name the state of all tables together; equal text means equal rows."""
        ...
