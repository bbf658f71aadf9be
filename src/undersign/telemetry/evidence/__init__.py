"""The evidence of the critique: what a query did on real history, gathered before any check runs.

Every part may be missing and says so by being empty or None; nothing here is ever guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from undersign.errors import QueryRefused
from undersign.records.query import Query
from undersign.records.query_run import QueryRun, StageCount
from undersign.records.visible import Visible
from undersign.telemetry.cells import plain_rows
from undersign.telemetry.engines.limits import Limits, Rows
from undersign.telemetry.translate import StageSql, Translated

if TYPE_CHECKING:
    from undersign.telemetry.engines.duckdb import Session

SAMPLE = 200
"""Rows of the result that are kept."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The query whose run is looked at, and where it runs."""

    query: Query
    visible: Visible
    session: Session
    as_of: datetime
    snapshot: str
    corporate: tuple[str, ...] = ()
    """The organisation's own ranges."""


def query_run(subject: Subject, translated: Translated, seconds: float) -> QueryRun:
    """Run a query and gather all evidence within about this many seconds."""
    from undersign.telemetry.evidence.addresses import address_columns, addresses_of
    from undersign.telemetry.evidence.probes import count_probes
    from undersign.telemetry.evidence.thresholds import near_thresholds
    from undersign.telemetry.stage_counts import (
        Known,
        narrowing,
        of_result,
        row_keepers,
        stage_counts,
    )

    begun, until = perf_counter(), monotonic() + seconds
    session, query = subject.session, subject.query

    def left() -> float:
        return max(until - monotonic(), 0.05)

    rows, refused = _sample(session, translated, left())
    keeping = row_keepers(query)
    told = {} if rows is None or rows.truncated else of_result(translated, keeping, len(rows.table))
    thresholds = near_thresholds(session, query, translated.stages, left() * 0.4, told)
    known = Known(keeping, told, narrowing(query))
    stages = stage_counts(session, translated, left() * 0.6, known)
    counted = count_probes(session, query, subject.visible, subject.as_of, left())
    names = rows.table.column_names if rows else []
    addresses = address_columns(query, subject.visible, names)
    return QueryRun(
        as_of=_rfc3339(subject.as_of),
        snapshot=subject.snapshot,
        stages=stages,
        columns=tuple(zip(names, rows.types, strict=True)) if rows else (),
        sample=_records(rows),
        rows=_count(session, translated, stages, left()) if rows else None,
        rows_without_limit=_without_limit(query, translated.stages, stages),
        probes=counted.probes,
        thresholds=thresholds,
        sources=counted.sources,
        public_addresses=addresses_of(
            session, translated.sql, addresses, subject.corporate, left()
        ),
        refused=refused,
        seconds=perf_counter() - begun,
    )


def refused_run(subject: Subject, stages: Sequence[StageSql], why: str, seconds: float) -> QueryRun:
    """Gather what can still be told of a query that was refused: the stages before, the tables."""
    from undersign.telemetry.evidence.probes import count_probes
    from undersign.telemetry.stage_counts import stage_counts

    translated = Translated("", tuple(stages))
    counts = stage_counts(subject.session, translated, seconds * 0.6)
    counted = count_probes(
        subject.session, subject.query, subject.visible, subject.as_of, seconds * 0.4
    )
    return QueryRun(
        as_of=_rfc3339(subject.as_of),
        snapshot=subject.snapshot,
        stages=counts,
        probes=counted.probes,
        sources=counted.sources,
        refused=why,
    )


def _sample(session: Session, translated: Translated, seconds: float) -> tuple[Rows | None, str]:
    try:
        limits = Limits(seconds=seconds, memory_mb=session.memory_mb, rows=SAMPLE)
        return session.rows(translated.sql, limits), ""
    except QueryRefused as error:
        return None, str(error)


def _records(rows: Rows | None) -> tuple[dict[str, object], ...]:
    if rows is None:
        return ()
    names = rows.table.column_names
    return tuple(dict(zip(names, row, strict=True)) for row in plain_rows(rows.table))


def _count(
    session: Session, translated: Translated, stages: tuple[StageCount, ...], seconds: float
) -> int | None:
    """Return how many rows the result has: what comes out of its last stage, when counted."""
    last = next((s.rows for s in reversed(stages) if s.pipeline == ""), None)
    if last is not None and translated.stages[-1].pipeline == "":
        return last
    try:
        return session.count(translated.sql, seconds)
    except QueryRefused:
        return None


def _without_limit(
    query: Query, made: tuple[StageSql, ...], counts: tuple[StageCount, ...]
) -> int | None:
    """Return the rows that go into the main pipeline's last limit; None when it has none."""
    limits = [s.span for s in query.main.stages if s.kind == "limit"]
    if not limits:
        return None
    main = [(s.span, c.rows) for s, c in zip(made, counts, strict=True) if s.pipeline == ""]
    before = None
    for span, rows in main:
        if span == limits[-1]:
            return before
        before = rows
    return None


def _rfc3339(moment: datetime) -> str:
    from datetime import UTC

    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
