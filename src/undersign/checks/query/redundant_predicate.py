"""The check `redundant-predicate`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from undersign.checks.reading.query_filters import Filter, filters
from undersign.checks.reading.query_logic import facts
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault
from undersign.records.query import Query


def redundant_predicate(query: Query) -> Iterator[Fault]:
    """Report a filter or listed value that another one already says."""
    for pipeline in query.pipelines():
        for group in facts(pipeline):
            for one, other in combinations(group.filters, 2):
                if _follows(one, other):
                    yield Fault(
                        f"{quoted(other.comparison.text)} adds nothing to"
                        f" {quoted(one.comparison.text)}",
                        other.comparison.span,
                        {"first": one.comparison.text, "second": other.comparison.text},
                        "remove one of them",
                    )
    for one in filters(query):
        doubled = _doubled(one)
        if doubled:
            yield Fault(
                f"{listed(map(quoted, doubled))} is listed twice",
                one.comparison.span,
                {"values": doubled},
                "list it once",
            )


def _follows(one: Filter, other: Filter) -> bool:
    a, b = one.comparison, other.comparison
    if (a.op, one.excludes, a.case_sensitive) == (b.op, other.excludes, b.case_sensitive):
        same = [v.value for v in a.values] == [v.value for v in b.values]
        return same and a.functions == b.functions
    if a.op != "==" or one.excludes or not one.texts or other.excludes:
        return False
    text = one.texts[0].lower()
    within = any(t.lower() in text for t in other.texts)
    return b.op == "contains" and within and len(other.texts) == len(b.values)


def _doubled(one: Filter) -> list[str]:
    if one.comparison.op != "in":
        return []
    seen: set[str] = set()
    return [t for t in one.texts if t in seen or seen.add(t)]  # type: ignore[func-returns-value]
