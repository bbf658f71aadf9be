"""What reading one file with tree-sitter needs everywhere: its bytes, and what was not read."""

from __future__ import annotations

import ast
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from undersign.records.artifact import Span

_NO_CODE = ("comment", "line_continuation", "ERROR")


@dataclass
class Reading:
    """One pass over one file."""

    raw: bytes
    """UTF-8, every line ending in a single line feed."""
    pieces: list[tuple[int, int]] = field(default_factory=list)
    """First and last byte, exclusive, of what could not be read."""
    depth: int = 0
    seen: set[int] = field(default_factory=set)
    """Where the names and strings begin that are in the tree by now."""

    def text(self, node: Any) -> str:
        """Return the source of a node."""
        return self.raw[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def name(self, node: Any) -> str:
        """Return an identifier, in the form in which Python compares it."""
        text = self.text(node)
        self.seen.add(node.start_byte)
        if node.child_count:
            self.seen.update(c.start_byte for c in node.children)
        return text if text.isascii() else unicodedata.normalize("NFKC", text)

    def skip(self, node: Any) -> None:
        """Note a piece that cannot be read."""
        self.pieces.append((node.start_byte, node.end_byte))

    def unread(self) -> tuple[Span, ...]:
        """Return what was not read, in order, pieces that touch joined to one."""
        joined: list[list[int]] = []
        for start, end in sorted(self.pieces):
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        if not joined:
            return ()
        place = _Places(self.raw)
        return tuple(Span(*place.of(start), *place.of(end)) for start, end in joined)


class _Places:
    """Turns offsets in bytes, asked for in order, into lines and columns in characters.

    It remembers the last answer, since one line may hold all of a hostile megabyte.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.begins = [0]
        at = raw.find(b"\n")
        while at >= 0:
            self.begins.append(at + 1)
            at = raw.find(b"\n", at + 1)
        self.last = (0, 0, 1)

    def of(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.begins, offset)
        known, at, column = self.last
        if known != line:
            at, column = self.begins[line - 1], 1
        column += len(self.raw[at:offset].decode("utf-8", "replace"))
        self.last = (line, offset, column)
        return line, column


def placed(made: Any, first: Any, last: Any = None) -> Any:
    """Give an `ast` node the place of the node, or of the two, that it was made of."""
    made.lineno, made.col_offset = first.start_point
    made.lineno += 1
    made.end_lineno, made.end_col_offset = (last or first).end_point
    made.end_lineno += 1
    return made


def children(node: Any) -> list[Any]:
    """Return the children that are code: no punctuation, no comments, nothing unreadable.

    What the grammar could not make sense of is noted once for the whole file.
    """
    return [c for c in node.named_children if c.type not in _NO_CODE]


def nothing(node: Any) -> Any:
    """Return what stands in the tree where an expression could not be read."""
    return placed(ast.Name("__unread__", ast.Load()), node)
