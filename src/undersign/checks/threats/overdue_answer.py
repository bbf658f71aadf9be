"""overdue-answer: a fact that is still unknown after the day on which it was to be known."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.clock import Today
from undersign.records.finding import Fault
from undersign.records.system import System


def overdue_answer(system: System, today: Today) -> Iterator[Fault]:
    """Compare the days of `answers_due` with today."""
    for written, due in sorted(system.answers_due.items()):
        element_id, _, fact = written.rpartition(".")
        element = system.get(element_id)
        if element is None:
            yield Fault(f"answers_due names {written!r}, and there is no {element_id!r}")
        elif due < today.date and element.facts.get(fact) is None:
            yield Fault(
                f"{fact!r} of {element.name} was to be known by {due}, and is not", element.span
            )
