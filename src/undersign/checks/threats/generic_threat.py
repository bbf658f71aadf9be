"""generic-threat: a threat whose words fit any system."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System


def generic_threat(system: System) -> Iterator[Fault]:
    """Look for the name of its element, or of a neighbour, in what a threat says."""
    for threat in system.threats:
        element = system.get(threat.element)
        if element is None:
            continue
        names = {element.name, element.id}
        for end in (element.source, element.target):
            neighbour = system.get(end)
            names |= {neighbour.name, neighbour.id} if neighbour else set()
        if not any(name and name.casefold() in threat.title.casefold() for name in names):
            yield Fault(
                f"{threat.id} names neither {element.name!r} nor what is around it: it fits any "
                "system",
                threat.span,
            )
