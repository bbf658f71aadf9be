"""The check `type-clash`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_filters import Filter, filters
from undersign.checks.reading.query_names import trusted
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Comparison, Literal, Query

_NUMBERS = frozenset({"long", "double"})
_ORDERED = frozenset({"<", "<=", ">", ">=", "between"})
_TEXT = frozenset({"contains", "has", "startswith", "endswith", "like", "regex"})
_NUMBER = re.compile(r"\s*[-+]?(?:\d+(?:\.\d*)?|0x[0-9a-f]+)\s*", re.IGNORECASE)
_BOOLEAN = re.compile(r"\s*(?:true|false|0|1)\s*", re.IGNORECASE)
_WORDS = {
    "long": "a number", "double": "a number", "boolean": "true or false", "timestamp": "a time",
    "string": "text", "timespan": "a length of time",
}  # fmt: skip


def type_clash(query: Query) -> Iterator[Fault]:
    """Report a comparison of things of different types."""
    reported = set()
    unknown = any(p.kind.startswith("unknown") for p in query.problems)
    for problem in trusted(query, "type"):
        # An unknown name has no type, and what is computed from it has the wrong one.
        if not unknown:
            reported.add(problem.span.line)
            message = " ".join(problem.message.split()).rstrip(".")
            yield Fault(message, problem.span, {"kind": "type"})
    for one in filters(query):
        if one.comparison.span.line not in reported:
            yield from _clashes(one)


def _clashes(one: Filter) -> Iterator[Fault]:
    comparison = one.comparison
    for literal in comparison.values:
        found = _clash(comparison, literal)
        if not found:
            continue
        severity, consequence = found
        left = f"{quoted(comparison.column)} is {_WORDS[comparison.type]}"
        right = f"{quoted(literal.text or literal.value)} is {_WORDS.get(literal.kind, 'not')}"
        yield Fault(
            f"{left}, {right}: {consequence}",
            comparison.span,
            {"column": comparison.column, "type": comparison.type, "literal": literal.kind},
            _suggestion(comparison, literal),
            severity,
        )
        return


def _clash(comparison: Comparison, literal: Literal) -> tuple[Severity, str] | None:
    """Say how bad a pair is and what comes of it; None when it fits or cannot be judged."""
    left, text = comparison.type, str(literal.value)
    if literal.kind in _NUMBERS and left == "string":
        if comparison.op in _ORDERED:
            return Severity.ERROR, "text is not ordered as numbers are"
        return Severity.WARNING, "it is compared as text"
    if literal.kind != "string":
        return None
    if left in _NUMBERS and comparison.op in _TEXT:
        return Severity.WARNING, "a number holds no text"
    if left in _NUMBERS:
        fits = _NUMBER.fullmatch(text)
        return (Severity.WARNING, "it is converted first") if fits else _NEVER
    if left == "boolean":
        fits = _BOOLEAN.fullmatch(text)
        return (Severity.WARNING, "it is converted first") if fits else _NEVER
    if left == "timestamp" and comparison.op not in _TEXT and not re.search(r"\d", text):
        return _NEVER
    if left == "string" and comparison.op in _ORDERED and _NUMBER.fullmatch(text):
        return Severity.WARNING, "numbers are ordered as text, so `9` comes after `10`"
    return None


_NEVER = (Severity.ERROR, "it can never hold")


def _suggestion(comparison: Comparison, literal: Literal) -> str:
    if comparison.type == "string":
        if comparison.op in _ORDERED:
            return f"convert {quoted(comparison.column)} to a number first"
        return f'write "{literal.value}"'
    if comparison.type in _NUMBERS or comparison.type == "boolean":
        return "write it without quotes"
    return "write it as a time"
