"""The check `near-misses`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.thresholds import number_filters
from undersign.checks.reading.wording import listed, plural
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import Near, QueryRun

NEAR = 0.2
"""A group that misses by this share of the threshold, or by one, only just misses."""


def near_misses(query: Query, run: QueryRun) -> Iterator[Fault]:
    """Report groups that a threshold only just leaves out, with the distribution."""
    asked = [n for n in number_filters(query) if n.counted]
    if asked and not run.thresholds:
        raise CannotRun("History", run.refused or "no distribution was counted for the threshold")
    for near in run.thresholds:
        missed = [(v, n) for v, n in near.distribution if _just_missed(v, near)]
        groups = sum(n for _, n in missed)
        if not groups:
            continue
        told = listed(f"{n:,} with {v:g}" for v, n in missed[-3:])
        yield Fault(
            f"{near.column} {near.op} {near.value:g} keeps {near.kept:,} of"
            f" {plural(near.groups, 'group')} and just misses {groups:,}: {told}",
            near.span,
            {
                "groups": near.groups,
                "kept": near.kept,
                "just_missed": groups,
                "distribution": [list(pair) for pair in near.distribution],
            },
            "look at these too before trusting the number",
        )


def _just_missed(value: float, near: Near) -> bool:
    margin = max(1.0, abs(near.value) * NEAR)
    if near.op in (">", ">="):
        kept = value > near.value or (near.op == ">=" and value == near.value)
        return not kept and value >= near.value - margin
    if near.op in ("<", "<="):
        kept = value < near.value or (near.op == "<=" and value == near.value)
        return not kept and value <= near.value + margin
    return False
