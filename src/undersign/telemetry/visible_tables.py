"""Visible tables as records: names, types, roles and words, with what was counted in the lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from undersign.catalogs.log_sources import LogSources
from undersign.catalogs.views import ByRow, ViewColumn
from undersign.records.query import Type
from undersign.records.visible import VisibleColumn, VisibleTable
from undersign.telemetry.layout import Table
from undersign.telemetry.view_columns import Shown
from undersign.telemetry.view_parts import Part, merged, parts_of
from undersign.telemetry.view_values import ColumnSums, ViewSums, countable, sums_of, written

if TYPE_CHECKING:
    from pathlib import Path

Imported = Mapping[str, Mapping[str, str]]
"""Tables known from elsewhere: table -> column -> type."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A part, and what was counted of it; None when nothing was."""

    part: Part
    sums: ViewSums | None


def visible_tables(
    root: Path, tables: Mapping[str, Table], sources: LogSources, language: str, *, measure: bool
) -> dict[str, VisibleTable]:
    """Return every visible table of the lake at `root`, by name.

    Raises:
        StorageError: A file of the lake is damaged.
    """
    parts = parts_of(tables, sources, language)
    of_table: dict[str, list[Part]] = {}
    for every in parts.values():
        for part in every:
            of_table.setdefault(part.table.name, []).append(part)
    counted: dict[int, ViewSums | None] = {}
    for name, every in of_table.items():
        views = [part.view for part in every]
        found = sums_of(root, tables[name], views, language, measure=measure)
        counted |= {id(part): found[n] if found else None for n, part in enumerate(every)}
    return {
        name: _table(name, [_Counted(part, counted[id(part)]) for part in every])
        for name, every in parts.items()
    }


def add_imported(
    found: dict[str, VisibleTable], name: str, columns: Mapping[str, str], language: str
) -> None:
    """Add a table known from elsewhere, or the columns that a real table of the name lacks."""
    real = next((n for n in found if n.lower() == name.lower()), None)
    held = found[real].columns if real else {}
    fresh = {
        n: VisibleColumn(n, kind, fill=0.0, distinct=0)
        for n, kind in imported_columns(columns, held, language).items()
    }
    if real:
        found[real] = replace(found[real], columns={**held, **fresh})
        return
    time = next((n for n in ("TimeGenerated", "Timestamp", "_time") if n in fresh), None)
    found[name] = VisibleTable(name, fresh, time, rows=0, imported=True)


def imported_columns(
    known: Mapping[str, str], held: Iterable[str], language: str
) -> dict[str, Type]:
    """Return the columns of an imported table that no table of the lake has."""
    taken = {name.lower() for name in held}
    return {
        name: cast("Type", "dynamic" if (language, kind) == ("kql", "list") else kind)
        for name, kind in known.items()
        if name.lower() not in taken
    }


def _table(name: str, counted: list[_Counted]) -> VisibleTable:
    parts = [one.part for one in counted]
    sums = [one.sums for one in counted if one.sums]
    whole = len(sums) == len(counted)
    rows = sum(one.rows for one in sums) if whole else None
    columns = {
        n: _column(n, kind, list(zip(counted, every, strict=True)), rows)
        for n, (kind, every) in merged(parts).items()
    }
    moments = [t for one in sums if whole for t in (one.first, one.last) if t is not None]
    return VisibleTable(
        name=name,
        columns=columns,
        time=next((part.view.time for part in parts if part.view.time), None),
        rows=rows,
        first=written(min(moments, default=None)),
        last=written(max(moments, default=None)),
        sources=tuple(dict.fromkeys(part.table.source for part in parts)),
        roles=_roles(parts, columns),
        words=_words(parts),
        also=tuple(dict.fromkeys(other for part in parts for other in part.view.also)),
    )


def _column(
    name: str, kind: Type, every: list[tuple[_Counted, Shown | None]], rows: int | None
) -> VisibleColumn:
    shown = [s for _, s in every if s]
    column = VisibleColumn(
        name=name,
        type=kind,
        column=next((s.column for s in shown if s.column), None),
        documented=any(s.documented for s in shown),
    )
    sums = ColumnSums()
    for one, part in every:
        more = _sums(one, part)
        if more is None:
            return column
        sums.add(more)
    return replace(
        column,
        fill=sums.filled / rows if rows else 0.0,
        distinct=None if sums.values is None else len(sums.values),
        examples=sums.examples(),
    )


def _sums(one: _Counted, shown: Shown | None) -> ColumnSums | None:
    """Return what one part has in a column; None when that was not counted."""
    if one.sums is None:
        return None
    if shown is None or shown.empty:
        return ColumnSums()
    if shown.constant is not None:
        return ColumnSums(one.sums.rows, {shown.constant: one.sums.rows} if one.sums.rows else {})
    if shown.reads in (("_raw",), ("_id",)):
        return ColumnSums(one.sums.rows, None)
    if not countable(shown):
        return None
    return one.sums.columns.get(shown.name, ColumnSums())


def _roles(
    parts: Iterable[Part], columns: Mapping[str, VisibleColumn]
) -> dict[str, tuple[str, ...]]:
    """Return role -> columns; what a view says itself first, columns without any value last."""
    roles: dict[str, dict[str, None]] = {}
    spelling = {name.lower(): name for name in columns}
    for part in parts:
        for role, names in part.view.roles.items():
            roles.setdefault(role, {}).update(dict.fromkeys(names))
    for part in parts:
        for role, fields in (part.source.roles if part.source else {}).items():
            shown = (name for field in fields for name in _showing(part, field, role))
            roles.setdefault(role, {}).update(dict.fromkeys(shown))
    known = {
        role: dict.fromkeys(spelling[n.lower()] for n in names if n.lower() in spelling)
        for role, names in roles.items()
    }
    return {
        role: tuple(sorted(names, key=lambda name: columns[name].fill == 0.0))
        for role, names in known.items()
        if names
    }


def _showing(part: Part, field: str, role: str) -> list[str]:
    """Return the columns that show a lake column: a file's name before its path, as hunters ask
    for it, then the unchanged ones, then what is made of it; never its folder or domain."""
    real = part.table.column(field)
    ranked = []
    for shown in part.columns.values():
        declared = part.view.columns.get(shown.name)
        cut = declared.cut if declared else None
        if shown.reads[:1] != (real,) or shown.type == "dynamic" or (cut and cut.before_last):
            continue
        if declared and _says_its_roles(declared, role):
            continue
        named = bool(cut and cut.after_last)
        ranked.append((not named, shown.column is None, not shown.documented, shown.name))
    return [name for *_, name in sorted(ranked, key=lambda rank: rank[:3])]


def _says_its_roles(column: ViewColumn, role: str) -> bool:
    """Return whether a column no longer plays the role of its field, so that the view says it."""
    return isinstance(column.origin, ByRow) or (role == "event_id" and bool(column.values))


def _words(parts: Iterable[Part]) -> tuple[str, ...]:
    words: dict[str, None] = {}
    for part in parts:
        named = part.source.words if part.source and part.main else ()
        words |= dict.fromkeys((*named, *part.view.words))
    return tuple(words)
