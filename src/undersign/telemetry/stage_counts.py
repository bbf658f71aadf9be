"""How many rows come out of every stage of a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from undersign.errors import QueryRefused
from undersign.records.artifact import Span
from undersign.records.query import Query
from undersign.records.query_run import StageCount
from undersign.telemetry.engines.duckdb import Session
from undersign.telemetry.translate import StageSql, Translated

_MOST_OF_ONE = 0.5
"""Share of the time left that one stage may take, so that one slow join does not cost them all."""
_KEEPING = ("extend", "project", "rename", "sort")


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be counted again."""

    keeping: frozenset[Span] = frozenset()
    """Places of stages that let every row through: their count is the one before."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """SQL of a stage -> its rows."""
    narrowing: frozenset[Span] = frozenset()
    """Places of stages that make no row: after none there are none."""


def stage_counts(
    session: Session, translated: Translated, seconds: float, known: Known | None = None
) -> tuple[StageCount, ...]:
    """Count every stage within a time budget; a stage that could not be counted says why."""
    held = known or Known()
    counter = _Counter(
        session, monotonic() + seconds, held.keeping, dict(held.rows), held.narrowing
    )
    return tuple(counter.count(stage) for stage in translated.stages)


def row_keepers(query: Query) -> frozenset[Span]:
    """Return the places of stages that give one row for each that comes in, by their kind alone."""
    # A select list of SQL may hold UNNEST, which makes several rows of one.
    kinds = tuple(k for k in _KEEPING if query.language != "sql" or k != "project")
    return frozenset(s.span for p in query.pipelines() for s in p.stages if s.kind in kinds)


def narrowing(query: Query) -> frozenset[Span]:
    """Return the places of stages that only take rows away."""
    kinds = ("filter", "limit", "distinct", *_KEEPING)
    return frozenset(s.span for p in query.pipelines() for s in p.stages if s.kind in kinds)


def of_result(translated: Translated, keeping: frozenset[Span], rows: int) -> dict[str, int]:
    """Return SQL -> rows of the last stages, when the whole result is known to have this many."""
    known: dict[str, int] = {}
    for stage in reversed(translated.stages):
        if stage.pipeline or not stage.sql:
            break
        known[stage.sql] = rows
        if stage.span not in keeping:
            break
    return known


@dataclass(slots=True)
class _Counter:
    """Counts within a budget; equal SQL is counted once."""

    session: Session
    until: float
    keeping: frozenset[Span]
    known: dict[str, int] = field(default_factory=dict)
    narrowing: frozenset[Span] = frozenset()
    last: dict[str, int | None] = field(default_factory=dict)
    """Rows after the last stage of each pipeline."""

    def count(self, stage: StageSql) -> StageCount:
        """Return the count of one stage or why there is none."""
        rows, reason = self._rows(stage)
        self.last[stage.pipeline] = rows
        return StageCount(stage.text, stage.span, rows, reason, stage.pipeline)

    def _rows(self, stage: StageSql) -> tuple[int | None, str]:
        if not stage.sql:
            return None, stage.refused or "it cannot be said in SQL"
        if stage.span in self.keeping and self.last.get(stage.pipeline) is not None:
            return self.last[stage.pipeline], ""
        if stage.span in self.narrowing and self.last.get(stage.pipeline) == 0:
            return 0, ""
        if stage.sql in self.known:
            return self.known[stage.sql], ""
        left = self.until - monotonic()
        if left <= 0:
            return None, "not counted: took too long"
        try:
            rows = self.session.count(stage.sql, max(left * _MOST_OF_ONE, 0.05))
        except QueryRefused as error:
            slow = error.operator == "time limit"
            return None, "not counted: took too long" if slow else error.message
        self.known[stage.sql] = rows
        return rows, ""
