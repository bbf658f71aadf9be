"""unordered-milestones: milestones in an order that cannot be, or that point nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from undersign.records.finding import Fault
from undersign.records.timeline import Mark, TimelineFile


def unordered_milestones(file: TimelineFile) -> Iterator[Fault]:
    """Report milestones before those they follow, and those whose claim is not there."""
    timeline = file.timeline
    for one in timeline.milestones:
        if one.claim is None:
            continue
        if timeline.claim(one.claim) is None:
            yield Fault(f"{one.mark} is shown by {one.claim}, which is no claim of this timeline")
        elif (at := timeline.time_of(one.claim)) != one.time:
            said = f"{one.time:%Y-%m-%dT%H:%M:%SZ}" if one.time else "no time"
            real = f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else "no time"
            yield Fault(f"{one.mark} is at {said}, and {one.claim}, which shows it, says {real}")
    # Declared may come before or after the others; only these three have an order.
    strict = (Mark.BEGAN, Mark.DETECTED, Mark.MITIGATED, Mark.RESOLVED)
    told = [m for m in timeline.milestones if m.mark in strict and m.time is not None]
    told.sort(key=lambda m: strict.index(m.mark))
    for first, then in pairwise(told):
        if first.time and then.time and then.time < first.time:
            yield Fault(
                f"{then.mark} at {then.time:%Y-%m-%d %H:%M} is before {first.mark} at "
                f"{first.time:%Y-%m-%d %H:%M}"
            )
