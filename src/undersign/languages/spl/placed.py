"""A search after its macros were put in, which still knows where every character was written."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from undersign.records.artifact import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of expanded text, from `start` to the next piece."""

    start: int
    origin: int
    """Where it was written."""
    whole: int | None = None
    """End of the macro call that all of it stands for; None when it was written as it is."""


@dataclass(frozen=True)
class Placed:
    """Expanded text, and how its offsets lead back to the text as written."""

    text: str
    written: str
    pieces: tuple[Piece, ...] = field(default=(Piece(0, 0),))

    def span(self, start: int, end: int) -> Span:
        """Return where [start, end) of the expanded text was written."""
        first = self._piece(start)
        begin = first.origin if first.whole is not None else first.origin + start - first.start
        if end <= start:
            return self._span(begin, begin)
        last = self._piece(end - 1)
        close = last.whole if last.whole is not None else last.origin + end - last.start
        return self._span(begin, close)

    def _piece(self, offset: int) -> Piece:
        return self.pieces[max(0, bisect_right(self._starts, offset) - 1)]

    def _span(self, start: int, end: int) -> Span:
        line, column = self._place(start)
        end_line, end_column = self._place(max(start, end))
        return Span(line, column, end_line, end_column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [p.start for p in self.pieces]

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(i + 1 for i, c in enumerate(self.written) if c == "\n")]
