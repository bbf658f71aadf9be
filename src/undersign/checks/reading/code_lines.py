"""Statements and calls of a Python file, by line. Nothing of it is imported or run."""

from __future__ import annotations

import ast
from functools import lru_cache

from undersign.languages.python import Module, parse

_FILES = 32


@lru_cache(maxsize=_FILES)
def module_of(text: str) -> Module:
    """Parse a file; the last few stay at hand, for many candidates speak of one file."""
    return parse(text)


@lru_cache(maxsize=_FILES)
def _statements(text: str) -> tuple[tuple[int, int, ast.stmt], ...]:
    """Return first line, last line and node of every statement; of a compound one its head."""
    found = []
    for node in ast.walk(module_of(text).tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None) or getattr(node, "cases", None)
            last = node.end_lineno or node.lineno
            if isinstance(body, list) and body:
                first_inside = getattr(body[0], "lineno", None) or body[0].pattern.lineno
                last = max(first_inside - 1, node.lineno)
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            found.append((first, last, node))
    return tuple(found)


def statements_at(text: str, first: int, last: int) -> list[ast.stmt]:
    """Return the statements that touch these lines; of a compound one only its head counts."""
    return [node for low, high, node in _statements(text) if low <= last and first <= high]


def statement_at(text: str, line: int) -> tuple[int, int] | None:
    """Return the first and last line of the smallest statement at a line; None when none is."""
    found = [(low, high) for low, high, _ in _statements(text) if low <= line <= high]
    return min(found, key=lambda run: run[1] - run[0], default=None)


def calls_in(node: ast.stmt) -> list[str]:
    """Return the callees of a statement as written; of a compound one those of its head."""
    inside: list[ast.AST] = [node]
    names = []
    while inside:
        one = inside.pop()
        if isinstance(one, ast.Call):
            names.append(ast.unparse(one.func))
        inside += [c for c in ast.iter_child_nodes(one) if not isinstance(c, ast.stmt)]
    return names
