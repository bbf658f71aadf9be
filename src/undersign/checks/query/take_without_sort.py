"""The check `take-without-sort`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Question

_ANY_ROWS = frozenset({"take", "limit", "head", "fetch", "tail"})
_RANKED = frozenset({"top", "bottom", "first_seen", "last_seen"})


def take_without_sort(query: Query, question: Question | None) -> Iterator[Fault]:
    """Report a limit on rows in no order: which ones are kept is chance."""
    for pipeline in query.pipelines():
        ordered = False
        for stage in pipeline.stages:
            if stage.kind == "sort" or stage.order:
                ordered = True
            elif stage.kind in ("aggregate", "distinct", "join", "union"):
                ordered = False
            if stage.limit is None or stage.keyword not in _ANY_ROWS or ordered or stage.limit == 0:
                continue
            ranked = question is not None and question.output in _RANKED
            yield Fault(
                f"{quoted(stage.text)} keeps any {stage.limit} rows: they are in no order",
                stage.span,
                {"limit": stage.limit},
                "sort first, or use `top`",
                Severity.WARNING if ranked else None,
            )
