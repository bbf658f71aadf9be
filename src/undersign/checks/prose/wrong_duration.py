"""wrong-duration: a stated length of time that is not the difference of the stated times."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations
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
_FIRST_LINE = "the first line of its timeline"
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
    scopes = layout.scopes(document)
    runs = list(timelines(document))
    apart = _pairs(document, runs)
    started: dict[tuple[str, ...], set[str]] = {}
    mixed: list[tuple[Measured, tuple[str, ...], _Way, _Way]] = []
    for one in layout.measured_lengths(document):
        section, times_here = scopes.around(one.block)
        ways = _ways(one, times_here, _first_line(section, runs))
        right = [way for way in ways if _is_near(one, way.seconds)]
        if right:
            if one.label not in (layout.REPAIRED, layout.RESOLVED):
                continue  # An outage counts from its impact, whatever a time to repair does.
            started.setdefault(section, set()).add(right[0].start)
            if right[0].start != ways[0].start:
                mixed.append((one, section, right[0], ways[0]))
        elif ways:
            yield from _wrong(document, one, ways)
        else:
            yield from _in_no_timeline(document, one, apart)
    for one, section, way, usual in mixed:
        if len(started[section]) > 1:
            yield _mixed(document, one, way, usual)
    yield from _ranges(document)


def _first_line(section: tuple[str, ...], runs: Sequence[Sequence[TimedLine]]) -> datetime | None:
    """Return when the only timeline of an incident begins: an impact that bears no label."""
    own = [run for run in runs if run[0].block.section[: len(section)] == section]
    return min(line.moment for line in own[0]) if len(own) == 1 else None


def _ways(
    one: Measured, times_here: Mapping[str, Sequence[Labelled]], first_line: datetime | None
) -> list[_Way]:
    """Return every way to count, the most usual first."""
    starts = (layout.BEGAN,) if one.label == layout.DETECTED else _STARTS
    begins = [(start, at.moment) for start in starts for at in times_here.get(start, ())]
    if begins and first_line is not None:
        begins.append((_FIRST_LINE, first_line))
    found = []
    for start, moment in begins:
        for end in _ENDS[one.label]:
            for last in times_here.get(end, ()):
                seconds = (last.moment - moment).total_seconds()
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


class _Pair(NamedTuple):
    """Two lines of a timeline."""

    seconds: float
    first: str
    last: str


def _pairs(document: Document, runs: Sequence[Sequence[TimedLine]]) -> list[_Pair]:
    """Return how far any two lines of the only timeline are apart, the shortest first.

    None when there are several timelines, or one with lines that nobody filled in: a length may
    count from one of those.
    """
    if len(runs) != 1 or len(runs[0]) > _MOST_LINES:
        return []
    run = runs[0]
    if any(block.section == run[0].block.section for block in _unfilled(document)):
        return []
    return sorted(
        _Pair(abs((b.moment - a.moment).total_seconds()), f"{a.local:%H:%M}", f"{b.local:%H:%M}")
        for a, b in combinations(run, 2)
    )


def _in_no_timeline(document: Document, one: Measured, apart: Sequence[_Pair]) -> Iterator[Fault]:
    """Report a length that no two lines of the only timeline are apart."""
    if not apart or one.label == layout.ANY:
        return
    at = bisect_left(apart, one.length.seconds, key=lambda pair: pair.seconds)
    nearest = min(
        apart[max(0, at - 1) : at + 1], key=lambda pair: abs(pair.seconds - one.length.seconds)
    )
    if _is_near(one, nearest.seconds):
        return
    yield Fault(
        f"says {_written(one.length.seconds)}, and no two lines of the timeline are that far "
        f"apart; the nearest are {nearest.first} and {nearest.last}, {_written(nearest.seconds)}",
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
