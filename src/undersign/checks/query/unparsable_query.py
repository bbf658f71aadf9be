"""The check `unparsable-query`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault, Severity
from undersign.records.query import Query

_REFUSED = frozenset({"syntax", "arguments", "ambiguous-name", "other"})


def unparsable_query(query: Query) -> Iterator[Fault]:
    """Report what the language itself cannot read, apart from names and types."""
    for problem in query.problems:
        if problem.kind in _REFUSED:
            yield Fault(_line(problem.message), problem.span, {"kind": problem.kind})
        elif problem.kind == "unsupported":
            severity = Severity.NOTE
            message = f"not looked into: {_line(problem.message)}"
            yield Fault(message, problem.span, {"kind": problem.kind}, None, severity)


def _line(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:300])
