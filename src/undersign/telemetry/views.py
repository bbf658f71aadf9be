"""The lake as a query language sees it: which tables and columns there are, and their DuckDB views.

`visible` is what parsers, checks and drafters look names up in; `view_sql` makes DuckDB views of
the same names and types over the Parquet files of one snapshot. Both follow the log sources' own
declarations (`catalogs.views`): KQL sees Microsoft's tables, SPL sourcetypes and CIM datasets, SQL
the lake's own tables and OCSF classes under schema `ocsf`. A lake table that no source declares is
shown as it is, and a table that is only known from elsewhere is typed and empty.

An SPL table is one kind of events. A search means it when it asks for its name, or for one of
`also`, as sourcetype, source or event type, or when `sourcetype` and `source`, which every such
table has as columns, are what it asks for. There is no index: any index is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from undersign.catalogs.log_sources import LogSources
from undersign.records.query import Type
from undersign.records.visible import Visible
from undersign.telemetry.layout import Table
from undersign.telemetry.view_columns import Shown, null, quoted
from undersign.telemetry.view_parts import Part, merged, parts_of, read_files, select
from undersign.telemetry.visible_tables import (
    Imported,
    add_imported,
    imported_columns,
    visible_tables,
)

if TYPE_CHECKING:
    from undersign.telemetry.lake import Lake


@dataclass(frozen=True, slots=True)
class ViewSql:
    """One visible table as DuckDB sees it."""

    name: str
    sql: str
    """`CREATE OR REPLACE VIEW`, preceded by `CREATE SCHEMA` where the name has one."""
    files: tuple[str, ...] = ()
    """Parquet files it reads; none for an imported table."""


def visible(
    lake: Lake | None, sources: LogSources, language: str, *, measure: bool = True
) -> Visible:
    """Return all tables that a language (`kql`, `spl` or `sql`) sees, the same object while
    nothing changed.

    With `measure` new Parquet files are looked at for counts and values really seen; without it
    these stay None and empty wherever they are not kept yet.

    Raises:
        StorageError: A file of the lake is damaged.
    """
    if lake is None:
        return Visible(language, {})
    from undersign.telemetry.known_tables import read_known

    imported = read_known(lake.root)
    known = sha256(repr(imported).encode()).digest()
    # The state holds on to the sources, so that their id stays theirs.
    same = (lake.root, lake.snapshot(), id(sources), known)
    return _visible(_State(same, lake, sources, imported), language, measure)


def view_sql(  # noqa: PLR0913 - what is kept of the lake, and what of it is asked for
    tables: Mapping[str, Table],
    sources: LogSources,
    language: str,
    names: Iterable[str],
    imported: Imported | None = None,
    *,
    shown: Visible | None = None,
) -> tuple[ViewSql, ...]:
    """Return the views of the visible tables of these names (case aside), over these lake tables.

    What `shown` has and these lake tables lack, because they are of an older snapshot, is null.

    Raises:
        KeyError: There is no visible table of a name.
    """
    known = {name.lower(): (name, columns) for name, columns in (imported or {}).items()}
    views = []
    for name in names:
        table = shown.find(name) if shown else None
        real, typed = known.get(name.lower(), (name, {}))
        lent = imported_columns(typed, (), language)
        if table:
            real = table.name
            lent |= {column.name: column.type for column in table.columns.values()}
        parts = parts_of(tables, sources, language, only=name)
        if not (parts or lent):
            raise KeyError(name)
        real, held = next(iter(parts.items())) if parts else (real, [])
        views.append(_view(real, held, lent, language))
    return tuple(views)


def _view(real: str, parts: list[Part], lent: Mapping[str, Type], language: str) -> ViewSql:
    """Return the view of these parts; columns of `lent` that none of them has are null."""
    columns = merged(parts)
    taken = {name.lower() for name in columns}
    fresh = {name: kind for name, kind in lent.items() if name.lower() not in taken}
    selects = []
    for place, part in enumerate(parts):
        shown: dict[str, tuple[Type, Shown | None]] = {
            n: (kind, every[place]) for n, (kind, every) in columns.items()
        }
        shown |= {n: (kind, None) for n, kind in fresh.items()}
        selects.append(select(part, shown, read_files(f.path for f in part.table.files)))
    if not parts:
        nulls = (f"{null(kind)} AS {quoted(n)}" for n, kind in fresh.items())
        selects = [f"SELECT {', '.join(nulls)} WHERE false"]
    files = (file.path for part in parts for file in part.table.files)
    return ViewSql(real, _create(real, language, selects), tuple(dict.fromkeys(files)))


def _create(name: str, language: str, selects: Iterable[str]) -> str:
    schema, _, inner = name.rpartition(".") if language == "sql" else ("", "", name)
    target = f"{quoted(schema)}.{quoted(inner)}" if schema else quoted(name)
    first = f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}; " if schema else ""
    return f"{first}CREATE OR REPLACE VIEW {target} AS {' UNION ALL '.join(selects)}"


@dataclass(frozen=True, slots=True)
class _State:
    """What a `Visible` is made of; equal when it would be the same."""

    same: tuple[object, ...]
    lake: Lake = field(compare=False)
    sources: LogSources = field(compare=False)
    imported: Imported = field(compare=False)


@lru_cache(maxsize=16)
def _visible(state: _State, language: str, measure: bool) -> Visible:
    lake = state.lake
    tables = visible_tables(lake.root, lake.tables(), state.sources, language, measure=measure)
    for name, columns in state.imported.items():
        add_imported(tables, name, columns, language)
    return Visible(language, tables, lake.snapshot())
