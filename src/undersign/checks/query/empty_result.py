"""The check `empty-result`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import listed, plural
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun


def empty_result(query: Query, run: QueryRun) -> Iterator[Fault]:
    """Report a result without rows, and whether that means anything."""
    if run.rows is None:
        raise CannotRun("History", run.refused or "the query was not run")
    if run.rows:
        return
    read = {name: s for name, s in run.sources.items() if s.in_window or s.in_window is None}
    rows = sum(s.in_window if s.in_window is not None else s.rows for s in read.values())
    if rows:
        tables = list(read)
        named = tables if len(tables) <= 4 else [*tables[:3], f"{len(tables) - 3} more tables"]
        among = f"among {plural(rows, 'event')} of {listed(named)}"
        message = f"no row is left {among}"
    else:
        message = "no row is left, and there were no events to look at: this is no answer"
    yield Fault(
        message,
        query.main.span,
        {"rows": 0, "looked_at": rows},
        "see which stage removes them before writing `nothing found`",
    )
