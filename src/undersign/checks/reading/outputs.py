"""What a query gives back: its aggregates, order, limits and columns."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.query import Aggregate, Query, Stage

COUNTING = frozenset({"count", "dcount", "countif", "dcountif", "count_distinct", "hll", "sum"})
"""Functions that give a number of something."""
_SERIES = ("make-series", "timechart", "series_decompose", "series_", "anomalydetection",
    "predict", "trendline", "anomalies", "stdev", "stddev", "avg(", "percentile", "quantile",
    "eventstats", "streamstats", "autocluster", "basket", "diffpatterns", "zscore")  # fmt: skip


def stages(query: Query) -> Iterator[Stage]:
    """Yield every stage of every pipeline."""
    for pipeline in query.pipelines():
        yield from pipeline.stages


def aggregates(query: Query) -> tuple[Aggregate, ...]:
    """Return every aggregate of every pipeline."""
    return tuple(a for stage in stages(query) for a in stage.aggregates)


def counts(query: Query) -> bool:
    """Say whether something is counted anywhere."""
    if any(a.function in COUNTING for a in aggregates(query)):
        return True
    return any(s.keyword in ("count", "top", "rare", "top-nested") for s in stages(query))


def limits(query: Query) -> tuple[Stage, ...]:
    """Return the stages of the main pipeline that keep a number of rows."""
    return tuple(s for s in query.main.stages if s.limit is not None)


def sorts(query: Query) -> bool:
    """Say whether the main pipeline orders its rows, `top` and `rare` included."""
    ordering = ("top", "rare", "top-nested", "top-hitters", "arg_max")
    return any(s.kind == "sort" or s.order or s.keyword in ordering for s in query.main.stages)


def compares_with_usual(code: str) -> bool:
    """Say whether anything in the code looks like a comparison with what is ordinary."""
    lowered = code.lower()
    return any(word in lowered for word in _SERIES)


def result_columns(query: Query) -> frozenset[str] | None:
    """Return the final column names in lower case; None when they are not known."""
    if not query.main.stages:
        return None
    columns = query.main.stages[-1].columns
    return frozenset(c.name.lower() for c in columns) if columns else None
