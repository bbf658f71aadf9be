"""Which fields rows have between two commands, and where each comes from."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from undersign.languages.spl.tree import Both, Compare, Search
from undersign.records.query import Column, Type
from undersign.records.visible import Visible, VisibleTable

DATASET = re.compile(r"[A-Z]\w*\.[A-Z]\w*$")
"""How CIM datasets are named; sourcetypes are not."""
CHOOSING = ("sourcetype", "source", "eventtype")
"""Fields that say which events are meant."""
_PLACES = ("index", "sourcetype", "source", "host", "splunk_server", "linecount", "punct",
           "eventtype", "tag", "_time", "_raw", "_indextime", "_bkt", "_cd", "_si", "timestamp",
           "date_hour", "date_mday", "date_minute", "date_month", "date_second", "date_wday",
           "date_year", "date_zone", "timeendpos", "timestartpos", "nodename")  # fmt: skip
"""Fields that Splunk itself gives every event."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field comes from; no table when it was computed or that is not known."""

    type: Type = "unknown"
    table: str | None = None
    column: str | None = None


@dataclass(slots=True)
class Scope:
    """The fields of rows. While it is `open`, there may be others that nobody here knows."""

    fields: dict[str, Origin] = field(default_factory=dict)
    open: bool = True
    bins: dict[str, float] = field(default_factory=dict)
    """Fields that were put into bins -> width in seconds."""
    prefixes: tuple[str, ...] = ()
    """Words before the fields of a data model: `Processes`."""

    def find(self, name: str) -> Origin | None:
        """Return where a field comes from; None when these rows do not have it."""
        found = self.fields.get(name) or self.fields.get(self.bare(name))
        if found is None and (self.open or name in _PLACES):
            return Origin()
        return found

    def bare(self, name: str) -> str:
        """Return a field's name without the data set's before it."""
        parts = name.split(".")
        for place in range(len(parts) - 1, 0, -1):
            if parts[place - 1] in self.prefixes and ".".join(parts[place:]) in self.fields:
                return ".".join(parts[place:])
        return name

    def columns(self) -> tuple[Column, ...] | None:
        """Return the fields as columns, when all are known."""
        if self.open:
            return None
        return tuple(Column(n, o.type) for n, o in self.fields.items())

    def matching(self, pattern: str) -> list[str]:
        """Return the fields that a name with wildcards means."""
        if "*" not in pattern:
            return [pattern]
        return [n for n in self.fields if fnmatch.fnmatchcase(n, pattern.replace("[", "[[]"))]

    def only(self, names: Iterable[str]) -> None:
        """Keep these fields and no others."""
        wanted = [n for name in names for n in self.matching(name)]
        self.fields = {n: self.fields.get(n) or Origin() for n in wanted}
        self.open = False


def of_tables(tables: Iterable[VisibleTable]) -> Scope:
    """Return the fields of events that come from any of several tables."""
    found: dict[str, Origin] = {}
    known = list(tables)
    for table in known:
        for name, column in table.columns.items():
            if name not in found:
                found[name] = Origin(column.type, table.name, name)
        if table.time:
            found["_time"] = Origin("timestamp", table.name, table.time)
    return Scope(found, open=not known)


def event_tables(visible: Visible, search: Search | None) -> list[VisibleTable]:
    """Return the tables that events are searched in, by the sourcetype or source it names."""
    tables = [t for t in visible.tables.values() if t.time and not DATASET.match(t.name)]
    if search is None:
        return tables
    told = meanings(search, tables)
    return [t for t in tables if _may(search, t.name, told)]


def choosing(search: Search) -> list[Compare]:
    """Return the comparisons of a search that say which events are meant."""
    if isinstance(search, Both):
        return [found for item in search.items for found in choosing(item)]
    says = isinstance(search, Compare) and search.field.value in CHOOSING
    return [search] if says and search.op in ("=", "!=") else []  # type: ignore[union-attr,list-item]


def meanings(
    search: Search, tables: Iterable[VisibleTable]
) -> dict[Compare, dict[str, bool | None]]:
    """Return, for each such comparison, whether it means each table; None when rows decide.

    A table is meant by its name and its other names; else by what its columns hold. A comparison
    that gives a table's name means that table only.
    """
    known = list(tables)
    found: dict[Compare, dict[str, bool | None]] = {}
    for compare in choosing(search):
        patterns = [v.value.lower() for v in compare.values]
        by_name = {t.name: _any_matches((t.name, *t.also), patterns) for t in known}
        exact = any(by_name.values()) and not any("*" in p for p in patterns)
        found[compare] = {
            t.name: by_name[t.name] or (False if exact else _by_column(compare, patterns, t))
            for t in known
        }
    return found


def _any_matches(names: Iterable[str], patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(n.lower(), p) for n in names for p in patterns)


def _by_column(compare: Compare, patterns: list[str], table: VisibleTable) -> bool | None:
    column = table.columns.get(compare.field.value)
    if column is None:
        return False
    if not column.examples or column.distinct != len(column.examples):
        return None
    return _any_matches(column.examples, patterns)


def _may(search: Search, table: str, told: dict[Compare, dict[str, bool | None]]) -> bool:
    if isinstance(search, Both) and search.op != "not":
        some = any if search.op == "or" else all
        return some(_may(item, table, told) for item in search.items)
    if not isinstance(search, Compare) or search not in told:
        return True
    return told[search][table] is not (search.op == "!=") or told[search][table] is None


def dataset(visible: Visible, name: str, prefixes: Iterable[str]) -> VisibleTable | None:
    """Return the visible table of `Model.Dataset`, or of a model whose fields say which."""
    parts = name.split(".")
    if len(parts) > 1:
        return visible.find(f"{parts[0]}.{parts[-1]}")
    for prefix in prefixes:
        found = visible.find(f"{name}.{prefix}")
        if found:
            return found
    start = name.lower() + "."
    return next((t for n, t in visible.tables.items() if n.lower().startswith(start)), None)
