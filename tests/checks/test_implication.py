"""What is called impossible or implied is held against events."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from undersign.checks.reading.implication import certain, conflict, implies, impossible
from undersign.languages.sigma.tree import And, Atom, Node, Not, Or, Place, Selection, Text

ATOMS = st.builds(
    lambda field, place, value: Atom(field, Text(place, value)),
    st.sampled_from(["a", "B"]),
    st.sampled_from(Place),
    st.text("xy", min_size=1, max_size=2),
)
TREES: st.SearchStrategy[Node] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda args: And(tuple(args))),
        st.lists(inner, min_size=1, max_size=3).map(lambda args: Or(tuple(args))),
        inner.map(Not),
        inner.map(lambda arg: Selection("s", arg)),
    ),
    max_leaves=6,
)
VALUES = [None, *("".join(p) for n in range(4) for p in product("xy", repeat=n))]
EVENTS = [{"a": a, "b": b} for a in VALUES for b in VALUES]


def holds(node: Node, event: dict[str, str | None]) -> bool:
    if isinstance(node, And):
        return all(holds(arg, event) for arg in node.args)
    if isinstance(node, Or):
        return any(holds(arg, event) for arg in node.args)
    if isinstance(node, Not):
        return not holds(node.arg, event)
    if isinstance(node, Selection):
        return holds(node.arg, event)
    value = event[(node.field or "").lower()]
    assert isinstance(node.test, Text)
    place, wanted = node.test.place, node.test.value
    if value is None:
        return False
    if place is Place.EQUALS:
        return value == wanted
    if place is Place.CONTAINS:
        return wanted in value
    return value.startswith(wanted) if place is Place.STARTSWITH else value.endswith(wanted)


@given(TREES)
def test_what_is_impossible_holds_for_no_event(node: Node) -> None:
    if impossible(node):
        assert not any(holds(node, event) for event in EVENTS)


@given(TREES)
def test_what_is_certain_holds_for_every_event(node: Node) -> None:
    if certain(node):
        assert all(holds(node, event) for event in EVENTS)


@given(TREES, TREES)
def test_an_implication_holds_for_every_event(premise: Node, conclusion: Node) -> None:
    if implies(premise, conclusion):
        assert all(holds(conclusion, e) for e in EVENTS if holds(premise, e))


@given(ATOMS, ATOMS)
def test_two_parts_in_conflict_never_hold_together(one: Atom, other: Atom) -> None:
    if conflict(And((one, other))):
        assert not any(holds(one, e) and holds(other, e) for e in EVENTS)


def test_the_prover_sees_through_selections_and_filters() -> None:
    exe = Atom("Image", Text(Place.ENDSWITH, ".exe"))
    psexec = Atom("image", Text(Place.EQUALS, "C:\\PsExec.exe"))
    assert impossible(And((Selection("s", psexec), Not(Selection("f", exe)))))
    assert not impossible(And((Selection("s", exe), Not(Selection("f", psexec)))))


def test_a_huge_condition_is_answered_with_not_known() -> None:
    many = Or(tuple(Atom("a", Text(Place.CONTAINS, f"v{i}")) for i in range(3000)))
    assert conflict(And((many, many))) is None
