"""Tables of a threat model's views as Markdown, which reads at a terminal, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from undersign.records.table import Table
from undersign.render.markdown_review import plain


def render(tables: Iterable[Table]) -> str:
    """Write each table with its holes; every cell is of others and is escaped."""
    return "\n".join(line for table in tables for line in _table(table)) + "\n"


def document(tables: Iterable[Table]) -> dict[str, Any]:
    """Return the tables for programs."""
    return {"tables": [asdict(one) for one in tables]}


def _table(table: Table) -> Iterator[str]:
    yield f"## {plain(table.title)}"
    yield ""
    if table.rows:
        yield f"| {' | '.join(map(plain, table.head))} |"
        yield f"|{'---|' * len(table.head)}"
        yield from (f"| {' | '.join(map(plain, row))} |" for row in table.rows)
        yield ""
    yield from (f"- open: {plain(one)}" for one in table.holes)
    if not table.rows and not table.holes:
        yield "None."
    yield ""
