"""Whether a condition can hold at all, and whether one part of it makes another superfluous.

A sound, incomplete prover: it looks at pairs of conjuncts only, so what it calls impossible is
impossible (of single values), and what it does not prove may be impossible all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from undersign.checks.reading.trees import alternatives, bare, conjuncts
from undersign.checks.reading.value_logic import covers, excludes
from undersign.languages.sigma.tree import And, Atom, Node, Not, Or

MAX_PAIRS = 40_000
"""Comparisons of values one question may cost; beyond it the answer is "not known"."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two parts of a conjunction that cannot both hold."""

    one: Node
    other: Node


def implies(premise: Node, conclusion: Node, budget: list[int] | None = None) -> bool:
    """Say whether the conclusion certainly holds wherever the premise does."""
    left, right = bare(premise), bare(conclusion)
    spent = budget if budget is not None else [0]
    spent[0] += 1
    if spent[0] > MAX_PAIRS:
        return False
    if left == right:
        return True
    if isinstance(right, And):
        return all(implies(left, arg, spent) for arg in right.args)
    if isinstance(left, Or):
        return bool(left.args) and all(implies(arg, right, spent) for arg in left.args)
    if isinstance(right, Or) and any(implies(left, arg, spent) for arg in right.args):
        return True
    if isinstance(left, And):
        return any(implies(arg, right, spent) for arg in left.args)
    if isinstance(left, Not) and isinstance(right, Not):
        return implies(right.arg, left.arg, spent)
    return isinstance(left, Atom) and isinstance(right, Atom) and atom_implies(left, right)


def atom_implies(left: Atom, right: Atom) -> bool:
    """Say whether one comparison makes the other hold, on the same field."""
    return same_field(left, right) and covers(right.test, left.test)


def same_field(left: Atom, right: Atom) -> bool:
    """Say whether two comparisons look at the same field; keywords never do."""
    if left.field is None or right.field is None:
        return False
    return left.field.lower() == right.field.lower()


def conflict(node: Node) -> Conflict | None:
    """Return two conjuncts that cannot both hold, when they can be shown; None is "not known"."""
    parts = list(conjuncts(node))
    budget = [0]
    for index, one in enumerate(parts):
        for other in parts[index + 1 :]:
            if _clash(one, other, budget):
                return Conflict(one, other)
    return None


def _clash(one: Node, other: Node, budget: list[int]) -> bool:
    if isinstance(other, Not) and not isinstance(one, Not):
        return implies(one, other.arg, budget)
    if isinstance(one, Not) and not isinstance(other, Not):
        return implies(other, one.arg, budget)
    if isinstance(one, Not) or isinstance(other, Not):
        return False
    return _exclusive(one, other, budget)


def _exclusive(one: Node, other: Node, budget: list[int]) -> bool:
    """Say whether every alternative of one excludes every alternative of the other."""
    left, right = list(alternatives(one)), list(alternatives(other))
    budget[0] += len(left) * len(right)
    if budget[0] > MAX_PAIRS or not left or not right:
        return False
    return all(_atoms_exclude(a, b) for a in left for b in right)


def _atoms_exclude(one: Node, other: Node) -> bool:
    return (
        isinstance(one, Atom)
        and isinstance(other, Atom)
        and same_field(one, other)
        and excludes(one.test, other.test)
    )


def impossible(node: Node) -> bool:
    """Say whether a node certainly never holds."""
    inner = bare(node)
    if isinstance(inner, Or):
        return all(impossible(arg) for arg in inner.args)
    if isinstance(inner, And):
        return any(impossible(arg) for arg in inner.args) or conflict(inner) is not None
    return isinstance(inner, Not) and certain(inner.arg)


def certain(node: Node) -> bool:
    """Say whether a node certainly always holds, whatever the event."""
    inner = bare(node)
    if isinstance(inner, And):
        return all(certain(arg) for arg in inner.args)
    if isinstance(inner, Not):
        return impossible(inner.arg)
    if isinstance(inner, Or):
        return any(certain(arg) for arg in inner.args) or _complementary(inner)
    return False


def _complementary(either: Or) -> bool:
    """Say whether two alternatives are `x` and `not x`."""
    args = [bare(arg) for arg in either.args]
    denied = [bare(arg.arg) for arg in args if isinstance(arg, Not)]
    return any(arg in denied for arg in args)
