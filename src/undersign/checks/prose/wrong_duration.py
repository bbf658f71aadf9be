"""wrong-duration: a stated length of time that is not the difference of the stated times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from undersign.checks.prose.reading import layout
from undersign.checks.prose.reading.layout import Labelled, Measured
from undersign.checks.prose.reading.runs import TimedLine, timelines
from undersign.languages.when import times
from undersign.records.document import Block, Document
from undersign.records.finding import Fault, Severity

_STARTS = (layout.DETECTED, layout.BEGAN, layout.DECLARED, layout.TITLE)
_ENDS = {
    layout.RESOLVED: (layout.RESOLVED,),
    layout.REPAIRED: (layout.REPAIRED,),
    layout.DETECTED: (layout.DETECTED,),
    layout.ANY: (layout.RESOLVED, layout.REPAIRED),
}
_DAY = 86_400.0
_MOST_LINES = 200


class _Way(NamedTuple):
    """One way to count a length."""

    start: str
    end: str
    seconds: float


def wrong_duration(document: Document) -> Iterator[Fault]:
    """Compute each stated length again from the times that the same document states.

    Organisations count from detection, from the declaration or from the first impact: each is
    right, and only a length that fits none of them is an error; within one incident they should not
    be mixed.
    """
    labelled = list(layout.labelled_times(document))
    runs = list(timelines(document))
    started: dict[tuple[str, ...], set[str]] = {}
    mixed: list[tuple[Measured, _Way, _Way]] = []
    for one in layout.measured_lengths(document):
        ways = _ways(one, layout.around(one.block, labelled))
        right = [way for way in ways if _is_near(one, way.seconds)]
        if right:
            started.setdefault(one.block.section, set()).add(right[0].start)
            if right[0].start != ways[0].start:
                mixed.append((one, right[0], ways[0]))
        elif ways:
            yield from _wrong(document, one, ways)
        else:
            yield from _in_no_timeline(document, one, runs)
    for one, way, usual in mixed:
        if len(started[one.block.section]) > 1:
            yield _mixed(document, one, way, usual)
    yield from _ranges(document)


def _ways(one: Measured, times: Mapping[str, Sequence[Labelled]]) -> list[_Way]:
    """Return every way to count, the most usual first."""
    starts = (layout.BEGAN,) if one.label == layout.DETECTED else _STARTS
    found = []
    for start in starts:
        for end in _ENDS[one.label]:
            for first in times.get(start, ()):
                for last in times.get(end, ()):
                    seconds = (last.moment - first.moment).total_seconds()
                    if seconds < 0 and not last.dated:
                        seconds %= _DAY
                    if seconds >= 0:
                        found.append(_Way(start, end, seconds))
    return found


def _is_near(one: Measured, seconds: float) -> bool:
    # What is told in minutes is right to the minute; what is told in hours to half of one.
    return abs(one.length.seconds - seconds) <= max(60.0, one.length.unit / 2)


def _wrong(document: Document, one: Measured, ways: Sequence[_Way]) -> Iterator[Fault]:
    began = any(way.start == layout.BEGAN for way in ways)
    if one.label == layout.ANY and not began and one.length.seconds > max(w.seconds for w in ways):
        return  # It may have begun before anybody saw it.
    nearest = min(ways, key=lambda way: abs(way.seconds - one.length.seconds))
    yield Fault(
        f"says {_written(one.length.seconds)}, and from {nearest.start} to {nearest.end} it is "
        f"{_written(nearest.seconds)}",
        document.span(one.start, one.end),
        evidence={"ways": [[w.start, w.end, round(w.seconds)] for w in ways]},
        suggestion=_written(ways[0].seconds),
        severity=Severity.WARNING if one.label == layout.ANY and not began else None,
    )


def _mixed(document: Document, one: Measured, way: _Way, usual: _Way) -> Fault:
    return Fault(
        f"counts from {way.start}, while another length of this incident counts otherwise; from "
        f"{usual.start} it is {_written(usual.seconds)}",
        document.span(one.start, one.end),
        severity=Severity.WARNING,
    )


def _in_no_timeline(
    document: Document, one: Measured, runs: Sequence[Sequence[TimedLine]]
) -> Iterator[Fault]:
    """Report a length that no two lines of the only timeline are apart."""
    if len(runs) != 1 or len(runs[0]) > _MOST_LINES or one.label == layout.ANY:
        return
    run = runs[0]
    if any(block.section == run[0].block.section for block in _unfilled(document)):
        return  # The line that it counts from may be one of those.
    apart = [
        (abs((b.moment - a.moment).total_seconds()), a, b)
        for n, a in enumerate(run)
        for b in run[n + 1 :]
    ]
    if any(_is_near(one, seconds) for seconds, _, _ in apart):
        return
    seconds, a, b = min(apart, key=lambda way: abs(way[0] - one.length.seconds))
    yield Fault(
        f"says {_written(one.length.seconds)}, and no two lines of the timeline are that far "
        f"apart; the nearest are {a.local:%H:%M} and {b.local:%H:%M}, {_written(seconds)}",
        document.span(one.start, one.end),
        severity=Severity.WARNING,
    )


def _unfilled(document: Document) -> Iterator[Block]:
    for piece in layout.pieces(document):
        if any(when.placeholder for when in times(piece.text)):
            yield piece.block


def _ranges(document: Document) -> Iterator[Fault]:
    for one in layout.stated_ranges(document):
        seconds = _apart(one.first, one.last, dated=one.dated)
        slack = max(60.0, one.length.unit / 2)
        over = one.length.seconds - seconds
        if seconds < 0 or abs(over) <= slack or (not one.exact and over < 0):
            continue
        yield Fault(
            f"says {_written(one.length.seconds)}, and from {one.first:%H:%M} to "
            f"{one.last:%H:%M} it is {_written(seconds)}",
            document.span(one.start, one.start + one.length.end - one.length.start),
            suggestion=_written(seconds),
        )


def _apart(first: datetime, last: datetime, *, dated: bool) -> float:
    seconds = (last - first) / timedelta(seconds=1)
    return seconds if dated else seconds % _DAY


def _written(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}h {minutes % 60:02}m"
