"""The check `always-true-filter`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from undersign.checks.reading.outputs import stages
from undersign.checks.reading.query_filters import conjuncts, left_side, opaques
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Comparison, Condition, Or, Query, comparisons

_SAME = re.compile(r"\s*([\w.\"']+)\s*(?:==|=|=~|<=|>=)\s*\1\s*", re.IGNORECASE)


def always_true_filter(query: Query) -> Iterator[Fault]:
    """Report a filter that every row passes, whatever it holds."""
    for stage in stages(query):
        for condition in conjuncts(stage.condition):
            yield from _pairs(condition)
            yield from _itself(condition)


def _pairs(condition: Condition) -> Iterator[Fault]:
    """Report `x != a or x != b`, and `x == a or x != a`."""
    if not isinstance(condition, Or):
        return
    compared = [c for c in condition.children if isinstance(c, Comparison)]
    for one, other in combinations(compared, 2):
        if left_side(one) == left_side(other) and _cover(one, other):
            yield Fault(
                f"every row passes: whatever is not caught by {quoted(one.text)} is caught by"
                f" {quoted(other.text)}",
                condition.span,
                {"first": one.text, "second": other.text},
                "join them with `and`" if _excludes(one) and _excludes(other) else None,
            )
            return


def _cover(one: Comparison, other: Comparison) -> bool:
    values = {str(v.value).lower() for v in one.values}
    others = {str(v.value).lower() for v in other.values}
    equal = {"==", "!=", "in"}
    if one.op not in equal or other.op not in equal or "dynamic" in (one.type, other.type):
        return one.op == other.op and one.negated != other.negated and values == others
    if _excludes(one) and _excludes(other):
        return not values & others
    return _excludes(one) != _excludes(other) and values == others


def _excludes(one: Comparison) -> bool:
    return one.negated or one.op == "!="


def _itself(condition: Condition) -> Iterator[Fault]:
    """Report `1 == 1` and `x == x`."""
    pieces = [(c.text, c.span) for c in comparisons(condition)]
    pieces += [(o.text, o.span) for o in opaques(condition)]
    for text, span in pieces:
        if _SAME.fullmatch(text) and not isinstance(condition, Or):
            yield Fault(f"every row passes {quoted(text)}", span, {"text": text}, "remove it")
