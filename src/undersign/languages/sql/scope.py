"""Which names a SELECT may use, and which table's column each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from undersign.records.query import Type
from undersign.records.visible import VisibleTable

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Known:
    """A column as its scope knows it."""

    name: str
    type: Type = "unknown"
    table: str | None = None
    """Visible table whose column it shows unchanged."""
    column: str | None = None
    """Its name there."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Something rows come from, under the name by which the SELECT calls it."""

    alias: str
    columns: Mapping[str, Known] = field(default_factory=dict)
    """By lower-case name, in order."""
    open: bool = True
    """Whether it may have columns that nobody here knows."""
    table: str | None = None

    def renamed(self, alias: str, columns: tuple[str, ...] = ()) -> Relation:
        """Return it under an alias, its first columns renamed: `AS t(a, b)`."""
        held = list(self.columns.values())
        fresh = [Known(n, k.type, k.table, k.column) for n, k in zip(columns, held, strict=False)]
        if len(columns) > len(held):
            fresh += [Known(n) for n in columns[len(held) :]]
        kept = [*fresh, *held[len(fresh) :]]
        return Relation(alias, by_name(kept), self.open and not columns, self.table)


@dataclass(slots=True)
class Scope:
    """The relations of one SELECT, and those of the SELECT around it."""

    outer: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    aliases: dict[str, Known] = field(default_factory=dict)
    """What the select list names."""

    def find(self, name: str, qualifier: str = "") -> Known | None:
        """Return a column by name, case aside; None when no relation is known to have it."""
        lowered = name.lower()
        for relation in self._called(qualifier):
            if lowered in relation.columns:
                return relation.columns[lowered]
        if not qualifier and lowered in self.aliases:
            return self.aliases[lowered]
        return self.outer.find(name, qualifier) if self.outer else None

    def knows(self, qualifier: str) -> bool:
        """Tell whether a relation is called so, here or around."""
        return any(self._called(qualifier)) or (
            self.outer is not None and self.outer.knows(qualifier)
        )

    def is_open(self, qualifier: str = "") -> bool:
        """Tell whether an unknown name may still be a column of something."""
        if any(relation.open for relation in self._called(qualifier)):
            return True
        return self.outer is not None and self.outer.is_open(qualifier)

    def tables(self) -> tuple[str, ...]:
        """Return the visible tables that this SELECT reads itself."""
        return tuple(r.table for r in self.relations if r.table)

    def _called(self, qualifier: str) -> Iterator[Relation]:
        lowered = qualifier.lower()
        return (r for r in self.relations if not qualifier or r.alias.lower() == lowered)


def by_name(columns: list[Known]) -> dict[str, Known]:
    """Return columns by lower-case name; the first of a name wins."""
    found: dict[str, Known] = {}
    for column in columns:
        found.setdefault(column.name.lower(), column)
    return found


def of_table(table: VisibleTable, alias: str) -> Relation:
    """Return a visible table as a relation."""
    columns = [Known(c.name, c.type, table.name, c.name) for c in table.columns.values()]
    return Relation(alias, by_name(columns), False, table.name)


def split(column: exp.Column) -> tuple[str, str]:
    """Return (qualifier, name) of a column as written; `a.b.c` has the qualifier `b`."""
    return column.table, column.name
