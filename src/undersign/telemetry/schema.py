"""What is really in the lake: tables, fields, types, fill rates. The ground `Schema` of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class FieldStats:
    """One field of one table, as really seen."""

    name: str
    type: str
    fill: float
    """Share of rows with a value, 0 to 1."""
    distinct: int | None = None
    """Distinct values; None when not counted."""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table of the lake."""

    name: str
    source: str
    """Name of the log source, or `generic`."""
    rows: int
    first: str | None
    """RFC 3339 UTC of the earliest event."""
    last: str | None
    fields: Mapping[str, FieldStats] = field(default_factory=dict)

    def find(self, name: str) -> FieldStats | None:
        """Return the field of this name, compared without case."""
        exact = self.fields.get(name)
        if exact:
            return exact
        lowered = name.lower()
        return next((f for f in self.fields.values() if f.name.lower() == lowered), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of a workspace at one snapshot."""

    tables: Mapping[str, TableSchema]
    snapshot: str = ""

    def nearest(self, name: str, tables: Iterable[str], limit: int = 3) -> tuple[str, ...]:
        """Return the real field names of these tables that look most like `name`, best first."""
        known = {f.lower(): f for t in tables if t in self.tables for f in self.tables[t].fields}
        close = get_close_matches(name.lower(), known, n=limit, cutoff=0.6)
        return tuple(known[c] for c in close)
