"""A literal that every match of a regular expression must contain, so that few values are tried."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_SHORTEST = 3
"""Shorter literals stand in too many values to save anything."""


def required_literal(pattern: str) -> str:
    """Return the longest literal that must occur in any text the pattern is found in.

    Empty when there is none, or when the pattern is not one that Python can parse. Text is meant
    without case: a caller compares lower-cased text, which holds for cased patterns as well.
    """
    try:
        parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    except (re.error, OverflowError, RecursionError):
        return ""
    longest = max(_runs(list(parsed)), key=len, default="")
    return longest if len(longest) >= _SHORTEST and longest.isascii() else ""


def _runs(items: Sequence[tuple[Any, Any]]) -> list[str]:
    """Return the literal runs of a sequence of parsed items, all of which must occur in order."""
    found: list[str] = []
    run = ""
    for operator, argument in items:
        name = str(operator)
        if name == "LITERAL":
            run += chr(argument)
            continue
        found.append(run)
        run = ""
        found += _inside(name, argument)
    return [*found, run]


def _inside(name: str, argument: Any) -> list[str]:
    if name == "SUBPATTERN":
        return _runs(list(argument[3]))
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] >= 1:
        return _runs(list(argument[2]))
    if name == "ATOMIC_GROUP":
        return _runs(list(argument))
    return []
