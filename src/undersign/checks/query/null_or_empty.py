"""The check `null-or-empty`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_filters import Filter, filters, seen_column
from undersign.checks.reading.stage_rows import probe_at
from undersign.checks.reading.wording import quoted
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.visible import Visible

MUCH = 0.05
"""Share of rows without a value from which on it matters what becomes of them."""
MOST = 0.5


def null_or_empty(query: Query, visible: Visible, run: QueryRun | None) -> Iterator[Fault]:
    """Report a negated filter over a column that is often empty."""
    handled = {o.comparison.column for o in filters(query) if _asks_for_value(o)}
    negated = [o for o in filters(query) if o.excludes and not _asks_for_value(o)]
    looked = False
    for one in negated:
        share = _share(one, visible, run)
        looked = looked or share is not None
        if share is None or share < MUCH or one.comparison.column in handled:
            continue
        drops = query.language != "kql"
        yield Fault(
            f"{quoted(one.comparison.column)} has no value in {share:.0%} of the rows;"
            f" {quoted(one.comparison.text)} {'drops' if drops else 'keeps'} them all",
            one.comparison.span,
            {"share_without_value": round(share, 4), "column": one.comparison.column},
            "say what should become of rows without a value",
            None if share >= MOST else Severity.NOTE,
        )
    if negated and not looked:
        raise CannotRun("History", "nobody counted how often these columns are empty")


def _asks_for_value(one: Filter) -> bool:
    comparison = one.comparison
    return comparison.op == "exists" or (comparison.op in ("==", "!=") and "" in one.texts)


def _share(one: Filter, visible: Visible, run: QueryRun | None) -> float | None:
    probe = probe_at(run, one.comparison.span)
    if probe is not None and probe.rows:
        return (probe.nulls + probe.empties) / probe.rows
    column = seen_column(one.comparison, visible)
    return 1 - column.fill if column is not None and column.fill is not None else None
