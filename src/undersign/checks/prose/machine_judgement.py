"""machine-judgement: a judgement or a milestone of a person that no person gave."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.claim import ClaimKind
from undersign.records.finding import Fault
from undersign.records.person import PERSON_PREFIX
from undersign.records.timeline import TimelineFile


def machine_judgement(file: TimelineFile) -> Iterator[Fault]:
    """Report judgements that name no person."""
    for claim in file.timeline.every_claim():
        if claim.kind is ClaimKind.JUDGEMENT and not claim.by.startswith(PERSON_PREFIX):
            yield Fault(
                f"{claim.id} is a judgement by {claim.by!r}; only a person judges",
                suggestion="undersign respond claim INCIDENT TEXT --evidence ADDRESS",
            )
