"""Figures of an attack tree: cheapest way, probability, minimal cut sets; never a made-up input."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from undersign.surfaces.threatmodel.trees.tree import Node

MOST_SETS = 200
MOST_REPEATED = 12
Cut = frozenset[str]


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be computed from what was stated."""

    cheapest: float | None
    """Cost of the cheapest way; None when a leaf of every way lacks its cost."""
    way: tuple[str, ...]
    """Titles of the leaves of the cheapest way."""
    probability: float | None
    """That the root is reached, all leaves tried, independently; None when one lacks its own."""
    cuts: tuple[tuple[str, ...], ...]
    """Minimal sets of leaves that are enough together, the smallest first."""
    is_cut_off: bool
    """Whether there are more sets than were kept."""


def measures(root: Node) -> Measures:
    """Compute what the stated costs and probabilities give. Leaves of one title are one step."""
    cost, way = _cheapest(root)
    cuts, cut_off = _cuts(root)
    ordered = sorted((tuple(sorted(one)) for one in cuts), key=lambda one: (len(one), one))
    return Measures(cost, way, _probability(root), tuple(ordered), cut_off)


def _cheapest(node: Node) -> tuple[float | None, tuple[str, ...]]:
    if node.gate == "-":
        return node.cost, (node.title,)
    below = [_cheapest(child) for child in node.children]
    if node.gate == "OR":
        known = [(cost, way) for cost, way in below if cost is not None]
        return min(known) if known else (None, ())
    if any(cost is None for cost, _ in below):
        return None, ()
    return sum(cost or 0.0 for cost, _ in below), tuple(t for _, way in below for t in way)


def _probability(root: Node) -> float | None:
    """Return the probability of the root; steps that stand twice are conditioned on, exactly."""
    leaves = list(root.leaves())
    if any(leaf.probability is None for leaf in leaves):
        return None
    chances: dict[str, float] = {}
    counts: dict[str, int] = {}
    for leaf in leaves:
        if chances.setdefault(leaf.title, leaf.probability or 0.0) != leaf.probability:
            return None  # one step with two chances: nobody can tell which is meant
        counts[leaf.title] = counts.get(leaf.title, 0) + 1
    repeated = [title for title, count in counts.items() if count > 1]
    if len(repeated) > MOST_REPEATED:
        return None
    total = 0.0
    for outcomes in product((False, True), repeat=len(repeated)):
        fixed = dict(zip(repeated, outcomes, strict=True))
        weight = 1.0
        for title, happened in fixed.items():
            weight *= chances[title] if happened else 1 - chances[title]
        total += weight * _given(root, {**chances, **{t: float(h) for t, h in fixed.items()}})
    return total


def _given(node: Node, chances: dict[str, float]) -> float:
    if node.gate == "-":
        return chances[node.title]
    found = 1.0
    for child in node.children:
        below = _given(child, chances)
        found *= below if node.gate == "AND" else 1 - below
    return found if node.gate == "AND" else 1 - found


def _cuts(node: Node) -> tuple[set[Cut], bool]:
    if node.gate == "-":
        return {frozenset({node.title})}, False
    found: set[Cut] = set() if node.gate == "OR" else {frozenset()}
    cut_off = False
    for child in node.children:
        below, more = _cuts(child)
        cut_off = cut_off or more
        made = found | below if node.gate == "OR" else {a | b for a in found for b in below}
        found = _minimal(made)
        if len(found) > MOST_SETS:
            found, cut_off = set(sorted(found, key=lambda c: (len(c), sorted(c)))[:MOST_SETS]), True
    return found, cut_off


def _minimal(sets: set[Cut]) -> set[Cut]:
    kept: list[Cut] = []
    for one in sorted(sets, key=len):
        if not any(smaller <= one for smaller in kept):
            kept.append(one)
    return set(kept)
