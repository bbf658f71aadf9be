"""Tables of a threat model's views for a terminal: columns in line, long cells wrapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from undersign.records.table import Table
from undersign.render.terminal import Paint, pad, safe, width

_LEAST = 8
"""Columns that every column of a table keeps, however narrow the terminal."""


def render(tables: Iterable[Table], columns: int, *, colour: bool = False) -> str:
    """Write each table within so many columns, and what is missing from it."""
    paint = Paint(colour)
    return "\n".join(line for table in tables for line in _table(table, columns, paint)) + "\n"


def _table(table: Table, columns: int, paint: Paint) -> Iterator[str]:
    yield paint.bold(safe(table.title))
    rows = [tuple(map(safe, row)) for row in table.rows]
    if rows:
        widths = _widths([table.head, *rows], columns)
        yield paint.dim(_line(table.head, widths))
        yield from (line for row in rows for line in _wrapped(row, widths))
    yield from (f"{paint.yellow('!')} {safe(one)}" for one in table.holes)
    if not rows and not table.holes:
        yield "None."
    yield ""


def _widths(rows: Sequence[tuple[str, ...]], columns: int) -> list[int]:
    """Return the widths that fit: the widest column gives way first."""
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > columns and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _wrapped(row: tuple[str, ...], widths: Sequence[int]) -> Iterator[str]:
    cells = [wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
    yield from (_line(parts, widths) for parts in zip_longest(*cells, fillvalue=""))


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (pad(cell, size) for cell, size in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()
