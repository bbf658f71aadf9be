"""uncovered-crossing: a flow across a boundary without a threat or a waiver."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System
from undersign.records.threat import Analysis


def uncovered_crossing(system: System, analysis: Analysis) -> Iterator[Fault]:
    """Look for a threat on every flow that crosses a boundary, or on where it goes."""
    for crossing in analysis.crossings:
        if not crossing.threats and not crossing.waived:
            flow = system.get(crossing.flow)
            yield Fault(
                f"{crossing.name} crosses from {crossing.boundaries[0] or 'no boundary'} to "
                f"{crossing.boundaries[1] or 'no boundary'}, and no threat is on it or on where it "
                "goes: add one, or a waiver of what: crossing",
                flow.span if flow else None,
            )
