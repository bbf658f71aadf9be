"""What a query language sees of a workspace: tables and columns under that language's names.

`telemetry.views` builds it from the lake, the log sources and imported schemas; parsers bind names
to it, checks compare with it, drafters choose from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import ClassVar

from undersign.records.query import Type


@dataclass(frozen=True, slots=True)
class VisibleColumn:
    """One column of a visible table."""

    name: str
    type: Type = "string"
    column: str | None = None
    """Lake column it shows unchanged; None when it is computed or the table is only imported."""
    fill: float | None = None
    """Share of rows with a value, 0 to 1; None when not measured."""
    distinct: int | None = None
    """Distinct values; None when not counted."""
    examples: tuple[str, ...] = ()
    """Values really seen, most frequent first as far as counted; all of them when there are
    `distinct` of them."""
    documented: bool = True
    """False for a column that only this workspace shows: the product's own table has none."""


@dataclass(frozen=True, slots=True)
class VisibleTable:
    """One table as a language sees it."""

    name: str
    columns: Mapping[str, VisibleColumn]
    time: str | None = None
    """The column that holds the event's time."""
    rows: int | None = None
    """Rows here; 0 for a table that was only imported; None when not counted."""
    first: str | None = None
    """RFC 3339 UTC of the earliest event."""
    last: str | None = None
    sources: tuple[str, ...] = ()
    """Names of the log sources it shows; empty for imported tables."""
    imported: bool = False
    """Known from an imported schema and without any events here."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """user, host, source_address, target_address, action, result, process, ... -> columns that play
    the role, best first."""
    words: tuple[str, ...] = ()
    """English that names this table: `cloudtrail`, `sign-in`, `process creation`."""
    also: tuple[str, ...] = ()
    """Other names of the same table, such as further sourcetypes of the same events."""

    def find(self, name: str, *, exact: bool = False) -> VisibleColumn | None:
        """Return the column of this name; without `exact`, compared without case."""
        found = self.columns.get(name)
        if found or exact:
            return found
        lowered = name.lower()
        return next((c for n, c in self.columns.items() if n.lower() == lowered), None)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Visible:
    """All tables that a language sees; hashed by identity, so that what is derived can be kept."""

    ground: ClassVar[str] = "Schema"
    language: str
    """`kql`, `spl` or `sql`."""
    tables: Mapping[str, VisibleTable]
    snapshot: str = ""

    def find(self, name: str) -> VisibleTable | None:
        """Return the table of this name, compared without case."""
        found = self.tables.get(name)
        if found:
            return found
        lowered = name.lower()
        return next((t for n, t in self.tables.items() if n.lower() == lowered), None)

    def nearest_tables(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Return the real table names that look most like `name`, best first."""
        return _nearest(name, self.tables, limit)

    def nearest_columns(self, name: str, tables: Iterable[str], limit: int = 3) -> tuple[str, ...]:
        """Return the real column names of these tables that look most like `name`, best first."""
        known = [c for t in tables if (table := self.find(t)) for c in table.columns]
        return _nearest(name, known, limit)


def _nearest(name: str, known: Iterable[str], limit: int) -> tuple[str, ...]:
    by_lower = {k.lower(): k for k in known}
    close = get_close_matches(name.lower(), by_lower, n=limit, cutoff=0.6)
    return tuple(by_lower[c] for c in close)
