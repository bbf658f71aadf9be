"""The check `removes-everything`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.stage_rows import rows_after, rows_before
from undersign.checks.reading.wording import plural, quoted
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun


def removes_everything(query: Query, run: QueryRun) -> Iterator[Fault]:
    """Report the stage after which no row is left."""
    if not any(s.rows is not None for s in run.stages):
        raise CannotRun("History", run.refused or "no stage was counted")
    for pipeline in query.pipelines():
        for index, stage in enumerate(pipeline.stages):
            before = rows_before(run, pipeline, index)
            if before and rows_after(run, stage.span) == 0:
                yield Fault(
                    f"{quoted(stage.text)} removes all of {plural(before, 'row')}",
                    stage.span,
                    {"before": before, "after": 0},
                    "look at the rows before it: is its value written as it is logged?",
                )
