"""Numbers that a query compares counts and measures with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.checks.reading.query_filters import filters
from undersign.records.artifact import Span
from undersign.records.query import Query

_ORDER = frozenset({"<", "<=", ">", ">=", "==", "!="})


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """One comparison of a column with a number."""

    column: str
    op: str
    value: float
    span: Span
    text: str
    counted: bool
    """The column is an aggregate of this query."""

    def least(self) -> tuple[str, float]:
        """Return the same bound for whole numbers as `>=` or `<=`: `> 5` is `>= 6`."""
        if self.op == ">":
            return ">=", self.value + 1
        return ("<=", self.value - 1) if self.op == "<" else (self.op, self.value)


def number_filters(query: Query) -> Iterator[NumberFilter]:
    """Yield every comparison with a number, in order of text."""
    made = {a.name for p in query.pipelines() for s in p.stages for a in s.aggregates}
    derived = {
        a.name
        for p in query.pipelines()
        for s in p.stages
        for a in s.assigned
        if set(a.columns) & made
    }
    for one in filters(query):
        comparison = one.comparison
        if comparison.op not in _ORDER or len(comparison.values) != 1:
            continue
        value = comparison.values[0].value
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        counted = comparison.column in made | derived or one.stage.keyword == "having"
        yield NumberFilter(
            comparison.column,
            comparison.op,
            float(value),
            comparison.span,
            comparison.text,
            counted,
        )
