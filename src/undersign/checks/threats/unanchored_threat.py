"""unanchored-threat: a threat beside the rules that rests on no element or no fact."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System


def unanchored_threat(system: System) -> Iterator[Fault]:
    """Look for the element and the fact of every threat that somebody wrote."""
    for threat in system.threats:
        element = system.get(threat.element)
        if element is None:
            yield Fault(
                f"{threat.id} is about {threat.element!r}, which the system does not have",
                threat.span,
            )
        elif threat.fact not in element.facts:
            yield Fault(
                f"{threat.id} rests on {threat.fact!r}, which is not said of {threat.element!r}",
                threat.span,
            )
    for one in system.proposals:
        if not one.quote:
            yield Fault(f"{one.id} rests on no words of a document", one.span)
