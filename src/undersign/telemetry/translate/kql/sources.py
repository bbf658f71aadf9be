"""Visible tables as Kusto has them: no string is ever null, and no name outside is reached."""

# Every name in this SQL goes through quote_ident, every text through quote_string.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from duckdb_kql.errors import KqlSchemaError
from duckdb_kql.translate import quote_ident

from undersign.records.visible import Visible, VisibleTable


@dataclass(slots=True)
class Reading:
    """The tables one translation may read, and those it did."""

    visible: Visible
    used: dict[str, None] = field(default_factory=dict)

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


_READING: ContextVar[Reading] = ContextVar("undersign.kql.reading")


@contextmanager
def reading(visible: Visible) -> Iterator[Reading]:
    """Let the library read these tables, and no others, inside the block."""
    token = _READING.set(Reading(visible))
    try:
        yield _READING.get()
    finally:
        _READING.reset(token)


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
