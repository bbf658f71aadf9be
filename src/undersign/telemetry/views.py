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
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from undersign.catalogs.log_sources import LogSources
from undersign.records.query import Type
from undersign.records.visible import Visible
from undersign.telemetry.layout import Table
from undersign.telemetry.view_columns import Shown, null, quoted
from undersign.telemetry.view_parts import merged, parts_of, read_files, select
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
    return _visible(_Key(lake, sources, language, imported, measure))


def view_sql(
    tables: Mapping[str, Table],
    sources: LogSources,
    language: str,
    names: Iterable[str],
    imported: Imported | None = None,
) -> tuple[ViewSql, ...]:
    """Return the views of the visible tables of these names (case aside), over these lake tables.

    Raises:
        KeyError: There is no visible table of a name.
    """
    return tuple(_view(name, tables, sources, language, imported or {}) for name in names)


def _view(
    name: str, tables: Mapping[str, Table], sources: LogSources, language: str, imported: Imported
) -> ViewSql:
    held = parts_of(tables, sources, language, only=name)
    known = {n.lower(): (n, columns) for n, columns in imported.items()}
    if not held and name.lower() not in known:
        raise KeyError(name)
    real, parts = next(iter(held.items())) if held else (known[name.lower()][0], [])
    columns = merged(parts)
    fresh = imported_columns(known.get(name.lower(), ("", {}))[1], columns, language)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """What a `Visible` is made of; equal when that is."""

    lake: Lake
    sources: LogSources
    language: str
    imported: Imported
    measure: bool

    def _same(self) -> tuple[object, ...]:
        root, snapshot = self.lake.root, self.lake.snapshot()
        known = str(self.imported)
        return (root, snapshot, id(self.sources), self.language, known, self.measure)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._same() == other._same()

    def __hash__(self) -> int:
        return hash(self._same())


@lru_cache(maxsize=16)
def _visible(key: _Key) -> Visible:
    tables = visible_tables(
        key.lake.root, key.lake.tables(), key.sources, key.language, measure=key.measure
    )
    for name, columns in key.imported.items():
        add_imported(tables, name, columns, key.language)
    return Visible(key.language, tables, key.lake.snapshot())
