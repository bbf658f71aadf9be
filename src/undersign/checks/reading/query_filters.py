"""The comparisons of a query, where they stand, and which of them every row must pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from undersign.records.query import (
    And,
    Comparison,
    Condition,
    Not,
    Opaque,
    Operator,
    Or,
    Pipeline,
    Query,
    Stage,
    comparisons,
)
from undersign.records.visible import Visible, VisibleColumn

_OPPOSITE: dict[Operator, Operator] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
_TRAILING_OPERATOR = re.compile(
    r"[\s(]*(==|!=|=~|!~|<>|<=|>=|<|>|:|=|(?:not\s+)?[!a-z_~]+)[\s(~@h\[]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Filter:
    """One comparison in a filter, every `not` around it folded into it."""

    comparison: Comparison
    stage: Stage
    pipeline: Pipeline
    sure: bool
    """No row passes the stage without it; False below an `or`."""
    flipped: bool = False
    """A `not` around it turned it into its opposite; a probe counted it as written."""

    @property
    def excludes(self) -> bool:
        """Whether rows that fit the literal are thrown out."""
        return self.comparison.negated or self.comparison.op == "!="

    @property
    def texts(self) -> tuple[str, ...]:
        """The literals that are plain text or numbers, as text."""
        return tuple(
            str(v.value)
            for v in self.comparison.values
            if v.kind in ("string", "long", "double") and v.value is not None
        )


def filters(query: Query) -> Iterator[Filter]:
    """Yield every comparison of every filter stage, lets first, in order of text."""
    for pipeline in query.pipelines():
        yield from filters_of(pipeline)


def filters_of(pipeline: Pipeline) -> Iterator[Filter]:
    """Yield the comparisons of one pipeline's own filter stages."""
    for stage in pipeline.stages:
        if stage.kind == "filter" and stage.condition is not None:
            written = {(c.span, c.op, c.negated) for c in comparisons(stage.condition)}
            for condition in conjuncts(stage.condition):
                sure = isinstance(condition, Comparison)
                for comparison in _leaves(condition):
                    as_is = (comparison.span, comparison.op, comparison.negated) in written
                    yield Filter(comparison, stage, pipeline, sure, flipped=not as_is)


def conjuncts(condition: Condition | None, negated: bool = False) -> tuple[Condition, ...]:
    """Return what must all hold, with `not` pushed down to the comparisons."""
    if condition is None:
        return ()
    folded = _folded(condition, negated)
    return folded.children if isinstance(folded, And) else (folded,)


def opaques(condition: Condition | None) -> Iterator[Opaque]:
    """Yield the parts of a condition that the model has no word for."""
    if isinstance(condition, Opaque):
        yield condition
    elif isinstance(condition, And | Or):
        for child in condition.children:
            yield from opaques(child)
    elif isinstance(condition, Not):
        yield from opaques(condition.child)


def left_side(comparison: Comparison) -> str:
    """Return what is compared, as written and in lower case: `tostring(detail.name)`."""
    first, whole = comparison.values[0] if comparison.values else None, comparison.span
    cut = -1
    if first is not None and first.span.line == whole.line and first.span.column > whole.column:
        cut = first.span.column - whole.column
    elif first is not None and first.text:
        cut = comparison.text.find(first.text)
    before = comparison.text[:cut] if cut > 0 else comparison.text
    return _TRAILING_OPERATOR.sub("", before).strip().lower() or comparison.column.lower()


def seen_column(comparison: Comparison, visible: Visible) -> VisibleColumn | None:
    """Return what is known of the column that is compared; None when it is computed."""
    table = visible.find(comparison.table) if comparison.table else None
    if table is None or comparison.table_column is None:
        return None
    return table.find(comparison.table_column)


def _folded(condition: Condition, negated: bool) -> Condition:
    if isinstance(condition, Not):
        return _folded(condition.child, not negated)
    if isinstance(condition, And | Or):
        children = tuple(_folded(c, negated) for c in condition.children)
        joined = And if isinstance(condition, And) != negated else Or
        flat: list[Condition] = []
        for child in children:
            flat += child.children if isinstance(child, joined) else (child,)
        return joined(tuple(flat), condition.span)
    if isinstance(condition, Opaque) or not negated:
        return Not(condition, condition.span) if negated else condition
    opposite = _OPPOSITE.get(condition.op)
    if opposite and not condition.negated:
        return replace(condition, op=opposite)
    return replace(condition, negated=not condition.negated)


def _leaves(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, And | Or):
        for child in condition.children:
            yield from _leaves(child)
