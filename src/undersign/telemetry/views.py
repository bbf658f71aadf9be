"""The lake as a query language sees it: which tables and columns there are, and their DuckDB views.

`visible` is what parsers, checks and drafters look names up in; `view_sql` makes DuckDB views of
the same names and types over the Parquet files of one snapshot. Both follow the log sources' own
declarations (`catalogs.views`): KQL sees Microsoft's tables, SPL sourcetypes and CIM datasets, SQL
the lake's own tables and OCSF classes under schema `ocsf`. A lake table that no source declares is
shown as it is, and a table that is only known from elsewhere is typed and empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from undersign.catalogs.log_sources import LogSource, LogSources
from undersign.catalogs.views import FirstOf, View, ViewColumn, ViewKind
from undersign.records.query import Type
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
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

if TYPE_CHECKING:
    from undersign.telemetry.lake import Lake

KINDS: Mapping[str, tuple[ViewKind, ...]] = {
    "kql": ("kql",),
    "spl": ("spl", "cim"),
    "sql": ("ocsf",),
}
"""Language -> kinds of views that it sees."""
Imported = Mapping[str, Mapping[str, str]]
"""Tables known from elsewhere: table -> column -> type."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one lake table contributes to one visible table."""

    table: Table
    view: View
    source: LogSource | None
    columns: Mapping[str, Shown]
    main: bool
    """Whether it is the first view of its kind of this source, which the source's words name."""


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
            main = view.kind not in seen
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
        names = {c: ViewColumn(c, FirstOf((c,))) for c in table.columns}
        columns = {**columns, **names}
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
    kinds = {shown.type for shown in column if shown and not _is_null(shown)}
    kinds = kinds or {shown.type for shown in column if shown}
    return kinds.pop() if len(kinds) == 1 else "string"


def _is_null(shown: Shown) -> bool:
    return shown.sql == null(shown.type)


def select(part: Part, columns: Mapping[str, tuple[Type, Shown | None]], files: str) -> str:
    """Return the SELECT of one part; `files` is the table function that it reads."""
    fields = []
    for name, (kind, shown) in columns.items():
        sql = null(kind) if shown is None or _is_null(shown) else shown.sql
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


def _view(
    name: str, tables: Mapping[str, Table], sources: LogSources, language: str, imported: Imported
) -> ViewSql:
    held = parts_of(tables, sources, language, only=name)
    known = {n.lower(): (n, columns) for n, columns in imported.items()}
    if not held and name.lower() not in known:
        raise KeyError(name)
    real, parts = next(iter(held.items())) if held else (known[name.lower()][0], [])
    columns = merged(parts)
    fresh = _imported_columns(known.get(name.lower(), ("", {}))[1], columns, language)
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


def _imported_columns(
    known: Mapping[str, str], held: Iterable[str], language: str
) -> dict[str, Type]:
    """Return the columns of an imported table that no event here has."""
    taken = {name.lower() for name in held}
    return {
        name: cast("Type", "dynamic" if (language, kind) == ("kql", "list") else kind)
        for name, kind in known.items()
        if name.lower() not in taken
    }


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
    tables = key.lake.tables()
    found = {}
    for name, parts in parts_of(tables, key.sources, key.language).items():
        found[name] = _visible_table(name, parts)
    for name, columns in key.imported.items():
        _add_imported(found, name, columns, key.language)
    return Visible(key.language, found, key.lake.snapshot())


def _visible_table(name: str, parts: list[Part]) -> VisibleTable:
    columns = {
        n: VisibleColumn(
            name=n,
            type=kind,
            column=next((s.column for s in every if s and s.column), None),
            documented=any(s.documented for s in every if s),
        )
        for n, (kind, every) in merged(parts).items()
    }
    return VisibleTable(
        name=name,
        columns=columns,
        time=next((part.view.time for part in parts if part.view.time), None),
        sources=tuple(dict.fromkeys(part.table.source for part in parts)),
    )


def _add_imported(
    found: dict[str, VisibleTable], name: str, columns: Mapping[str, str], language: str
) -> None:
    real = next((n for n in found if n.lower() == name.lower()), None)
    held = found[real].columns if real else {}
    fresh = {
        n: VisibleColumn(n, kind, fill=0.0, distinct=0)
        for n, kind in _imported_columns(columns, held, language).items()
    }
    if real:
        found[real] = replace(found[real], columns={**held, **fresh})
        return
    time = next((n for n in ("TimeGenerated", "Timestamp", "_time") if n in fresh), None)
    found[name] = VisibleTable(name, fresh, time, rows=0, imported=True)
