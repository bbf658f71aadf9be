"""The check `join-without-time`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.entities import entity_of
from undersign.checks.reading.sources import leaves
from undersign.records.finding import Fault, Severity
from undersign.records.query import Pipeline, Query
from undersign.records.question import Question
from undersign.records.visible import Visible

_NO_EVENTS = frozenset({"aggregate", "distinct"})
"""After these a side is a list of things, no longer events in time."""


def join_without_time(query: Query, visible: Visible, question: Question | None) -> Iterator[Fault]:
    """Report two kinds of events joined however far apart in time they are."""
    for pipeline in query.pipelines():
        for index, stage in enumerate(pipeline.stages):
            join = stage.join
            if join is None or join.time_bound or "anti" in join.kind or "semi" in join.kind:
                continue
            reduced = _reduced(pipeline, index) or _reduced(join.right, len(join.right.stages))
            timed = any(entity_of(name) == "time" for pair in join.keys for name in pair)
            if reduced or timed or not _has_time(query, join.right, visible):
                continue
            asked = question is not None and question.output == "sequence"
            yield Fault(
                "nothing keeps the two events of this join near each other in time",
                join.span,
                {"keys": [list(pair) for pair in join.keys]},
                "compare the times of both sides after the join",
                None if asked else Severity.NOTE,
            )


def _reduced(pipeline: Pipeline, until: int) -> bool:
    return any(stage.kind in _NO_EVENTS for stage in pipeline.stages[:until])


def _has_time(query: Query, right: Pipeline, visible: Visible) -> bool:
    found = [leaf for leaf in leaves(query, visible) if right in leaf.path]
    return any(leaf.table is not None and leaf.table.time for leaf in found)
