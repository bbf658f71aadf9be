"""Python source as a tree of the standard library's `ast` nodes, whichever Python wrote it.

The running interpreter's own parser reads most files. What it cannot read (newer syntax, Python 2,
an error somewhere) is read by tree-sitter and turned into the same nodes, without the pieces that
nobody could read: those are listed, so that nobody takes silence for an answer.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

from undersign.records.artifact import Span

_DEEPEST = 200
_BRACKETS = re.compile(r"[(\[{]+|[)\]}]+")
_MOST = 5_000_000
"""Characters of one file; what is longer is not parsed at all."""


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file."""

    tree: ast.Module
    text: str
    unread: tuple[Span, ...] = ()
    """Pieces that no parser could read; their code is not in the tree."""
    way: str = "ast"
    """`ast` or `tree-sitter`: which parser read it."""
    lines: tuple[str, ...] = field(default=(), repr=False)
    """The text's lines, without their ends, as the parser counts them."""


def parse(text: str) -> Module:
    """Parse a file; never raises on bad text, the module lists what could not be read."""
    if len(text) > _MOST:
        return _nothing(text)
    source = text.removeprefix("\ufeff")
    lines = tuple(source.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if "\0" not in source and not _too_deep(source):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return Module(ast.parse(source), source, lines=lines)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # read below by the parser that forgives
    from undersign.languages.python.forgiving import read

    tree, unread = read(source)
    return Module(tree, source, unread, "tree-sitter", lines)


def span_of(node: ast.AST, module: Module) -> Span:
    """Return where a statement or expression stands; columns count characters from 1."""
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
    last = last or first
    start = _column(module, first, getattr(node, "col_offset", 0))
    end = _column(module, last, getattr(node, "end_col_offset", None) or 0)
    return Span(first, start, last, max(end, start + 1 if first == last else 1))


def _column(module: Module, line: int, offset: int) -> int:
    """Turn an offset in UTF-8 bytes, as `ast` counts, into a column."""
    text = module.lines[line - 1] if 0 < line <= len(module.lines) else ""
    if text.isascii():
        return offset + 1
    return len(text.encode("utf-8", "replace")[:offset].decode("utf-8", "ignore")) + 1


def _nothing(text: str) -> Module:
    last = text.count("\n") + 1
    return Module(ast.Module([], []), text, (Span(1, 1, last, 1),), "tree-sitter")


def _too_deep(source: str) -> bool:
    """Say whether brackets nest deeper than any honest file: the parser would exhaust its stack."""
    depth = 0
    for found in _BRACKETS.finditer(source):
        run = found[0]
        depth = max(depth + (len(run) if run[0] in "([{" else -len(run)), 0)
        if depth > _DEEPEST:
            return True
    return False
