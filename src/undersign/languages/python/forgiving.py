"""From tree-sitter's tree of a Python file to `ast` nodes: for files that `ast` cannot read."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import cache
from time import thread_time
from typing import Any

from undersign.languages.python.nodes import Reading
from undersign.languages.python.statements import block
from undersign.records.artifact import Span

_SECONDS = 3.0
"""Of one processor, for one file: 50,000 honest lines take one, rubbish may take for ever."""


def read(source: str) -> tuple[ast.Module, tuple[Span, ...]]:
    """Return the tree of what can be read, and the pieces that cannot, in order."""
    # As Python does: every line ending is one, and a string holds it as a line feed.
    plain = source.replace("\r\n", "\n").replace("\r", "\n")
    raw = plain.encode("utf-8", "replace")
    reading = Reading(raw)
    root = _parsed(raw)
    if root is None:
        reading.pieces.append((0, len(raw)))
        return ast.Module([], []), reading.unread()
    try:
        # Not only what is read here warns, of an odd escape in a string.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = block([root] if root.type == "ERROR" else root.named_children, reading)
    except RecursionError:  # whoever calls was deep in calls already
        body = []
        reading.skip(root)
    for node in (*_broken(root), *_dropped(root, reading)):
        reading.skip(node)
    return ast.Module(body, []), reading.unread()


def _parsed(raw: bytes) -> Any:
    """Return the root of the tree, or None when it takes too long."""
    until = thread_time() + _SECONDS
    parser = _parser()
    try:
        return parser.parse(
            lambda offset, _: raw[offset : offset + 65_536],
            progress_callback=lambda _, __: thread_time() > until,
        ).root_node
    except ValueError:  # it was stopped
        parser.reset()
        return None


def _broken(root: Any) -> Iterator[Any]:
    """Find the nodes that the grammar could not make sense of, wherever they stand."""
    left = [root]
    while left:
        node = left.pop()
        if node.type == "ERROR" or node.is_missing:
            yield node
        elif node.has_error:
            left += node.children


def _dropped(root: Any, reading: Reading) -> Iterator[Any]:
    """Find names and strings that no statement took along.

    Around an error the grammar puts nodes where it never puts them else; whatever becomes of such
    a place, what is not in the tree is listed.
    """
    left = [root] if root.has_error else []
    while left:
        node = left.pop()
        if node.type in ("identifier", "string") and node.start_byte not in reading.seen:
            yield node
        if node.type != "string" and not _declares_types(node):
            left += node.children


def _declares_types(node: Any) -> bool:
    return bool(node.type == "type_parameter" and node.parent.type.endswith("_definition"))


@cache
def _parser() -> Any:
    import tree_sitter_python
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_python.language()))
