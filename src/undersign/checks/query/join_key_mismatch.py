"""The check `join-key-mismatch`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.entities import entity_of, split_name
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Join, Pipeline, Query, Stage, Type
from undersign.records.visible import Visible, VisibleTable


def join_key_mismatch(query: Query, visible: Visible) -> Iterator[Fault]:
    """Report a join of things of different types, or of a user to a host."""
    for pipeline in query.pipelines():
        for index, stage in enumerate(pipeline.stages):
            if stage.join is not None:
                before = _columns(pipeline, pipeline.stages[:index], visible)
                right = stage.join.right
                yield from _mismatches(
                    stage.join,
                    (before, _table(pipeline, visible)),
                    (_columns(right, right.stages, visible), _table(right, visible)),
                )


Side = tuple[dict[str, Type], VisibleTable | None]


def _mismatches(join: Join, left: Side, right: Side) -> Iterator[Fault]:
    for a, b in join.keys:
        types = left[0].get(a, "unknown"), right[0].get(b, "unknown")
        things = entity_of(a, left[1]), entity_of(b, right[1])
        if "unknown" not in types and types[0] != types[1] and set(types) != {"long", "double"}:
            message = f"{quoted(a)} is {types[0]}, {quoted(b)} is {types[1]}: they never meet"
            hint = "convert one of them first"
        elif None not in things and things[0] != things[1]:
            message = f"{quoted(a)} holds a {things[0]}, {quoted(b)} a {things[1]}"
            hint = f"join on the {things[0]} of both sides"
        elif a != b and a in right[0] and not split_name(a) & split_name(b):
            message = f"{quoted(a)} is joined to {quoted(b)}; both sides have {quoted(a)}"
            hint = f"join on {quoted(a)}"
        else:
            continue
        evidence = {"keys": [a, b], "types": list(types), "entities": list(things)}
        yield Fault(message, join.span, evidence, hint)


def _columns(pipeline: Pipeline, stages: tuple[Stage, ...], visible: Visible) -> dict[str, Type]:
    """Return the columns and types after the last stage, or of the table itself."""
    if stages:
        return {c.name: c.type for c in stages[-1].columns or ()}
    table = _table(pipeline, visible)
    return {c.name: c.type for c in table.columns.values()} if table else {}


def _table(pipeline: Pipeline, visible: Visible) -> VisibleTable | None:
    if len(pipeline.sources) != 1:
        return None
    source = pipeline.sources[0]
    return visible.find(source.table or source.name)
