"""Attack trees: text and back, figures against counting out every case, nothing made up."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfaces.threatmodel.systems import AGENT
from undersign.catalogs import threat_rules
from undersign.errors import BadInput
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import read as read_system
from undersign.surfaces.threatmodel.trees.measures import MOST_SETS, measures
from undersign.surfaces.threatmodel.trees.skeleton import skeleton
from undersign.surfaces.threatmodel.trees.tree import Node, dot, read, write

TEXT = """\
OR Read orders of others
  AND Through the shop
    - Guess a number {cost: 10, p: 0.5}
    - Use the missing check {cost: 1, p: 0.8, threat: WE-008@shop}
  - Bribe somebody {cost: 5000, p: 0.1}
"""


def trees(names: str = "abcd", costs: bool = True) -> st.SearchStrategy[Node]:
    chance = {name: n / 7 for n, name in enumerate(names, 1)}
    leaf = st.sampled_from(names).map(
        lambda name: Node(name, cost=float(ord(name)) if costs else None, probability=chance[name])
    )
    gates = st.sampled_from(("AND", "OR"))

    def inner(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.builds(lambda g, c: Node("gate", g, tuple(c)), gates,
                         st.lists(children, min_size=1, max_size=3))  # fmt: skip

    return st.recursive(leaf, inner, max_leaves=9)


def happens(node: Node, done: frozenset[str]) -> bool:
    if node.gate == "-":
        return node.title in done
    below = [happens(child, done) for child in node.children]
    return all(below) if node.gate == "AND" else any(below)


def worlds(root: Node) -> list[tuple[frozenset[str], float]]:
    chances = {leaf.title: leaf.probability or 0.0 for leaf in root.leaves()}
    found = []
    for outcome in product((False, True), repeat=len(chances)):
        weight = 1.0
        for (_, chance), happened in zip(chances.items(), outcome, strict=True):
            weight *= chance if happened else 1 - chance
        done = frozenset(n for n, h in zip(chances, outcome, strict=True) if h)
        found.append((done, weight))
    return found


def test_an_example_by_hand() -> None:
    found = measures(read(TEXT))
    assert (found.cheapest, found.way) == (11.0, ("Guess a number", "Use the missing check"))
    assert found.probability == pytest.approx(1 - (1 - 0.4) * (1 - 0.1))
    assert found.cuts == (("Bribe somebody",), ("Guess a number", "Use the missing check"))


@settings(max_examples=200, deadline=None)
@given(trees())
def test_probability_and_cut_sets_agree_with_every_case_counted(root: Node) -> None:
    found = measures(root)
    total = sum(weight for done, weight in worlds(root) if happens(root, done))
    assert found.probability == pytest.approx(total)
    minimal = [d for d, _ in worlds(root) if happens(root, d)
               and not any(happens(root, d - {x}) for x in d)]  # fmt: skip
    assert {frozenset(c) for c in found.cuts} == set(minimal)
    assert not found.is_cut_off


@settings(max_examples=100, deadline=None)
@given(trees())
def test_text_comes_back(root: Node) -> None:
    if root.gate != "-":
        assert read(write(root)) == root


def test_nothing_is_made_up() -> None:
    found = measures(read("OR x\n  - a {cost: 3}\n  - b {p: 0.5}\n"))
    assert found.probability is None
    assert found.cheapest == 3
    assert measures(read("AND x\n  - a {cost: 3}\n  - b\n")).cheapest is None


def test_cut_sets_are_capped_and_it_is_told() -> None:
    wide = "".join(
        f"  OR g{n}\n" + "".join(f"    - l{n}-{k}\n" for k in range(8)) for n in range(6)
    )
    found = measures(read("AND x\n" + wide))
    assert found.is_cut_off
    assert len(found.cuts) <= MOST_SETS


@pytest.mark.parametrize(("text", "line"), [
    ("", None), ("x\n", 1), ("OR a\n", 1), ("OR a\n   - b\n", 2), ("- a\n  - b\n", 2),
    ("OR a\n  - b {cost: much}\n", 2), ("OR a\n  - b {p: 2}\n", 2), ("OR a\n  - b {x: 1}\n", 2),
    ("- a\n- b\n", 2), ("  - a\n", 1),
    ("\n".join("  " * n + "OR a" for n in range(80)), 61),
])  # fmt: skip
def test_a_bad_line_is_told(text: str, line: int | None) -> None:
    with pytest.raises(BadInput) as caught:
        read(text)
    assert caught.value.line == line


def test_a_skeleton_names_threats_and_no_figures() -> None:
    system = read_system(AGENT)
    root = skeleton(system, analyse(system, threat_rules.load()), "Read orders", "db")
    threats = {leaf.threat for leaf in root.leaves() if leaf.threat}
    assert "EL-010@db" in threats
    assert any(threat.endswith("@shop") for threat in threats)
    assert all(leaf.cost is None and leaf.probability is None for leaf in root.leaves())
    assert read(write(root)).title == "Read orders"


def test_dot_is_quoted() -> None:
    drawn = dot(Node('a "]; x -> y', "OR", (Node("b\\\n"),)))
    assert drawn.count("->") == 2
    assert drawn.count("\n") == 6
