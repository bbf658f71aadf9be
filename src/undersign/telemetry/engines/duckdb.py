"""DuckDB over the lake's files, locked down: it reads these files, and nothing else in the world.

A session holds views and no data. External access, extensions, settings, temporary files and Python
variables are closed off before the first query, so that even SQL that got past every check upstream
finds nothing to read, write or install.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from threading import Event, Lock, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from undersign.errors import QueryRefused, StorageError
from undersign.telemetry.engines.limits import Limits, Rows
from undersign.telemetry.views import ViewSql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

T = TypeVar("T")

_GRACE = 10.0
"""Seconds an interrupted query gets to let go before its session is given up."""


class Session:
    """One connection with a fixed set of views. Use `session` to get a warm one."""

    def __init__(self, views: tuple[ViewSql, ...], memory_mb: int) -> None:
        self.memory_mb = memory_mb
        self.lost = False
        """Whether the engine broke or would not stop; nobody may use the session again."""
        self._lock = Lock()
        self._connection = _open(views, memory_mb)

    def rows(self, sql: str, limits: Limits) -> Rows:
        """Run a SELECT and return its first rows, in its own order.

        Raises QueryRefused when it takes too long or too much memory or fails on the data,
        StorageError when a file of the lake is damaged.
        """
        begun = perf_counter()

        def run() -> Rows:
            relation = self._relation(sql)
            table = relation.limit(limits.rows + 1).to_arrow_table()
            truncated = table.num_rows > limits.rows
            types = tuple(map(str, relation.types))
            return Rows(table.slice(0, limits.rows), truncated, perf_counter() - begun, types)

        return self._within(run, limits.seconds)

    def one(self, sql: str, seconds: float) -> tuple[Any, ...]:
        """Run a SELECT that gives one row and return it; raises as `rows` does."""
        (row,) = self.many(sql, seconds)
        return row

    def many(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """Run a SELECT and return all its rows, of which there must be few; raises as `rows`."""
        return self._within(lambda: self._relation(sql).fetchall(), seconds)

    def count(self, sql: str, seconds: float) -> int:
        """Return how many rows a SELECT gives; raises as `rows` does."""
        counted = "\n".join(("SELECT count(*) FROM (", sql, ")"))
        return int(self.one(counted, seconds)[0])

    def _relation(self, sql: str) -> DuckDBPyRelation:
        _only_select(sql)
        return self._connection.sql(sql)

    def _within(self, work: Callable[[], T], seconds: float) -> T:
        """Do the work in a thread, so that a time limit and Ctrl-C both reach a running query."""
        found: list[T] = []
        failed: list[BaseException] = []
        done = Event()

        def run() -> None:
            try:
                found.append(work())
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread below
                failed.append(error)
            finally:
                done.set()

        with self._lock:
            Thread(target=run, daemon=True).start()
            try:
                in_time = done.wait(seconds)
            except KeyboardInterrupt:
                self._stop(done)
                raise
            if not in_time:
                self._stop(done)
        if found:
            return found[0]
        if not in_time:
            raise QueryRefused(
                f"the query took longer than {seconds:g} s and was stopped",
                operator="time limit",
                hint="narrow the time window or filter earlier, or allow more with --timeout",
            )
        raise self._told(failed[0])

    def _stop(self, done: Event) -> None:
        self._connection.interrupt()
        if not done.wait(_GRACE):
            self.lost = True

    def _told(self, error: BaseException) -> BaseException:
        import duckdb

        if not isinstance(error, duckdb.Error):
            return error
        self.lost = isinstance(error, duckdb.FatalException | duckdb.InternalException)
        told = _first_line(error)
        if isinstance(error, duckdb.OutOfMemoryException):
            return QueryRefused(
                f"the query needs more than {self.memory_mb} MB of memory",
                operator="memory limit",
                hint="filter or summarize earlier, so that fewer rows are sorted or joined",
            )
        if isinstance(error, duckdb.IOException):
            return StorageError(f"a file of the lake cannot be read: {told}")
        return QueryRefused(f"the engine refuses it: {told}")


def session(views: tuple[ViewSql, ...], limits: Limits) -> Session:
    """Return a session over these views, a warm one when there is one."""
    found = _kept(views, limits.memory_mb)
    if found.lost:
        _kept.cache_clear()
        found = _kept(views, limits.memory_mb)
    return found


@lru_cache(maxsize=4)
def _kept(views: tuple[ViewSql, ...], memory_mb: int) -> Session:
    return Session(views, memory_mb)


def _open(views: tuple[ViewSql, ...], memory_mb: int) -> DuckDBPyConnection:
    import duckdb

    files = tuple(dict.fromkeys(file for view in views for file in view.files))
    missing = [file for file in files if not Path(file).is_file()]
    if missing:
        raise StorageError(f"the lake's file {missing[0]} is gone")
    connection = duckdb.connect(":memory:")
    for setting in (
        f"memory_limit = '{memory_mb}MB'",
        "temp_directory = ''",
        "TimeZone = 'UTC'",
        "python_enable_replacements = false",
        "parquet_metadata_cache = true",
        f"allowed_paths = [{', '.join(map(_quoted, files))}]",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
    ):
        connection.execute(f"SET {setting}")
    connection.execute("SET enable_external_access = false")
    for view in views:
        connection.execute(view.sql)
    connection.execute("SET lock_configuration = true")
    return connection


def _only_select(sql: str) -> None:
    """Refuse what is not exactly one SELECT in the engine's own eyes; a second pair, not the first.

    Raises QueryRefused.
    """
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(f"the engine cannot read it: {_first_line(error)}") from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        raise QueryRefused(
            "only one SELECT may run, and nothing that writes or changes settings",
            operator=", ".join(kind.name for kind in kinds).lower() or "nothing",
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: BaseException) -> str:
    """Return what the engine says, without the SQL it repeats."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].partition(": ")[2] or lines[0]
