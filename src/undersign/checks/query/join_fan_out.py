"""The check `join-fan-out`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.stage_rows import rows_after, rows_before
from undersign.checks.reading.wording import plural
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun

FACTOR = 1.5
"""A join that gives more than this many times its larger side multiplies rows."""


def join_fan_out(query: Query, run: QueryRun) -> Iterator[Fault]:
    """Report a join that gives more rows than either of its sides holds."""
    for pipeline in query.pipelines():
        for index, stage in enumerate(pipeline.stages):
            if stage.join is None or stage.join.kind == "cross":
                continue
            after = rows_after(run, stage.span)
            before = rows_before(run, pipeline, index)
            right = stage.join.right
            other = rows_before(run, right, len(right.stages))
            if not after or before is None or after <= FACTOR * max(before, other or 0, 1):
                continue
            told = f" and {plural(other, 'row')}" if other is not None else ""
            yield Fault(
                f"the join makes {plural(after, 'row')} of {plural(before, 'row')}{told}: its key"
                " occurs more than once on both sides",
                stage.join.span,
                {"left": before, "right": other, "rows": after},
                "reduce one side to one row for each key, or add to the key",
            )
