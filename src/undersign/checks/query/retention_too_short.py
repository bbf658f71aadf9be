"""The check `retention-too-short`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.time_windows import DAY, ReadWindow, moment, spell, windows
from undersign.checks.reading.wording import plural
from undersign.checks.spec import CannotRun
from undersign.records.estate import Estate
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.visible import Visible

SLACK = 0.1
"""A beginning that is missing by less than this share of the window is no news."""


def retention_too_short(
    query: Query, visible: Visible, run: QueryRun | None, estate: Estate | None
) -> Iterator[Fault]:
    """Report a window that begins before the logs do."""
    read = [w for w in windows(query, visible) if w.lower is not None]
    faults = [f for w in read for f in (*_kept(w, estate), *_held(w, run))]
    known = any(w.leaf.table and w.leaf.table.first for w in read)
    if read and not known and not (estate and estate.retention_days):
        raise CannotRun("History", "nobody knows how far back these tables go")
    yield from faults


def _kept(window: ReadWindow, estate: Estate | None) -> Iterator[Fault]:
    days = estate.retention_days if estate else None
    if days and window.seconds and window.seconds > days * DAY:
        yield Fault(
            f"{window.leaf.name} is read for {spell(window.seconds)}, logs are kept for"
            f" {plural(days, 'day')}",
            window.span,
            {"read_seconds": window.seconds, "retention_days": days},
            "ask the archive, or say in the answer how far back it reaches",
        )


def _held(window: ReadWindow, run: QueryRun | None) -> Iterator[Fault]:
    first = moment(window.leaf.table.first) if window.leaf.table else None
    start = window.start(moment(run.as_of) if run else None)
    if first is None or start is None or not window.leaf.table or not window.leaf.table.rows:
        return
    missing = (first - start).total_seconds()
    if missing > SLACK * (window.seconds or DAY):
        yield Fault(
            f"{window.leaf.name} is read from {start:%Y-%m-%d %H:%M}, its first event is of"
            f" {first:%Y-%m-%d %H:%M}",
            window.span,
            {"from": start.isoformat(), "first": first.isoformat(), "missing_seconds": missing},
            "say in the answer how far back it reaches, or ingest older logs",
        )
