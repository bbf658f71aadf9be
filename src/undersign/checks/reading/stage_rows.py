"""Row counts of a run, found by the place of a stage."""

from __future__ import annotations

from undersign.records.artifact import Span
from undersign.records.query import Pipeline
from undersign.records.query_run import Probe, QueryRun, StageCount


def count_at(run: QueryRun, span: Span) -> StageCount | None:
    """Return the count of the stage at a place; None when it was not counted at all."""
    return next((s for s in run.stages if s.span == span), None)


def rows_after(run: QueryRun, span: Span) -> int | None:
    """Return how many rows come out of the stage at a place, when that is known."""
    found = count_at(run, span)
    return found.rows if found else None


def rows_before(run: QueryRun, pipeline: Pipeline, index: int) -> int | None:
    """Return how many rows go into the stage of this index, when that is known."""
    if index > 0:
        return rows_after(run, pipeline.stages[index - 1].span)
    found = [rows_after(run, source.span) for source in pipeline.sources]
    known = [rows for rows in found if rows is not None]
    if known and len(known) == len(found):
        return sum(known)
    if len(pipeline.sources) == 1 and (source := pipeline.sources[0]).table in run.sources:
        return run.sources[str(source.table)].rows
    return None


def probe_at(run: QueryRun | None, span: Span) -> Probe | None:
    """Return what was counted of the comparison at a place."""
    return next((p for p in run.probes if p.span == span), None) if run else None
