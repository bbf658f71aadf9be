"""Elements and facts a drafter read out of a document: kept as proposals with a quote, or struck.

A document may say what somebody wanted a drafter to write. A quote that does not stand in it, an
end that no flow can have, a fact that no rule asks about: struck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from undersign.catalogs.threat_rules import Rules
from undersign.records.system import Element, Proposal, System
from undersign.surfaces.threatmodel.analysis import known_facts
from undersign.surfaces.threatmodel.rows import FACT, ID, element_of

_SHORTEST_QUOTE = 8
_ORDER = ("boundary", "component", "flow")


@dataclass(frozen=True, slots=True)
class Document:
    """What a drafter was given to read."""

    name: str
    text: str


def kept(
    slots: Mapping[str, Any], by: str, document: Document, system: System, rules: Rules
) -> tuple[tuple[Proposal, ...], int]:
    """Return the proposals of a reply that can be, each resting on a quote, and how many cannot."""
    reader = _Kept(document, system, rules)
    parts = sorted(slots.get("parts", ()), key=lambda one: _ORDER.index(one["sort"]))
    facts = slots.get("facts", ())
    found = [reader.part(one) for one in parts] + [reader.fact(one) for one in facts]
    taken = {one.id for one in system.proposals}
    numbers = (f"P-{n}" for n in range(1, 100_000) if f"P-{n}" not in taken)
    good = [one for one in found if one is not None]
    marked = tuple(replace(one, id=next(numbers), by=by, document=document.name) for one in good)
    return marked, len(found) - len(good)


class _Kept:
    """What is there so far: each part may lean on those before it."""

    def __init__(self, document: Document, system: System, rules: Rules) -> None:
        self.text = _plain(document.text)
        self.kinds = rules.kinds
        self.facts = known_facts(rules)
        self.elements = {one.id: one for one in system.elements}
        self.elements |= {e.id: e for e in _waiting(system)}
        self.said = {(one.element, one.fact) for one in system.proposals if one.sort == "fact"}

    def quoted(self, quote: str) -> bool:
        return len(quote) >= _SHORTEST_QUOTE and quote in self.text

    def part(self, one: Mapping[str, Any]) -> Proposal | None:
        texts = {key: _plain(str(one[key])) for key in one}
        made = Proposal(
            "", texts["sort"], texts["element"], texts["name"], texts["kind"], texts["boundary"],
            texts["from"], texts["to"], quote=texts["quote"],
        )  # fmt: skip
        if made.sort == "flow" and not made.element:
            made = replace(made, element=f"{made.source}->{made.target}")
        if not self.fits(made) or not self.quoted(made.quote):
            return None
        self.elements[made.element] = element_of(made)
        return made

    def fits(self, one: Proposal) -> bool:
        if not ID.fullmatch(one.element) or one.element in self.elements:
            return False
        if one.boundary and not self.is_a(one.boundary, "boundary"):
            return False
        if one.sort == "component":
            return bool(one.name) and one.kind in self.kinds
        if one.sort == "flow":
            return self.is_a(one.source, "component") and self.is_a(one.target, "component")
        return bool(one.name)

    def is_a(self, element_id: str, sort: str) -> bool:
        element = self.elements.get(element_id)
        return element is not None and element.sort == sort

    def fact(self, one: Mapping[str, Any]) -> Proposal | None:
        element_id, fact, value, quote = (
            _plain(str(one[name])) for name in ("element", "fact", "value", "quote")
        )
        element = self.elements.get(element_id)
        if element is None or element.facts.get(fact) is not None or not value:
            return None
        if (element_id, fact) in self.said or not self.quoted(quote):
            return None
        if not FACT.fullmatch(fact) or fact not in self.facts:
            return None
        self.said.add((element_id, fact))
        stated = {"true": True, "false": False}.get(value.casefold(), value)
        return Proposal("", "fact", element_id, fact=fact, value=stated, quote=quote)


def _waiting(system: System) -> Iterator[Element]:
    return (element_of(one) for one in system.proposals if one.sort != "fact")


def _plain(text: str) -> str:
    return " ".join(text.split())
