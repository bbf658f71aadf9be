"""The check `silent-source`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.sources import leaves
from undersign.checks.reading.wording import plural
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.visible import Visible


def silent_source(query: Query, visible: Visible, run: QueryRun) -> Iterator[Fault]:
    """Report a table that has no events, or none in the time that is read."""
    told = set()
    for leaf in leaves(query, visible):
        held = run.sources.get(leaf.name)
        if held is None or leaf.name in told:
            continue
        if held.rows == 0:
            message = f"{leaf.name} has no events here, so it can show nothing"
            hint = "ingest its logs"
        elif held.in_window == 0:
            last = f", the last one of {held.last}" if held.last else ""
            message = (
                f"none of {plural(held.rows, 'event')} of {leaf.name} lies in the time that is"
                f" read{last}"
            )
            hint = "find out whether the source fell silent; widen the time if not"
        else:
            continue
        told.add(leaf.name)
        evidence = {"rows": held.rows, "in_window": held.in_window, "last": held.last}
        yield Fault(message, leaf.source.span, evidence, hint)
