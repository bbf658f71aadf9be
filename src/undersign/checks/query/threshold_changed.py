"""The check `threshold-changed`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.thresholds import NumberFilter, number_filters
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Question, Threshold

_WHOLE = {">": (">=", 1), "<": ("<=", -1)}
_LARGE = 1000.0
"""Above this, bytes and the like, one more or less is no difference."""


def threshold_changed(query: Query, question: Question) -> Iterator[Fault]:
    """Report a count held against another number, or the other way, than the question says."""
    counted = [n for n in number_filters(query) if n.counted]
    for asked in question.thresholds:
        near = [n for n in counted if n.value == asked.value] or counted
        if not near or any(_same(n, asked) for n in counted):
            continue
        if near is counted and _elsewhere(query, asked):
            continue
        given = near[0]
        severity = Severity.NOTE if abs(_bound(asked) - given.least()[1]) <= 1 else None
        if _direction(asked.op) != _direction(given.op):
            severity = None
        yield Fault(
            f"the question says {quoted(asked.piece.text)}; the query keeps {quoted(given.text)}",
            given.span,
            {"asked": f"{asked.op} {asked.value:g}", "query": f"{given.op} {given.value:g}"},
            f"compare with {asked.op} {asked.value:g}",
            severity,
        )


def _same(given: NumberFilter, asked: Threshold) -> bool:
    if asked.value > _LARGE and _direction(given.op) == _direction(asked.op):
        ratio = given.value / asked.value
        return 0.9 < ratio < 1.1
    op, value = given.least()
    return op == _WHOLE.get(asked.op, (asked.op, 0))[0] and value == _bound(asked)


def _bound(asked: Threshold) -> float:
    return asked.value + _WHOLE.get(asked.op, ("", 0))[1]


def _direction(op: str) -> str:
    return op[0]


def _elsewhere(query: Query, asked: Threshold) -> bool:
    """Say whether the number stands elsewhere in the query, as with `let threshold = 5`."""
    return re.search(rf"(?<![\w.]){asked.value:g}(?![\w.])", code_of(query)) is not None
