"""The tables a query reads, each with the pipelines its rows go through on their way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.records.query import Pipeline, Query, Source, Stage
from undersign.records.visible import Visible, VisibleTable

_DEEP = 12
"""Lets that name lets that name lets: beyond this nobody follows."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One table where rows come from, and the pipelines they pass, innermost first."""

    source: Source
    path: tuple[Pipeline, ...]
    side: str
    """`main`, `join`, `union` or `beside` (a let that is only used within a condition)."""
    table: VisibleTable | None = None
    stages: tuple[Stage, ...] = field(default=())
    """Of the whole path, in the order that the rows meet them."""

    @property
    def name(self) -> str:
        """Return the table's name, as known here or else as written."""
        return self.table.name if self.table else self.source.name


def leaves(query: Query, visible: Visible | None = None) -> tuple[Leaf, ...]:
    """Return every table that is read, followed through lets, joins and unions."""
    found = list(_leaves_of(query, query.main, (), "main", visible))
    reached = {id(p) for leaf in found for p in leaf.path}
    for name, pipeline in query.named.items():
        if id(pipeline) not in reached and name:
            found += _leaves_of(query, pipeline, (), "beside", visible)
    return tuple(found)


def _leaves_of(
    query: Query,
    pipeline: Pipeline,
    after: tuple[Pipeline, ...],
    side: str,
    visible: Visible | None,
) -> Iterator[Leaf]:
    path = (pipeline, *after)
    if len(path) > _DEEP:
        return
    for source in pipeline.sources:
        inner = query.named.get(source.name) if source.kind == "named" else None
        if inner is not None and inner not in path:
            yield from _leaves_of(query, inner, path, side, visible)
        elif source.kind in ("table", "datamodel", "events"):
            table = visible.find(source.table or source.name) if visible else None
            stages = tuple(s for p in path for s in p.stages)
            yield Leaf(source, path, side, table, stages)
    for stage in pipeline.stages:
        if stage.join is not None:
            yield from _leaves_of(query, stage.join.right, (), "join", visible)
        for branch in stage.branches:
            yield from _leaves_of(query, branch, path, "union", visible)


def open_ended(query: Query) -> bool:
    """Say whether the query also reads what is no known table: wildcards, files, functions."""
    return any(
        source.kind in ("wildcard", "external")
        or (source.kind == "table" and source.table is None)
        or (source.kind == "named" and source.name not in query.named)
        for pipeline in query.pipelines()
        for source in pipeline.sources
    )
