"""unjudged-threat: a drafted threat, element or fact that no person has judged."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System


def unjudged_threat(system: System) -> Iterator[Fault]:
    """Ask for the person behind every threat, element and fact that a drafter wrote."""
    for threat in system.threats:
        if threat.is_unjudged:
            yield Fault(
                f"{threat.id} was drafted by {threat.by}, and nobody has judged it", threat.span
            )
    for one in system.proposals:
        if not one.judged_by:
            what = one.element if one.sort != "fact" else f"{one.element}.{one.fact}"
            yield Fault(
                f"{one.id} ({one.sort} {what}) was drafted by {one.by or 'nobody named'}, counts "
                "for nothing, and nobody has judged it",
                one.span,
            )
