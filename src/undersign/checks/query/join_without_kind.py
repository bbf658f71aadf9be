"""The check `join-without-kind`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.outputs import stages
from undersign.records.finding import Fault
from undersign.records.query import Query


def join_without_kind(query: Query) -> Iterator[Fault]:
    """Report a KQL join without `kind=`, which keeps one left row for each key."""
    for stage in stages(query):
        join = stage.join
        if join is not None and join.kind == "innerunique" and not join.kind_written:
            keys = [left for left, _ in join.keys]
            yield Fault(
                "without `kind=` a join keeps one row of the left side for each key, at random",
                join.span,
                {"keys": keys, "kind": join.kind},
                "write kind=inner, or kind=innerunique if that is meant",
            )
