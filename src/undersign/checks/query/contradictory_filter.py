"""The check `contradictory-filter`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from undersign.checks.reading.query_logic import clash, facts
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query


def contradictory_filter(query: Query) -> Iterator[Fault]:
    """Report two filters that no row can pass together."""
    for pipeline in query.pipelines():
        for group in facts(pipeline):
            for one, other in combinations(group.filters, 2):
                if clash(one, other):
                    yield Fault(
                        f"no row passes both {quoted(one.comparison.text)} and"
                        f" {quoted(other.comparison.text)}",
                        other.comparison.span,
                        {"first": one.comparison.text, "second": other.comparison.text},
                        "remove one, or join them with `or`",
                    )
                    break
