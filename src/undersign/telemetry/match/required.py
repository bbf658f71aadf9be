"""Literals of which every match of a regular expression holds one, so that few values are tried."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_SHORTEST = 3
"""Shorter literals stand in too many values to save anything."""
_MOST = 64
"""More alternatives than that are not worth one pattern each."""

_Choice = tuple[str, ...]


def required_literals(pattern: str) -> tuple[str, ...]:
    """Return literals at least one of which occurs in any text the pattern is found in.

    Empty when there are none, or when the pattern is not one that Python can parse. Text is meant
    without case: a caller compares lower-cased text, which holds for cased patterns as well.
    """
    try:
        parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    except (re.error, OverflowError, RecursionError):
        return ()
    return _best(_choices(list(parsed)))


def _best(choices: Sequence[_Choice]) -> _Choice:
    """Return the choice whose shortest literal is longest; none that is too short or too wide."""
    fit = [c for c in choices if len(c) <= _MOST and all(_selective(text) for text in c)]
    return max(fit, key=lambda c: (min(map(len, c)), -len(c)), default=())


def _selective(text: str) -> bool:
    return len(text) >= _SHORTEST and text.isascii()


def _choices(items: Sequence[tuple[Any, Any]]) -> list[_Choice]:
    """Return what a sequence of parsed items requires: of each choice, one literal must occur."""
    found: list[_Choice] = []
    run = ""
    for operator, argument in items:
        name = str(operator)
        if name == "LITERAL":
            run += chr(argument)
            continue
        found.append((run,))
        run = ""
        found += _inside(name, argument)
    return [*found, (run,)]


def _inside(name: str, argument: Any) -> list[_Choice]:
    if name == "SUBPATTERN":
        return _choices(list(argument[3]))
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] >= 1:
        return _choices(list(argument[2]))
    if name == "ATOMIC_GROUP":
        return _choices(list(argument))
    if name == "BRANCH":
        branches = [_best(_choices(list(branch))) for branch in argument[1]]
        if all(branches):
            return [tuple(dict.fromkeys(text for branch in branches for text in branch))]
    return []
