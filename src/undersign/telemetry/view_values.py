"""What the columns of visible tables really hold: rows, span, fill, and values where there are few.

Counted per Parquet file and summed, so that only files that are new are ever looked at. The sums
are kept in `views/` of the lake; where it cannot be written, they are counted again next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from undersign.telemetry.layout import DataFile, Table
from undersign.telemetry.view_columns import Shown, columns_of, literal, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from undersign.catalogs.views import View

FOLDER = "views"
FORMAT = 1
MAX_VALUES = 300
"""Distinct values up to which all are kept."""
MAX_LENGTH = 200
"""A column with a longer value, in bytes, is not listed."""
AT_ONCE = 120
"""Columns of one query, so that a wide table needs no more memory than a narrow one."""
LISTED_AT_ONCE = 25
"""Columns whose values are listed by one query: DuckDB's plan for many costs far more than many."""
_LISTED = ("string", "long", "boolean")


@dataclass(slots=True)
class ColumnSums:
    """One column over some rows."""

    filled: int = 0
    values: dict[str, int] | None = field(default_factory=dict)
    """Value -> rows; None when there are more than MAX_VALUES or the type is not listed."""

    def add(self, other: ColumnSums) -> None:
        """Take in other rows."""
        self.filled += other.filled
        if self.values is None or other.values is None:
            self.values = None
            return
        for value, rows in other.values.items():
            self.values[value] = self.values.get(value, 0) + rows
        if len(self.values) > MAX_VALUES:
            self.values = None

    def examples(self) -> tuple[str, ...]:
        """Return the values, most frequent first."""
        held = (self.values or {}).items()
        ranked = sorted(held, key=lambda pair: (-pair[1], pair[0]))
        return tuple(value for value, _ in ranked)

    def copy(self) -> ColumnSums:
        """Return sums of their own."""
        return ColumnSums(self.filled, None if self.values is None else dict(self.values))


@dataclass(slots=True)
class ViewSums:
    """One view over some files of one lake table."""

    rows: int = 0
    first: float | None = None
    """Seconds since 1970."""
    last: float | None = None
    columns: dict[str, ColumnSums] = field(default_factory=dict)

    def add(self, other: ViewSums) -> None:
        """Take in other files."""
        self.rows += other.rows
        self.first = min((t for t in (self.first, other.first) if t is not None), default=None)
        self.last = max((t for t in (self.last, other.last) if t is not None), default=None)
        for name, sums in other.columns.items():
            self.columns.setdefault(name, ColumnSums()).add(sums)


def sums_of(
    root: Path, table: Table, views: Iterable[View], language: str, *, measure: bool
) -> list[ViewSums] | None:
    """Return the sums of a table's views in their order; None when they are not complete.

    With `measure` new files are counted and the sums are kept.

    Raises:
        StorageError: A file of the lake is damaged.
    """
    views = list(views)
    declared = sha256(repr((FORMAT, language, views)).encode()).hexdigest()
    path = root / FOLDER / f"{language}.{table.name}.json"
    present = {file.path.removeprefix(f"{root}/"): file for file in table.files}
    seen, sums = _kept(path, declared, len(views))
    if not seen <= present.keys():
        seen, sums = set(), [ViewSums() for _ in views]
    fresh = sorted(present.keys() - seen)
    if not fresh:
        return sums
    if not measure:
        return None
    connection = _connection()
    for name in fresh:
        counting = _Counting(connection, present[name], table, language)
        for place, view in enumerate(views):
            sums[place].add(counting.view(view))
    _keep(path, declared, present, sums)
    return sums


def written(moment: float | None) -> str | None:
    """Return RFC 3339 UTC."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


class _Counting:
    """Counts one file; what two views show alike is counted once."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, file: DataFile, table: Table, language: str
    ) -> None:
        from undersign.telemetry.rows import open_file

        with open_file(file) as parquet:
            held = set(parquet.schema_arrow.names)
        # Columns that the file lacks have no value in it.
        columns = {name: kind for name, kind in table.columns.items() if name in held}
        self._part = Table(
            table.name, table.source, columns, file.rows, file.first, file.last, (file,)
        )
        self._language = language
        self._reading = f"FROM read_parquet([{literal(file.path)}], hive_partitioning=false)"
        self._connection = connection
        self._known: dict[tuple[str, str], ColumnSums] = {}

    def view(self, view: View) -> ViewSums:
        """Count the rows of one view and what its columns hold."""
        rows = rows_of(self._part, view)
        source = f"{self._reading} WHERE {rows}" if rows else self._reading
        count, first, last = self._row(
            ["count(*)", "min(epoch(_time))", "max(epoch(_time))"], source
        )
        sums = ViewSums(count, first, last)
        shown = columns_of(self._part, view, self._language).values()
        counted = [s for s in shown if countable(s)]
        fresh = {s.sql: s for s in counted if (source, s.sql) not in self._known}
        if count:
            for start in range(0, len(fresh), AT_ONCE):
                self._count(source, list(fresh.values())[start : start + AT_ONCE])
        for one in counted:
            sums.columns[one.name] = self._known.get((source, one.sql), ColumnSums()).copy()
        return sums

    def _count(self, source: str, columns: list[Shown]) -> None:
        """Count filled rows and, where there are few, the values of these columns."""
        found = self._row([term for s in columns for term in (f"count({s.sql})", _few(s))], source)
        sums = {
            s.sql: ColumnSums(filled, {} if few or not filled else None)
            for s, filled, few in zip(columns, found[::2], found[1::2], strict=True)
        }
        listed = [sql for sql, one in sums.items() if one.values is not None and one.filled]
        for start in range(0, len(listed), LISTED_AT_ONCE):
            some = listed[start : start + LISTED_AT_ONCE]
            texts = [f"histogram(CAST({sql} AS VARCHAR))" for sql in some]
            for sql, values in zip(some, self._row(texts, source), strict=True):
                sums[sql].values = values if len(values) <= MAX_VALUES else None
        self._known |= {(source, sql): one for sql, one in sums.items()}

    def _row(self, terms: list[str], source: str) -> tuple[Any, ...]:
        import duckdb

        from undersign.errors import StorageError

        try:
            # Every piece was quoted where it was made (`view_columns`).
            return self._connection.execute(f"SELECT {', '.join(terms)} {source}").fetchall()[0]
        except duckdb.IOException as error:
            reason = " ".join(str(error).split())
            raise StorageError(f"the lake cannot be read: {reason}") from error


def countable(shown: Shown) -> bool:
    """Return whether a column is counted; constants, whole events and packed objects are not."""
    if not shown.reads or shown.reads in (("_raw",), ("_id",)):
        return False
    return shown.type != "dynamic" or len(shown.reads) == 1


def _few(shown: Shown) -> str:
    """Return whether there may be few enough values to list; the sketch errs by some percent."""
    if shown.type not in _LISTED:
        return "false"
    few = f"approx_count_distinct({shown.sql}) <= {round(MAX_VALUES * 1.15)}"
    if shown.type == "string":
        few += f" AND max(strlen({shown.sql})) <= {MAX_LENGTH}"
    return few


def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(
        config={
            "threads": 2,
            "autoinstall_known_extensions": "false",
            # One file is read by many queries.
            "parquet_metadata_cache": "true",
        }
    )


def _kept(path: Path, declared: str, count: int) -> tuple[set[str], list[ViewSums]]:
    """Read the sums of a table; nothing when they are not of these views."""
    import orjson

    try:
        document = orjson.loads(path.read_bytes())
        if document["declared"] == declared:
            return set(document["files"]), [_sums_from(view) for view in document["views"]]
    except (OSError, ValueError, KeyError, TypeError):
        # Not there, or not ours: it can be made anew.
        pass
    return set(), [ViewSums() for _ in range(count)]


def _sums_from(document: Mapping[str, Any]) -> ViewSums:
    columns = {
        name: ColumnSums(filled, values) for name, (filled, values) in document["columns"].items()
    }
    return ViewSums(document["rows"], document["first"], document["last"], columns)


def _keep(path: Path, declared: str, files: Iterable[str], sums: Iterable[ViewSums]) -> None:
    from undersign.telemetry.plan import replace_file

    views = [
        {
            "rows": view.rows,
            "first": view.first,
            "last": view.last,
            "columns": {name: [c.filled, c.values] for name, c in view.columns.items()},
        }
        for view in sums
    ]
    try:
        path.parent.mkdir(exist_ok=True)
        replace_file(path, {"declared": declared, "files": sorted(files), "views": views})
    except OSError:
        # A lake that may only be read still answers; it is counted again the next time.
        return
