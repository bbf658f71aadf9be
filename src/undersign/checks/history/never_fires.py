"""The check `never-fires`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.measured import measured, settled
from undersign.checks.reading.wording import plural, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault
from undersign.records.history import Histories


def never_fires(file: SigmaFile, histories: Histories) -> Iterator[Fault]:
    """Report a rule that matched nothing in all of its measured history."""
    found, blocked = measured(file, histories)
    faults = []
    for item in found:
        history = item.history
        if history.matches == 0:
            looked_at = f"{plural(history.events, 'event')} over {plural(history.days, 'day')}"
            faults.append(
                Fault(
                    f"{quoted(item.document.title)} matched none of {looked_at}",
                    item.document.span("title"),
                    {
                        "events": history.events,
                        "days": history.days,
                        "snapshot": history.snapshot,
                        "selection_matches": dict(history.selection_matches),
                    },
                    "show with a true-positive test that it can match at all",
                )
            )
    yield from settled(faults, "History", blocked)
