"""unsigned-anchor: a clock that starts from a claim nobody signed."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.clock import Clocks, SignedClaims
from undersign.records.finding import Fault


def unsigned_anchor(clocks: Clocks, signed: SignedClaims) -> Iterator[Fault]:
    """Hold every anchor against the claims of the timeline that is signed now."""
    if clocks.anchors and clocks.timeline_digest != signed.digest:
        yield Fault(
            "the clocks were counted from another version of the timeline than the signed one",
            suggestion="undersign respond clocks INCIDENT --anchor REGIME.ANCHOR=CLAIM",
        )
    for key, claim_id in clocks.anchors:
        if claim_id not in signed.times:
            yield Fault(f"{key} starts from {claim_id}, which the signed timeline does not have")
        elif signed.times[claim_id] is None:
            yield Fault(f"{key} starts from {claim_id}, which says no time")
    anchored = dict(clocks.anchors)
    for one in clocks.deadlines:
        at = signed.times.get(one.claim) if one.claim else None
        if one.due is not None and one.claim not in anchored.values():
            yield Fault(f"{one.regime} {one.duty} has a date and no anchor that a person chose")
        elif one.anchored_at is not None and one.anchored_at != at:
            said = f"{one.anchored_at:%Y-%m-%d %H:%M:%S}"
            real = f"{at:%Y-%m-%d %H:%M:%S}" if at else "no time"
            yield Fault(
                f"{one.regime} {one.duty} counts from {said} UTC, and {one.claim} says {real}"
            )
