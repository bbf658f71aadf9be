"""Where a node of a tree stands in the text: offsets to lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from undersign.records.artifact import Span

if TYPE_CHECKING:
    from sqlglot import exp

START = "undersign.start"
END = "undersign.end"
"""Keys in a node's `meta`: half-open character offsets of its words."""


class Places:
    """Turns offsets of one text into spans."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]

    def between(self, start: int, end: int) -> Span:
        """Return the span of half-open character offsets."""
        (line, column), (end_line, end_column) = self._at(start), self._at(max(start, end))
        return Span(line, column, end_line, end_column)

    def offsets(self, node: exp.Expr) -> tuple[int, int] | None:
        """Return the offsets of a node and all below it; None when it is not from the text."""
        start, end = len(self.text), 0
        for inner in node.walk():
            meta = inner._meta
            if not meta:
                continue
            if START in meta:
                start, end = min(start, meta[START]), max(end, meta[END])
            elif "start" in meta:
                start, end = min(start, meta["start"]), max(end, meta["end"] + 1)
        return (start, end) if start < end else None

    def span(self, node: exp.Expr, fallback: Span | None = None) -> Span:
        """Return the place of a node; the whole text when it has none."""
        found = self.offsets(node)
        if found is None:
            return fallback or self.between(0, len(self.text))
        return self.between(*found)

    def hull(self, nodes: Iterable[exp.Expr]) -> Span:
        """Return the smallest span that holds all nodes; the whole text when none has a place."""
        held = [place for node in nodes if (place := self.offsets(node))]
        if not held:
            return self.between(0, len(self.text))
        return self.between(min(s for s, _ in held), max(e for _, e in held))

    def written(self, node: exp.Expr) -> str:
        """Return the node as it was written."""
        found = self.offsets(node)
        return self.text[found[0] : found[1]] if found else node.sql()

    def cut(self, span: Span) -> str:
        """Return the text of a span."""
        start = self._starts[span.line - 1] + span.column - 1
        return self.text[start : self._starts[span.end_line - 1] + span.end_column - 1]

    def _at(self, offset: int) -> tuple[int, int]:
        line = min(bisect_right(self._starts, offset), max(1, len(self._starts) - 1))
        if offset == len(self.text) and self.text[-1:] in ("\n", "\r"):
            line = len(self._starts) - 1
        return line, offset - self._starts[line - 1] + 1
