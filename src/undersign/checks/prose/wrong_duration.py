"""wrong-duration: a stated length of time that is not the difference of the stated times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from undersign.checks.prose.reading import layout
from undersign.checks.prose.reading.layout import Labelled, Measured
from undersign.records.document import Document
from undersign.records.finding import Fault, Severity

_STARTS = (layout.DETECTED, layout.BEGAN, layout.TITLE, layout.DECLARED)
_ENDS = {
    layout.RESOLVED: (layout.RESOLVED,),
    layout.REPAIRED: (layout.REPAIRED,),
    layout.DETECTED: (layout.DETECTED,),
    "any": (layout.RESOLVED, layout.REPAIRED),
}


def wrong_duration(document: Document) -> Iterator[Fault]:
    """Compute each stated length again from the labelled times of the same incident.

    Organisations count from detection, from the declaration or from the first impact: each is
    right, and only a length that fits none of them is an error; within one incident they must not
    be mixed.
    """
    labelled = list(layout.labelled_times(document))
    measured = list(layout.measured_lengths(document))
    started: dict[tuple[str, ...], set[str]] = {}
    mixed: list[tuple[Measured, str, float]] = []
    for one in measured:
        times = layout.around(one.block, labelled)
        fits = _differences(one, times)
        if not fits:
            continue
        right = [start for start, _, seconds in fits if _is_near(one, seconds)]
        if not right:
            yield _wrong(document, one, fits)
            continue
        started.setdefault(one.block.section, set()).update(right[:1])
        if right[0] != fits[0][0]:
            mixed.append((one, right[0], fits[0][2]))
    for one, start, usual in mixed:
        if len(started[one.block.section]) > 1:
            yield Fault(
                f"counts from {start}, while another length of this incident counts from "
                f"detection, "
                f"from which it is {_written(usual)}",
                document.span(one.start, one.end),
                severity=Severity.WARNING,
            )


def _differences(one: Measured, times: Mapping[str, Labelled]) -> list[tuple[str, str, float]]:
    """Return (start, end, seconds) of every way to count, the most usual first."""
    starts = (layout.BEGAN,) if one.label == layout.DETECTED else _STARTS
    found = []
    for end in _ENDS[one.label]:
        for start in starts:
            if start in times and end in times:
                seconds = (times[end].local - times[start].local).total_seconds()
                if seconds >= 0:
                    found.append((start, end, seconds))
    return found


def _is_near(one: Measured, seconds: float) -> bool:
    # What is told in minutes is right to the minute; what is told in hours to half of one.
    slack = max(60.0, one.length.unit / 2)
    return abs(one.length.seconds - seconds) <= slack


def _wrong(document: Document, one: Measured, fits: list[tuple[str, str, float]]) -> Fault:
    start, end, seconds = min(fits, key=lambda fit: abs(fit[2] - one.length.seconds))
    return Fault(
        f"says {_written(one.length.seconds)}, and from {start} to {end} it is {_written(seconds)}",
        document.span(one.start, one.end),
        evidence={"ways": [[s, e, round(x)] for s, e, x in fits]},
        suggestion=_written(fits[0][2]),
    )


def _written(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}h {minutes % 60:02}m"
