"""The skeleton of an attack tree, from an objective that a person states and its target."""

from __future__ import annotations

from undersign.records.system import System
from undersign.records.threat import Analysis
from undersign.surfaces.threatmodel.trees.tree import Node

_DEEP = 3


def skeleton(system: System, analysis: Analysis, objective: str, target: str) -> Node:
    """Return the ways to a target: its own threats, and those by way of what sends into it.

    Costs and probabilities are for people: none is made up.
    """
    ways = _ways(system, analysis, target, _DEEP, (target,))
    return Node(objective, "OR", ways or (Node(f"nobody described a way to {target}"),))


def _ways(
    system: System, analysis: Analysis, target: str, deep: int, seen: tuple[str, ...]
) -> tuple[Node, ...]:
    flows = {flow.id for flow in system.of("flow") if flow.target == target}
    own = [t for t in analysis.threats if t.element == target or t.element in flows]
    found = [Node(one.title, threat=one.id) for one in own]
    if deep:
        for source in sorted({f.source for f in system.of("flow") if f.target == target} - {*seen}):
            first = _ways(system, analysis, source, deep - 1, (*seen, source))
            element = system.get(source)
            name = element.name if element else source
            if first:
                step = Node(f"Go on from {name} to {target}")
                found.append(
                    Node(f"By way of {name}", "AND", (Node(f"Get into {name}", "OR", first), step))
                )
    return tuple(found)
