"""impossible-time: a time that no calendar has, or an order that cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from undersign.checks.prose.reading import layout
from undersign.checks.prose.reading.layout import Labelled
from undersign.checks.prose.reading.runs import TimedLine, timelines
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
_FAR, _NEAR = timedelta(days=20), timedelta(days=3)
_TOGETHER = timedelta(days=7)
_FEWEST_OTHERS = 2
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def impossible_time(document: Document) -> Iterator[Fault]:
    """Report times out of the calendar, wrong weekdays, ends before starts, and stray dates."""
    for block in document.blocks:
        if block.kind not in ("code", "html"):
            yield from _calendar(document, block.text, block.start)
    scopes = layout.scopes(document)
    told: set[int] = set()
    seen: set[tuple[str, ...]] = set()
    for block in document.blocks:
        if block.section not in seen:
            seen.add(block.section)
            _, here = scopes.around(block)
            yield from _backwards(document, here, told)
            yield from _stray(document, here, told)
    for run in timelines(document):
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


def _backwards(
    document: Document, here: Mapping[str, Sequence[Labelled]], told: set[int]
) -> Iterator[Fault]:
    for first, then in _FOLLOWS:
        # Two different times of one label tell of two things, so nobody knows which comes first.
        if len(here.get(first, ())) != 1 or len(here.get(then, ())) != 1:
            continue
        a, b = here[first][0], here[then][0]
        if b.moment >= a.moment or not (a.dated and b.dated) or b.start in told:
            continue
        told.add(b.start)
        early_warning = (first, then) == (layout.BEGAN, layout.DETECTED)
        yield Fault(
            f"{then} at {b.local:%Y-%m-%d %H:%M} is before {first} at {a.local:%Y-%m-%d %H:%M}",
            document.span(b.start, b.end),
            severity=Severity.WARNING if early_warning else None,
        )


def _stray(
    document: Document, here: Mapping[str, Sequence[Labelled]], told: set[int]
) -> Iterator[Fault]:
    """Report a date that is months or years from all others, on nearly the same day of a month."""
    dated = [one for same in here.values() for one in same if one.dated]
    for one in dated:
        others = [other.moment for other in dated if other is not one]
        if len(others) < _FEWEST_OTHERS or max(others) - min(others) > _TOGETHER:
            continue
        away = min(abs(one.moment - other) for other in others)
        if away >= _FAR and one.start not in told and _same_day_of_month(one.moment, others):
            told.add(one.start)
            yield _is_away(document, one.local, away, (one.start, one.end))


def _same_day_of_month(moment: datetime, others: Sequence[datetime]) -> bool:
    return any(abs(moment.day - other.day) <= _NEAR.days for other in others)


def _far_away(document: Document, run: Sequence[TimedLine]) -> Iterator[Fault]:
    """Report a line whose date is weeks from both its neighbours, which are days apart."""
    for before, one, after in zip(run, run[1:], run[2:], strict=False):
        away = min(abs(one.moment - other.moment) for other in (before, after))
        if abs(after.moment - before.moment) <= _NEAR and away >= _FAR:
            yield _is_away(document, one.local, away, (one.start, one.end))


def _is_away(document: Document, local: datetime, away: timedelta, place: tuple[int, int]) -> Fault:
    return Fault(
        f"{local:%Y-%m-%d} is {away.days} days from the times around it: the month or the year may "
        "be wrong",
        document.span(*place),
        severity=Severity.WARNING,
    )
