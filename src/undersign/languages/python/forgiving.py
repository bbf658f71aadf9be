"""From tree-sitter's tree of a Python file to `ast` nodes: for files that `ast` cannot read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any

from undersign.languages.python.expressions import Reading, TooDeep
from undersign.languages.python.statements import block
from undersign.records.artifact import Span


def read(source: str) -> tuple[ast.Module, tuple[Span, ...]]:
    """Return the tree of what can be read, and the pieces that cannot."""
    raw = source.encode("utf-8", "replace")
    root = _parser().parse(raw).root_node
    reading = Reading(raw)
    try:
        body = block(root.named_children, reading)
    except (TooDeep, RecursionError):
        last = source.count("\n") + 1
        return ast.Module([], []), (Span(1, 1, last, 1),)
    for node in _broken(root):
        reading.skip(node)
    return ast.Module(body, []), tuple(
        sorted(set(reading.unread), key=lambda s: (s.line, s.column))
    )


def _broken(root: Any) -> Iterator[Any]:
    """Find the nodes that the grammar could not make sense of, wherever they stand."""
    left = [root]
    while left:
        node = left.pop()
        if node.type == "ERROR" or node.is_missing:
            yield node
        elif node.has_error:
            left += node.children


@cache
def _parser() -> Any:
    import tree_sitter_python
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_python.language()))
