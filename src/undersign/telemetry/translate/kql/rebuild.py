"""Rebuild a tree of frozen nodes, bottom up, keeping what is shared shared."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any


def rebuild(node: Any, visit: Callable[[Any], Any]) -> Any:
    """Return the tree with `visit` applied to every dataclass in it, children first.

    A node reached twice is visited once: `let` values are shared, and copying them at each use
    would double the tree with every `let`.
    """
    return _rebuild(node, visit, {})


def _rebuild(node: Any, visit: Callable[[Any], Any], memo: dict[int, Any]) -> Any:
    if isinstance(node, list | tuple):
        made = [_rebuild(item, visit, memo) for item in node]
        if all(new is old for new, old in zip(made, node, strict=True)):
            return node
        return made if isinstance(node, list) else tuple(made)
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return node
    if id(node) in memo:
        return memo[id(node)]
    changes = {}
    for field in dataclasses.fields(node):
        old = getattr(node, field.name)
        new = _rebuild(old, visit, memo)
        if new is not old:
            changes[field.name] = new
    out = visit(dataclasses.replace(node, **changes) if changes else node)
    memo[id(node)] = out
    return out


def size(node: Any) -> int:
    """Return how many nodes the tree has when everything shared is written out."""
    return _size(node, {})


def _size(node: Any, memo: dict[int, int]) -> int:
    if isinstance(node, list | tuple):
        return sum(_size(item, memo) for item in node)
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return 0
    if id(node) not in memo:
        fields = (getattr(node, field.name) for field in dataclasses.fields(node))
        memo[id(node)] = 1 + sum(_size(field, memo) for field in fields)
    return memo[id(node)]
