"""The check `removes-nothing`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_filters import filters_of
from undersign.checks.reading.stage_rows import rows_after, rows_before
from undersign.checks.reading.wording import plural, quoted
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.query import Pipeline, Query, Stage
from undersign.records.query_run import QueryRun


def removes_nothing(query: Query, run: QueryRun) -> Iterator[Fault]:
    """Report a filter that every row passes on the logs here."""
    if not any(s.rows is not None for s in run.stages):
        raise CannotRun("History", run.refused or "no stage was counted")
    for pipeline in query.pipelines():
        for index, stage in enumerate(pipeline.stages):
            before = rows_before(run, pipeline, index)
            kept = rows_after(run, stage.span)
            if stage.kind != "filter" or not before or kept != before or _time(pipeline, stage):
                continue
            yield Fault(
                f"{quoted(stage.text)} keeps all of {plural(before, 'row')}",
                stage.span,
                {"before": before, "after": kept},
                "see whether it says what it should",
            )


def _time(pipeline: Pipeline, stage: Stage) -> bool:
    """Say whether the filter is a time window; that it keeps all of a small lake is no news."""
    found = [f for f in filters_of(pipeline) if f.stage is stage]
    return bool(found) and all(
        v.kind in ("ago", "timestamp") for f in found for v in f.comparison.values
    )
