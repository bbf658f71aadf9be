"""stale-model: an element that has changed in the deployment since the model was agreed."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.drift import Observed
from undersign.records.finding import Fault
from undersign.records.system import System


def stale_model(system: System, observed: Observed) -> Iterator[Fault]:
    """Compare the hashes that were agreed with those of the deployment now."""
    for element_id, agreed in sorted(system.drift_base.items()):
        now = observed.hashes.get(element_id)
        element = system.get(element_id)
        if now is None:
            yield Fault(f"{element_id} is not in {observed.source} any more",
                        element.span if element else None)  # fmt: skip
        elif now != agreed:
            yield Fault(f"{element_id} has changed in {observed.source} since this was agreed",
                        element.span if element else None)  # fmt: skip
    for element_id in sorted(set(observed.hashes) - set(system.drift_base)):
        yield Fault(f"{element_id} is in {observed.source}, and not in what was agreed")
