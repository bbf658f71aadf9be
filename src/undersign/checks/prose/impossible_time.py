"""impossible-time: a time that no calendar has, or an order that cannot be."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.prose.reading import layout
from undersign.languages.when import times
from undersign.records.document import Document
from undersign.records.finding import Fault, Severity

_FOLLOWS = (
    (layout.DETECTED, layout.REPAIRED),
    (layout.DETECTED, layout.RESOLVED),
    (layout.REPAIRED, layout.RESOLVED),
    (layout.BEGAN, layout.RESOLVED),
    (layout.BEGAN, layout.DETECTED),
)
_FAR, _NEAR = 20, 3
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def impossible_time(document: Document) -> Iterator[Fault]:
    """Report times out of the calendar, wrong weekdays, and ends before their starts."""
    for block in document.blocks:
        if block.kind not in ("code", "html"):
            yield from _calendar(document, block.text, block.start)
    labelled = list(layout.labelled_times(document))
    told = set()
    for one in labelled:
        times_here = layout.around(one.block, labelled)
        for first, then in _FOLLOWS:
            a, b = times_here.get(first), times_here.get(then)
            if a is None or b is None or b.local >= a.local or b.start in told:
                continue
            told.add(b.start)
            yield Fault(
                f"{then} at {b.local:%Y-%m-%d %H:%M} is before {first} at {a.local:%Y-%m-%d %H:%M}",
                document.span(b.start, b.end),
            )
    for run in layout.timelines(document):
        yield from _far_away(document, run)


def _calendar(document: Document, text: str, base: int) -> Iterator[Fault]:
    for when in times(text):
        span = document.span(base + when.start, base + when.end)
        if when.impossible:
            yield Fault(when.impossible, span)
        elif when.weekday is not None and when.date is not None and when.year_known:
            real = when.date.weekday()
            if real != when.weekday:
                yield Fault(
                    f"{when.date:%Y-%m-%d} is a {_WEEKDAYS[real]}, not a {_WEEKDAYS[when.weekday]}",
                    span,
                    severity=Severity.WARNING,
                )


def _far_away(document: Document, run: list[layout.TimedLine]) -> Iterator[Fault]:
    """Report a line whose date is weeks from both its neighbours, which are days apart."""
    for before, one, after in zip(run, run[1:], run[2:], strict=False):
        apart = abs((after.local - before.local).days)
        away = min(abs((one.local - x.local).days) for x in (before, after))
        if apart <= _NEAR and away >= _FAR:
            yield Fault(
                f"{one.local:%Y-%m-%d} is {away} days from the lines above and below: the month or "
                f"the year may be wrong",
                document.span(one.start, one.end),
                severity=Severity.WARNING,
            )
