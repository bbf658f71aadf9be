"""What people said of an incident is carried over when its timeline is built anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from undersign.records.claim import Claim
from undersign.records.evidence import Evidence
from undersign.records.person import PERSON_PREFIX
from undersign.records.timeline import Milestone, Timeline


def carried(
    old: Timeline, new: Timeline, evidence: Mapping[str, Evidence]
) -> tuple[Timeline, tuple[str, ...]]:
    """Return the new timeline with the claims and milestones of people in the old one.

    Claims get new ids after those of the new timeline. What cites evidence that the new timeline
    does not have is left out and told in the second value.
    """
    ids: dict[str, str] = {}
    kept: list[Claim] = []
    lost: list[str] = []
    number = next_number(new)
    for claim in old.claims:
        if not claim.by.startswith(PERSON_PREFIX):
            continue
        if missing := [one for one in claim.evidence if one not in evidence]:
            lost.append(f"{claim.id} of {claim.by} cites {missing[0]}, which is not read any more")
            continue
        ids[claim.id] = f"C{number}"
        kept.append(replace(claim, id=f"C{number}", claims=()))
        number += 1
    milestones = tuple(_newer(one, old, ids) for one in new.milestones)
    return replace(new, claims=(*new.claims, *kept), milestones=milestones), tuple(lost)


def next_number(timeline: Timeline) -> int:
    """Return the number of the next claim."""
    numbers = (int(c.id[1:]) for c in timeline.every_claim() if c.id[1:].isdecimal())
    return max(numbers, default=0) + 1


def _newer(one: Milestone, old: Timeline, ids: Mapping[str, str]) -> Milestone:
    said = next((m for m in old.milestones if m.mark is one.mark), None)
    if said is None or not said.by.startswith(PERSON_PREFIX) or said.claim not in ids:
        return one
    return replace(said, claim=ids[said.claim or ""])
