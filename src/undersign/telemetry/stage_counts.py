"""How many rows come out of every stage of a query."""

from __future__ import annotations

from time import monotonic

from undersign.errors import QueryRefused
from undersign.records.query_run import StageCount
from undersign.telemetry.engines.duckdb import Session
from undersign.telemetry.translate import StageSql, Translated

_MOST_OF_ONE = 0.5
"""Share of the time left that one stage may take, so that one slow join does not cost them all."""


def stage_counts(
    session: Session, translated: Translated, seconds: float
) -> tuple[StageCount, ...]:
    """Count every stage within a time budget; a stage that could not be counted says why."""
    until = monotonic() + seconds
    known: dict[str, int] = {}
    return tuple(_count(session, stage, until, known) for stage in translated.stages)


def _count(session: Session, stage: StageSql, until: float, known: dict[str, int]) -> StageCount:
    def told(rows: int | None, reason: str = "") -> StageCount:
        return StageCount(stage.text, stage.span, rows, reason, stage.pipeline)

    if not stage.sql:
        return told(None, stage.refused or "it cannot be said in SQL")
    if stage.sql in known:
        return told(known[stage.sql])
    left = until - monotonic()
    if left <= 0:
        return told(None, "not counted: took too long")
    try:
        known[stage.sql] = session.count(stage.sql, max(left * _MOST_OF_ONE, 0.05))
    except QueryRefused as error:
        slow = error.operator == "time limit"
        return told(None, "not counted: took too long" if slow else error.message)
    return told(known[stage.sql])
