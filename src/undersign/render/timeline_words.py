"""Words that every form of a timeline shares: measures, milestones, what a reader must know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from undersign.records.claim import Claim, ClaimKind
from undersign.records.evidence import Source
from undersign.records.timeline import Gap, Milestone, Timeline
from undersign.render.terminal import counted

MEASURES = {
    "ttd": "time to detect",
    "tta": "time to acknowledge",
    "ttm": "time to mitigate",
    "ttr": "time to resolve",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def length(seconds: float) -> str:
    """Write a length of time with its two largest units: `2 h 13 min`."""
    left, parts = round(abs(seconds)), []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return ("-" if seconds < 0 else "") + (" ".join(parts[:2]) or "0 s")


def clock(moment: datetime | None) -> str:
    """Write a time in UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "at no known time"


def measures(timeline: Timeline) -> list[tuple[str, str, Claim]]:
    """Return (name, length, claim) of every measure that could be computed."""
    derived = (c for c in timeline.claims if c.kind is ClaimKind.DERIVED and "measure" in c.slots)
    return [
        (MEASURES.get(c.slots["measure"], c.slots["measure"]), length(float(c.slots["seconds"])), c)
        for c in derived
    ]


def milestone(one: Milestone) -> str:
    """Write a milestone in a line: when and shown by what, or why nobody could tell."""
    if one.claim is None:
        return f"not named: {one.reason or 'nothing shows it'}"
    by = "" if one.by == "offline" else f", by {one.by}"
    return f"{clock(one.time)} [{one.claim}]{by}"


def source(one: Source) -> str:
    """Write in a line what was read of a source, and how sure its clock is."""
    parts = [one.format, counted(one.lines, "line", "lines")]
    if one.first and one.last:
        parts.append(f"{clock(one.first)} to {clock(one.last)}")
    parts.append(f"zone {one.zone} ({one.zone_known})")
    if one.skew:
        parts.append(f"clock {one.skew:+g} s, taken off")
    if one.untimed:
        parts.append(f"{one.untimed:,} without a time")
    if one.rejects:
        parts.append(f"{one.rejects:,} could not be read")
    if one.disordered:
        parts.append(f"{one.disordered:,} out of order")
    return ", ".join(parts)


def gap(one: Gap) -> str:
    """Write a gap in a line."""
    silent = length((one.end - one.start).total_seconds())
    whose = one.source or "every source"
    return f"{whose} says nothing for {silent}, {clock(one.start)} to {clock(one.end)}"


def warnings(timeline: Timeline) -> Iterator[str]:
    """Yield what a reader must know before believing the timeline."""
    yield from timeline.warnings
    for one in timeline.sources.values():
        yield from (f"{one.name}: {said}" for said in one.warnings)
        yield from (f"{one.name}:{line} could not be read: {why}" for line, why in one.rejected)
    if timeline.left_out:
        yield f"{counted(timeline.left_out, 'line is', 'lines are')} outside of the asked times"


def inferences(timeline: Timeline) -> list[Claim]:
    """Return the claims that stand at no line: what people judged and what anyone inferred."""
    return [c for c in timeline.claims if c.kind in (ClaimKind.INFERENCE, ClaimKind.JUDGEMENT)]
