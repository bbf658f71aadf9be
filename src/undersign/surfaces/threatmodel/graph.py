"""What the flows of a system say: who reaches what, whose text arrives where, what crosses.

Every function takes an element and a text, and tells true, false or unknown. What is unknown names
the fact that would decide it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from undersign.records.system import Element, System
from undersign.records.threat import Cited
from undersign.surfaces.threatmodel.conditions import Known, Told

_NO, _YES = Told(False), Told(True)
CLASSES = {
    "confidential": ("confidential", "personal", "secret"),
    "personal": ("personal",),
    "secret": ("secret",),
}
"""What counts as data of a class."""
CLIENTS = frozenset({"mobile.app", "desktop.app", "web.client"})
"""Programs in the hands of their users, who can change them: what they send is not trusted."""
_TOOLS = ("ai.tool", "ai.mcp_server")
_SOURCES = (*_TOOLS, "ai.rag_store", "ai.memory", "external")


def is_ai(element: Element) -> bool:
    """Say whether a component is a model or lives from one."""
    return element.kind.startswith("ai.")


class Graph:
    """The components of a system and the flows between them."""

    def __init__(self, system: System, classes: Mapping[str, str]) -> None:
        self.system = system
        self._classes = classes
        self.components = {one.id: one for one in system.of("component")}
        self.boundaries = {one.id: one for one in system.of("boundary")}
        # By id, so that the order of the file decides nothing, not even which sender is named.
        self.flows = tuple(sorted(system.of("flow"), key=lambda flow: flow.id))
        self.into: dict[str, list[Element]] = defaultdict(list)
        self.out_of: dict[str, list[Element]] = defaultdict(list)
        for flow in self.flows:
            self.into[flow.target].append(flow)
            self.out_of[flow.source].append(flow)
        self._reach: dict[str, bool] = {}

    def functions(self) -> Mapping[str, Known]:
        """Return what a rule may ask, by name."""
        return {
            "tainted": self.tainted,
            "takes_untrusted": self.tainted,
            "writers_untrusted": self.tainted,
            "feedback_untrusted": self.tainted,
            "indirect_taint": self.indirect_taint,
            "exposed": self.exposed,
            "crosses": lambda flow, _: Told(self.crosses(flow)),
            "crossed": lambda boundary, _: Told(self._crossed(boundary, ai=False)),
            "crossed_by_ai": lambda boundary, _: Told(self._crossed(boundary, ai=True)),
            "plain_inside": self.plain_inside,
            "from_untrusted": self.from_untrusted,
            "has_ai": lambda _, __: Told(any(map(is_ai, self.components.values()))),
            "is_ai": lambda one, _: Told(is_ai(one)),
            "is_ai_related": lambda flow, _: Told(any(map(is_ai, self.ends(flow).values()))),
            "any_in": lambda one, kind: self._neighbour(self.into, one, (kind,)),
            "any_out": lambda one, kind: self._neighbour(self.out_of, one, (kind,)),
            "queries": lambda one, _: self._neighbour(
                self.out_of, one, ("store.sql", "store.document")
            ),
            "renders_ai": lambda one, _: Told(
                any(is_ai(self.components[f.source]) for f in self.into[one.id])
            ),
            "sends_into": lambda one, _: Told(bool(self.out_of[one.id])),
            "receives_data": lambda one, _: Told(bool(self.into[one.id])),
            "can_call": self.can_call,
            "can_reach": lambda one, _: Told(self._reaches_confidential(one)),
            "used_by_confidential": self.used_by_confidential,
            "carries": self.carries,
            "holds": self.holds,
        }

    def ends(self, flow: Element) -> dict[str, Element]:
        """Return the two components of a flow."""
        return {"source": self.components[flow.source], "target": self.components[flow.target]}

    def crosses(self, flow: Element) -> bool:
        """Say whether a flow goes from one boundary into another."""
        ends = self.ends(flow)
        return ends["source"].boundary != ends["target"].boundary

    def named(self, flow: Element) -> str:
        """Return a flow's name, or the names of its ends."""
        ends = self.ends(flow)
        return flow.name or f"{ends['source'].name} to {ends['target'].name}"

    # --- whose text arrives where ---

    @cached_property
    def _tainted(self) -> Mapping[str, str]:
        """Component -> the untrusted one whose text arrives there."""
        return self._arriving(
            c for c in self.components.values() if c.facts.get("trust") == "untrusted"
        )

    @cached_property
    def _perhaps(self) -> Mapping[str, str]:
        """Component -> one outside, of which nobody said whether it is trusted."""
        return self._arriving(
            c
            for c in self.components.values()
            if c.facts.get("trust") is None
            and (self._classes.get(c.kind) == "external" or c.kind in CLIENTS)
        )

    def _arriving(self, sources: Iterable[Element]) -> Mapping[str, str]:
        """Return component -> the first source, by id, whose text gets there."""
        found: dict[str, str] = {}
        for source in sorted(one.id for one in sources):
            waiting = [source]
            while waiting:
                for flow in self.out_of[waiting.pop()]:
                    if flow.facts.get("sanitized") is not True and flow.target not in found:
                        found[flow.target] = source
                        waiting.append(flow.target)
        return found

    def tainted(self, one: Element, _: str) -> Told:
        """Whether text of somebody untrusted arrives at a component, over any number of flows."""
        if one.id in self._tainted:
            source = self.components[self._tainted[one.id]]
            told = f"text of {source.name}, who is untrusted, arrives at {one.name}"
            return Told(True, words={"src": source.name}, because=told)
        if one.id in self._perhaps:
            source = self.components[self._perhaps[one.id]]
            return Told(None, (Cited(source.id, "trust", None),), {"src": source.name})
        return _NO

    def indirect_taint(self, one: Element, _: str) -> Told:
        """Whether untrusted text arrives by way of something that is itself trusted."""
        for flow in self.into[one.id]:
            via = self.components[flow.source]
            if via.kind not in _SOURCES or via.facts.get("trust") == "untrusted":
                continue
            if via.id in self._tainted or via.facts.get("third_party"):
                told = f"{via.name} passes on what others wrote"
                source = self.components.get(self._tainted.get(via.id, ""), via)
                return Told(True, words={"via": via.name, "src": source.name}, because=told)
        return _NO

    def from_untrusted(self, flow: Element, _: str) -> Told:
        """Whether the sender of a flow is untrusted."""
        source = self.ends(flow)["source"]
        trust = source.facts.get("trust")
        if trust is None and self._classes.get(source.kind) == "external":
            return Told(None, (Cited(source.id, "trust", None),))
        return Told(trust == "untrusted")

    # --- who reaches what ---

    def exposed(self, one: Element, _: str) -> Told:
        """Whether something of another boundary sends to a component."""
        for flow in self.into[one.id]:
            if self.crosses(flow):
                source = self.components[flow.source]
                told = f"{self.named(flow)} comes in from another boundary"
                return Told(True, words={"src": source.name}, because=told)
        return _NO

    def _crossed(self, boundary: Element, *, ai: bool) -> bool:
        return any(
            boundary.id in (ends["source"].boundary, ends["target"].boundary)
            and (not ai or any(map(is_ai, ends.values())))
            for flow in self.flows
            if self.crosses(flow)
            for ends in [self.ends(flow)]
        )

    def plain_inside(self, boundary: Element, _: str) -> Told:
        """Whether something goes unencrypted between two components of one boundary."""
        inside = [
            flow
            for flow in self.flows
            if {end.boundary for end in self.ends(flow).values()} == {boundary.id}
        ]
        plain = [self.named(flow) for flow in inside if flow.facts.get("encrypted") is False]
        if plain:
            return Told(True, words={"names": ", ".join(plain)}, because="they are not encrypted")
        if any(flow.facts.get("encrypted") is None for flow in inside):
            return Told(None, (Cited(boundary.id, "protected_inside", None),))
        return _NO

    def _neighbour(
        self, side: Mapping[str, list[Element]], one: Element, kinds: tuple[str, ...]
    ) -> Told:
        for flow in side[one.id]:
            other = self.components[flow.source if side is self.into else flow.target]
            if other.kind in kinds:
                return Told(True, words={"dst": other.name}, because=f"{self.named(flow)} is there")
        return _NO

    def can_call(self, one: Element, _: str) -> Told:
        """Whether one of the tools that a component calls writes."""
        tools = [self.components[f.target] for f in self.out_of[one.id]]
        tools = [tool for tool in tools if tool.kind in _TOOLS]
        writing = [tool.name for tool in tools if tool.facts.get("writes")]
        if writing:
            told = f"{one.name} calls {', '.join(writing)}, which changes things"
            return Told(True, words={"tools": ", ".join(writing)}, because=told)
        unknown = tuple(Cited(t.id, "writes", None) for t in tools if t.facts.get("writes") is None)
        return Told(None, unknown) if unknown else _NO

    def _reaches_confidential(self, one: Element) -> bool:
        if one.id not in self._reach:
            self._reach[one.id] = self._looks_for_confidential(one)
        return self._reach[one.id]

    def _looks_for_confidential(self, one: Element) -> bool:
        seen, waiting = {one.id}, [one.id]
        while waiting:
            at = waiting.pop()
            for flow in (*self.out_of[at], *self.into[at]):
                other = self.components[flow.target if flow.source == at else flow.source]
                if other.id in seen:
                    continue
                seen.add(other.id)
                is_data = other.facts.get("data_class") in CLASSES["confidential"]
                if is_data and self._classes.get(other.kind) != "external":
                    return True
                if other.kind in (*_TOOLS, "ai.rag_store"):
                    waiting.append(other.id)
        return False

    def used_by_confidential(self, one: Element, _: str) -> Told:
        """Whether a caller of a component also reaches confidential data."""
        for flow in self.into[one.id]:
            caller = self.components[flow.source]
            if self._reaches_confidential(caller):
                return Told(True, because=f"{caller.name} also reaches confidential data")
        return _NO

    # --- data ---

    def carries(self, one: Element, wanted: str) -> Told:
        """Whether data of a class goes in or out of a component."""
        for flow in (*self.into[one.id], *self.out_of[one.id]):
            if flow.facts.get("data_class") in CLASSES[wanted]:
                told = f"{self.named(flow)} carries {flow.facts['data_class']} data"
                return Told(True, because=told)
        return _NO

    def holds(self, one: Element, wanted: str) -> Told:
        """Whether a component keeps data of a class; unknown when nobody said what it keeps."""
        stated = one.facts.get("data_class")
        kept = {
            stated,
            *(a.facts.get("data_class") for a in self.system.of("asset") if _in(a, one)),
        }
        if kept & set(CLASSES[wanted]):
            return _YES
        incoming = {flow.facts.get("data_class") for flow in self.into[one.id]}
        if stated is None and incoming & set(CLASSES[wanted]):
            return Told(True, because=f"{wanted} data is sent to {one.name}")
        return Told(None, (Cited(one.id, "data_class", None),)) if kept == {None} else _NO


def _in(asset: Element, component: Element) -> bool:
    stored = asset.facts.get("stored_in")
    return component.id in (stored if isinstance(stored, tuple) else (stored,))
