"""Which lake tables make up a visible table, and the SELECT of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from undersign.catalogs.log_sources import LogSource, LogSources
from undersign.catalogs.views import FirstOf, View, ViewColumn, ViewKind
from undersign.records.event import RESERVED_COLUMNS
from undersign.records.query import Type
from undersign.telemetry.layout import Table
from undersign.telemetry.view_columns import (
    SQL_TYPES,
    Shown,
    columns_of,
    literal,
    null,
    quoted,
    rows_of,
)

KINDS: Mapping[str, tuple[ViewKind, ...]] = {
    "kql": ("kql",),
    "spl": ("spl", "cim"),
    "sql": ("ocsf",),
}
"""Language -> kinds of views that it sees."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one lake table contributes to one visible table."""

    table: Table
    view: View
    source: LogSource | None
    columns: Mapping[str, Shown]
    main: bool
    """Whether it is the view that the source's words name: the first of its kind, no dataset."""


def parts_of(
    tables: Mapping[str, Table], sources: LogSources, language: str, only: str | None = None
) -> dict[str, list[Part]]:
    """Return visible table -> what the lake's tables contribute to it, in order of the sources."""
    wanted = None if only is None else only.lower()
    parts: dict[str, list[Part]] = {}
    spelling: dict[str, str] = {}
    for table in tables.values():
        source = sources.by_name(table.source)
        seen: set[ViewKind] = set()
        for view in _views(table, source, language):
            main = view.kind not in seen and view.kind != "cim"
            seen.add(view.kind)
            name = spelling.setdefault(view.name.lower(), view.name)
            if wanted in (None, name.lower()):
                columns = columns_of(table, view, language)
                parts.setdefault(name, []).append(Part(table, view, source, columns, main))
    return parts


def _views(table: Table, source: LogSource | None, language: str) -> list[View]:
    kinds = KINDS[language]
    declared = [v for v in source.views if v.kind in kinds] if source else []
    if language == "sql":
        declared = [replace(view, name=f"ocsf.{view.name}") for view in declared]
        return [_as_it_is(table, "sql"), *declared]
    return declared or [_as_it_is(table, language)]


def _as_it_is(table: Table, language: str) -> View:
    """Return the view of a table that shows every column under its own name."""
    time = "TimeGenerated" if language == "kql" else "_time"
    columns = {time: ViewColumn(time, FirstOf(("_time",)))}
    if language == "sql":
        columns |= {c: ViewColumn(c, FirstOf((c,))) for c in RESERVED_COLUMNS}
    return View(KINDS[language][0], table.name, {}, {}, columns, rest=True)


def merged(parts: Iterable[Part]) -> dict[str, tuple[Type, list[Shown | None]]]:
    """Return column -> (type, what each part shows as it); names compared without case.

    Parts that disagree about a type are shown as text.
    """
    parts = list(parts)
    columns: dict[str, list[Shown | None]] = {}
    spelling: dict[str, str] = {}
    for place, part in enumerate(parts):
        for shown in part.columns.values():
            name = spelling.setdefault(shown.name.lower(), shown.name)
            columns.setdefault(name, [None] * len(parts))[place] = shown
    return {name: (_common(column), column) for name, column in columns.items()}


def _common(column: Iterable[Shown | None]) -> Type:
    kinds = {shown.type for shown in column if shown and not shown.empty}
    kinds = kinds or {shown.type for shown in column if shown}
    return kinds.pop() if len(kinds) == 1 else "string"


def select(part: Part, columns: Mapping[str, tuple[Type, Shown | None]], files: str) -> str:
    """Return the SELECT of one part; `files` is the table function that it reads."""
    fields = []
    for name, (kind, shown) in columns.items():
        sql = null(kind) if shown is None or shown.empty else shown.sql
        if shown is not None and shown.type != kind:
            sql = f"CAST({sql} AS {SQL_TYPES[kind]})"
        fields.append(f"{sql} AS {quoted(name)}")
    where = rows_of(part.table, part.view)
    # Joined word by word: every piece was quoted where it was made.
    return " ".join(
        ["SELECT", ", ".join(fields), "FROM", files, *(["WHERE", where] if where else [])]
    )


def read_files(paths: Iterable[str]) -> str:
    """Return the table function that reads these Parquet files, columns matched by name."""
    listed = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"
