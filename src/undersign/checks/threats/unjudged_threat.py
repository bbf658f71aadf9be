"""unjudged-threat: a drafted threat that no person has judged."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.person import PERSON_PREFIX
from undersign.records.system import System


def unjudged_threat(system: System) -> Iterator[Fault]:
    """Ask for the person behind every threat that a drafter wrote."""
    for threat in system.threats:
        if threat.by and not threat.by.startswith(PERSON_PREFIX) and not threat.judged_by:
            yield Fault(
                f"{threat.id} was drafted by {threat.by}, and nobody has judged it", threat.span
            )
