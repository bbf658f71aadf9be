"""unknown-fact: a fact or control that no rule asks about, or a kind that no rule knows."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from undersign.records.finding import Fault
from undersign.records.system import System
from undersign.records.threat import Analysis


def unknown_fact(system: System, analysis: Analysis) -> Iterator[Fault]:
    """Look up every fact, and every kind of component; a typing error hides a threat."""
    for element in system.elements:
        if element.sort == "component" and element.kind not in analysis.known_kinds:
            near = get_close_matches(element.kind, analysis.known_kinds, 1)
            yield Fault(
                f"{element.id!r} is of the kind {element.kind!r}, for which there are no rules",
                element.span,
                suggestion=near[0] if near else None,
            )
        for fact in element.facts:
            if fact not in analysis.known_facts:
                near = get_close_matches(fact, analysis.known_facts, 1, 0.75)
                yield Fault(
                    f"no rule asks about {fact!r} of {element.id!r}",
                    element.fact_spans.get(fact),
                    suggestion=near[0] if near else None,
                )
