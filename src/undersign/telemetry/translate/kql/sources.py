"""Visible tables as Kusto has them: no string is ever null, and no name outside is reached."""

# Every name in this SQL goes through quote_ident, every text through quote_string.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from duckdb_kql.errors import KqlSchemaError, KqlUnsupportedError
from duckdb_kql.translate import quote_ident

from undersign.records.visible import Visible, VisibleTable
from undersign.telemetry.translate.kql.scan import tokens


@dataclass(slots=True)
class Reading:
    """The tables one translation may read, and those it did."""

    visible: Visible
    clock: Callable[[], datetime]
    """What now() means; the query itself may set it."""
    used: dict[str, None] = field(default_factory=dict)
    expressions: int = 0
    """Expressions written out since the last stage began."""

    def schema(self) -> dict[str, list[str]]:
        """Return column names by table, as the library wants them."""
        return {name: list(table.columns) for name, table in self.visible.tables.items()}

    def select(self, name: str) -> str:
        """Return a relation for one table; raise `KqlSchemaError` when it is not visible."""
        table = self.visible.tables.get(name)
        if table is None:
            raise KqlSchemaError(name, hint="no such table")
        self.used[name] = None
        return f"({_select(table)})"


_EXPRESSIONS = 40_000
_CHARACTERS = 500_000

_READING: ContextVar[Reading] = ContextVar("undersign.kql.reading")


def named_in(text: str, visible: Visible) -> Visible:
    """Return the tables a text may mean: those it names, or all when it has a wildcard."""
    words = {token.text.strip("@\"'") for token in tokens(text)}
    if "*" in words and {"union", "find", "search"} & {word.lower() for word in words}:
        return visible
    named = {name: table for name, table in visible.tables.items() if name in words}
    return Visible(visible.language, named, visible.snapshot)


@contextmanager
def reading(visible: Visible, now: Callable[[], datetime]) -> Iterator[Reading]:
    """Let the library read these tables, and no others, inside the block."""
    token = _READING.set(Reading(visible, now))
    try:
        yield _READING.get()
    finally:
        _READING.reset(token)


def begin() -> None:
    """Start to count the expressions of one statement."""
    _READING.get().expressions = 0


def count_expression(sql: str) -> None:
    """Raise `KqlUnsupportedError` when a statement's expressions grow beyond any that people write.

    Some functions write their argument several times, so that forty of them in one another would
    never end.
    """
    state = _READING.get()
    state.expressions += 1
    if state.expressions > _EXPRESSIONS or len(sql) > _CHARACTERS:
        raise KqlUnsupportedError("nesting", hint="it multiplies to more than can be written out")


def relation(name: str) -> str:
    """Return SQL for a table of the translation under way."""
    return _READING.get().select(name)


def _select(table: VisibleTable) -> str:
    # Kusto's strings are never null: a missing one is empty, equals '' and joins with ''.
    columns = (
        f"coalesce({quote_ident(c.name)}, '') AS {quote_ident(c.name)}"
        if c.type == "string"
        else quote_ident(c.name)
        for c in table.columns.values()
    )
    return f"SELECT {', '.join(columns)} FROM {quote_ident(table.name)}"
