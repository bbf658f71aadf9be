"""untreated-threat: a threat about which nobody has decided."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System
from undersign.records.threat import Analysis


def untreated_threat(system: System, analysis: Analysis) -> Iterator[Fault]:
    """Look for the treatment of every threat."""
    for threat in analysis.threats:
        if threat.treatment is None:
            element = system.get(threat.element)
            facts = ", ".join(map(str, threat.facts))
            yield Fault(
                f"{threat.id} ({threat.severity}) has no treatment: {threat.title}",
                element.span if element else None,
                evidence={"facts": facts, "because": list(threat.because)},
            )
