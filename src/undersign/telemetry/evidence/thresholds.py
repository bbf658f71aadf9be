"""A filter on an aggregate, and how the aggregate is distributed: what lies just beside it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from undersign.errors import QueryRefused
from undersign.records.query import Comparison, Pipeline, Query, Stage, comparisons
from undersign.records.query_run import Near
from undersign.telemetry.translate import StageSql

if TYPE_CHECKING:
    from undersign.telemetry.engines.duckdb import Session

_SHOWN = 40
"""Distinct values up to which the whole distribution is kept; beyond, those nearest."""
_MOST = 100_000
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip


def near_thresholds(
    session: Session,
    query: Query,
    stages: Sequence[StageSql],
    seconds: float,
    counted: dict[str, int],
) -> tuple[Near, ...]:
    """Return every numeric threshold on an aggregate with the distribution before it.

    Notes in `counted` how many rows the SQL of a stage gave on the way.
    """
    found: list[Near] = []
    for pipeline in query.pipelines():
        for stage, one in _on_aggregates(pipeline):
            before = _before(stages, stage)
            near = _near(session, one, before, seconds, counted) if before else None
            if near is not None:
                found.append(near)
    return tuple(found)


def _on_aggregates(pipeline: Pipeline) -> Iterator[tuple[Stage, Comparison]]:
    names: set[str] = set()
    for stage in pipeline.stages:
        if stage.kind == "filter":
            for one in comparisons(stage.condition):
                if one.column.lower() in names and one.op in _OPERATORS and _is_number(one):
                    yield stage, one
        if stage.kind == "aggregate":
            names = {a.name.lower() for a in stage.aggregates}


def _is_number(one: Comparison) -> bool:
    return len(one.values) == 1 and one.values[0].kind in ("long", "double") and not one.functions


def _before(stages: Sequence[StageSql], stage: Stage) -> StageSql | None:
    """Return the SQL of the stage before a filter, in its own pipeline."""
    at = next((n for n, s in enumerate(stages) if s.span == stage.span), None)
    if at is None:
        return None
    own = [s for s in stages[:at] if s.pipeline == stages[at].pipeline]
    return own[-1] if own and own[-1].sql else None


def _near(
    session: Session, one: Comparison, before: StageSql, seconds: float, counted: dict[str, int]
) -> Near | None:
    quoted = '"' + one.column.replace('"', '""') + '"'
    inner = "\n".join(("FROM (", before.sql, ")"))
    grouped = f"SELECT CAST({quoted} AS DOUBLE) AS v, count(*) AS n {inner} GROUP BY 1 ORDER BY 1"
    try:
        rows = session.many(f"{grouped} LIMIT {_MOST}", seconds)
    except QueryRefused:
        return None
    if len(rows) < _MOST:
        counted[before.sql] = sum(int(n) for _, n in rows)
    value = float(one.values[0].value or 0)
    holds = _OPERATORS[one.op]
    counts = [(float(v), int(n)) for v, n in rows if v is not None]
    return Near(
        span=one.span,
        column=one.column,
        op=one.op,
        value=value,
        groups=sum(n for _, n in counts),
        kept=sum(n for v, n in counts if bool(holds(v, value)) != one.negated),
        distribution=_closest(counts, value),
    )


def _closest(counts: list[tuple[float, int]], value: float) -> tuple[tuple[float, int], ...]:
    """Return at most some dozens of the values, nearest to the threshold, in order."""
    nearest = sorted(counts, key=lambda pair: abs(pair[0] - value))[:_SHOWN]
    return tuple(sorted(nearest))
