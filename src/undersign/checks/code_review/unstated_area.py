"""The check `unstated-area`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.reviewed import Reviewed


def unstated_area(file: Reviewed) -> Iterator[Fault]:
    """Report every area that no machine assessed and of which no person has said anything."""
    for area in file.areas:
        if area.statement is None:
            yield Fault(
                f"{area.title}: not assessed by machine, and no person says what they looked at",
                evidence={"area": area.key, "why": area.why},
                suggestion=f"undersign triage 'REVIEW#{area.key}' looked --reason ...",
            )
