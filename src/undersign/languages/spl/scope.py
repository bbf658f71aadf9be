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
    """Return the tables that events are searched in, by the sourcetype that a search names."""
    tables = [t for t in visible.tables.values() if t.time and not DATASET.match(t.name)]
    return [t for t in tables if search is None or _may(search, t)]


def _may(search: Search, table: VisibleTable) -> bool:
    if isinstance(search, Both) and search.op != "not":
        some = any if search.op == "or" else all
        return some(_may(item, table) for item in search.items)
    if not isinstance(search, Compare) or search.op != "=":
        return True
    if search.field.value not in ("sourcetype", "source"):
        return True
    known = _named_by(search.field.value, table)
    patterns = [v.value.lower() for v in search.values]
    return known is None or any(fnmatch.fnmatchcase(k.lower(), p) for k in known for p in patterns)


def _named_by(name: str, table: VisibleTable) -> list[str] | None:
    """Return every value that a table has for sourcetype or source; None when not known."""
    column = table.columns.get(name)
    if column is None:
        return [table.name] if name == "sourcetype" else None
    if not column.examples or column.distinct != len(column.examples):
        return None
    return list(column.examples)


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
