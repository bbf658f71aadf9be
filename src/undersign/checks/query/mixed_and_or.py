"""The check `mixed-and-or`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.outputs import stages
from undersign.records.finding import Fault
from undersign.records.query import And, Condition, Not, Or, Query


def mixed_and_or(query: Query) -> Iterator[Fault]:
    """Report `and` beside `or` without parentheses: `and` binds first."""
    for stage in stages(query):
        for bare in _bare(stage.condition):
            yield Fault(
                "`and` and `or` stand side by side without parentheses; `and` binds first",
                bare.span,
                {"alternatives": len(bare.children)},
                "put parentheses round what belongs together",
            )


def _bare(condition: Condition | None) -> Iterator[Or]:
    if isinstance(condition, Or) and condition.bare:
        yield condition
    if isinstance(condition, And | Or):
        for child in condition.children:
            yield from _bare(child)
    elif isinstance(condition, Not):
        yield from _bare(condition.child)
