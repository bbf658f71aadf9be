"""Which part of history a query looks at in each table it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.records.query import And, Comparison, Condition, Pipeline, Query
from undersign.records.visible import Visible


@dataclass(frozen=True, slots=True)
class Leaf:
    """One reading of a table by one pipeline, and the bounds that are put on its time."""

    table: str
    pipeline: Pipeline
    bounds: tuple[Comparison, ...]
    """All hold; empty when nothing bounds it."""


def leaves(query: Query, visible: Visible) -> tuple[Leaf, ...]:
    """Return every reading of a visible table.

    Bounds are those of the pipeline's own filters and of the one pipeline that goes on with it, if
    only one does.
    """
    users: dict[str, list[Pipeline]] = {}
    for pipeline in query.pipelines():
        for source in pipeline.sources:
            if source.kind == "named":
                users.setdefault(source.name, []).append(pipeline)
    found = []
    for pipeline in query.pipelines():
        for table in dict.fromkeys(s.table for s in pipeline.sources if s.table):
            bounds = tuple(_bounds(_chain(pipeline, users), table, visible))
            found.append(Leaf(table, pipeline, bounds))
    return tuple(found)


def conjuncts(condition: Condition | None) -> Iterator[Condition]:
    """Yield what must hold together."""
    if isinstance(condition, And):
        yield from condition.children
    elif condition is not None:
        yield condition


def _chain(pipeline: Pipeline, users: dict[str, list[Pipeline]]) -> list[Pipeline]:
    chain = [pipeline]
    while chain[-1].name and len(users.get(chain[-1].name, ())) == 1:
        (after,) = users[chain[-1].name]
        if after in chain:
            break
        chain.append(after)
    return chain


def _bounds(chain: list[Pipeline], table: str, visible: Visible) -> Iterator[Comparison]:
    held = visible.find(table)
    if held is None or held.time is None:
        return
    for pipeline in chain:
        for stage in pipeline.stages:
            for one in conjuncts(stage.condition) if stage.kind == "filter" else ():
                if not isinstance(one, Comparison) or one.functions or one.negated:
                    continue
                if (one.table, one.table_column) == (table, held.time):
                    yield one
