"""Where a question speaks of a literal, and whether it wants it or excludes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from undersign.records.question import Question

_EXCLUDING = re.compile(
    r"\b(?:not|no|non|without|except(?:ing)?|excludes?|excluding|other than|apart from|outside|"
    r"exclude|ignor(?:e|es|ing)|filter(?:s|ing)? out|remov(?:e|es|ing)|never|besides|isn't|aren't"
    r"|doesn't|don't|unless)\b[^.;,]{0,60}$",
    re.IGNORECASE,
)


def mentions(question: Question, value: str) -> tuple[bool, ...]:
    """Return, for every place where the question says the value, whether it is excluded there."""
    return tuple(
        _excluded(question, found.start()) for found in _whole(value).finditer(question.text)
    )


def clearly_wanted(question: Question, value: str) -> bool:
    """Say whether the question names the value, and nowhere as an exclusion."""
    found = mentions(question, value)
    return bool(found) and not any(found)


def clearly_excluded(question: Question, value: str) -> bool:
    """Say whether the question names the value, and everywhere as an exclusion."""
    found = mentions(question, value)
    return bool(found) and all(found)


def telling(texts: Iterator[str] | tuple[str, ...], least: int = 3) -> tuple[str, ...]:
    """Keep the literals that say something: no short numbers, no lone letters."""
    return tuple(t for t in texts if len(t.strip()) >= least and any(c.isalnum() for c in t))


def _excluded(question: Question, at: int) -> bool:
    if any(n.piece.start <= at < n.what.end for n in question.negations):
        return True
    if any(v.negated and v.piece.start <= at < v.piece.end for v in question.values):
        return True
    return _EXCLUDING.search(question.text[max(0, at - 80) : at]) is not None


@lru_cache(maxsize=512)
def _whole(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w]){re.escape(value.strip())}(?![\w])", re.IGNORECASE)
