"""The check `filter-after-aggregation`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_filters import filters_of
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query, Stage


def filter_after_aggregation(query: Query) -> Iterator[Fault]:
    """Report a filter on a grouping key that stands after the aggregation."""
    for pipeline in query.pipelines():
        grouped: Stage | None = None
        for stage in pipeline.stages:
            if stage.kind == "aggregate":
                grouped = stage
            elif stage.kind not in ("filter", "sort", "limit"):
                grouped = None
            if grouped is None or stage.kind != "filter" or stage.keyword == "having":
                continue
            keys = {g.name for g in grouped.groups if not g.functions and g.bin_seconds is None}
            for one in filters_of(pipeline):
                if one.stage is stage and one.sure and one.comparison.column in keys:
                    yield Fault(
                        f"{quoted(one.comparison.text)} stands after the aggregation and filters"
                        " what it groups by",
                        one.comparison.span,
                        {"key": one.comparison.column},
                        "put it before, so that less is read and counted",
                    )
