"""unreadable-system: a part of the description that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System


def unreadable_system(system: System) -> Iterator[Fault]:
    """Tell what could not be read, and where."""
    yield from (Fault(message, span) for message, span in system.problems)
    if not system.problems and not any(system.of("component")):
        yield Fault("describes no component, so no threat can be found")
