"""unordered-times: lines of a timeline that do not stand in the order of their times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime

from undersign.checks.prose.reading.runs import TimedLine, timelines
from undersign.records.document import Document
from undersign.records.finding import Fault


def unordered_times(document: Document) -> Iterator[Fault]:
    """Report the fewest lines that would have to move; newest first is an order, too."""
    for run in timelines(document):
        up = _moved(run)
        down = _moved(list(reversed(run)))
        for line in up if len(up) <= len(down) else down:
            yield Fault(
                f"{line.local:%H:%M} of {line.local:%Y-%m-%d} stands out of order"
                if line.when.date
                else f"{line.local:%H:%M} stands out of order",
                document.span(line.start, line.end),
            )


def _moved(run: Sequence[TimedLine]) -> list[TimedLine]:
    """Return the lines that are in no longest run of times that never fall."""
    tails: list[datetime] = []
    places: list[int] = []
    behind: list[int] = []
    for n, line in enumerate(run):
        at = bisect_right(tails, line.moment)
        behind.append(places[at - 1] if at else -1)
        if at == len(tails):
            tails.append(line.moment)
            places.append(n)
        else:
            tails[at], places[at] = line.moment, n
    kept = set()
    at = places[-1]
    while at >= 0:
        kept.add(at)
        at = behind[at]
    return [line for n, line in enumerate(run) if n not in kept]
