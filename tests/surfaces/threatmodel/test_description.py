"""The description of a system: located errors, nothing lost beside one, nothing executed."""

from __future__ import annotations

import json
import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfaces.threatmodel.systems import AGENT, any_system
from undersign.catalogs import threat_rules
from undersign.surfaces.threatmodel import diagram
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.conditions import BadCondition, parse
from undersign.surfaces.threatmodel.description import looks_like_one, read

WRONG = (
    ("components:\n  - {id: a}\n", "needs a `kind`", 2),
    ("components:\n  - {id: a, kind: job}\n  - {id: a, kind: job}\n", "twice", 3),
    ("components:\n  - {id: a, kind: job}\nflows:\n  - {from: a, to: b}\n", "no component 'b'", 4),
    ("components:\n  - {id: a, kind: job, boundary: z}\n", "no boundary 'z'", 2),
    ("componentz: []\n", "unknown section", 1),
    ("components:\n  - {id: system, kind: job}\n", "twice", 2),
    ("components:\n  - {id: 'a b', kind: job}\n", "is no id", 2),
    ("components:\n  - {id: a, kind: job, 'X Y': true}\n", "cannot name a fact", 2),
    ("components: &a [*a]\n", "", 1),
    ("components: {id: a}\n", "list", 1),
    ("treatments:\n  - {threat: X, status: won}\n", "is no treatment", 2),
    ("treatments:\n  - {threat: X, status: open, expires: soon}\n", "is no day", 2),
    ("a: [unclosed\n", "", 1),
)


@pytest.mark.parametrize(("text", "words", "line"), WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, words: str, line: int) -> None:
    (problem, span), *_ = read(f"name: x\n{text}").problems
    assert words in problem
    assert span is not None
    assert span.line >= line


def test_one_wrong_element_hides_no_other() -> None:
    system = read(
        "components:\n  - {id: a}\n  - {id: b, kind: job}\n  - 3\nflows:\n  - {from: b}\n"
    )
    assert len(system.problems) == 3
    assert [one.id for one in system.of("component")] == ["b"]


@pytest.mark.parametrize("text", ["", "[]", "3", "a: !!python/object:os.system {}", "- " * 10_000,
                                  "{" * 10_000, "\0", "name: [" + "a, " * 9_999 + "]"])  # fmt: skip
def test_hostile_yaml_raises_nothing(text: str) -> None:
    assert read(text).problems or text.startswith("name")


def test_ten_thousand_flows_are_read_and_looked_at() -> None:
    text = AGENT + "".join("  - {from: orch, to: mail, data: x}\n" for _ in range(10_000))
    begun = process_time()
    system = read(text)
    assert len({one.id for one in system.of("flow")}) == 10_010
    analyse(system, threat_rules.load())
    assert process_time() - begun < 20


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40))
def test_any_name_is_inert_in_both_diagrams(name: str) -> None:
    written = json.dumps(name) if name.isascii() else f"'{name.replace(chr(39), chr(39) * 2)}'"
    system = read(AGENT.replace("name: Ticket agent", f"name: {written}"))
    if system.problems:
        return  # a text that no YAML can hold
    kinds = threat_rules.load().kinds
    plain = read(AGENT)
    for draw in (diagram.dot, diagram.mermaid):
        drawn = draw(system, kinds)
        assert drawn.count("\n") == draw(plain, kinds).count("\n"), "no line was added"
        bare = re.sub(r"\\.", "", drawn)
        assert bare.count('"') == draw(plain, kinds).count('"'), "no label ended early"


def test_a_description_is_known_at_a_look() -> None:
    assert looks_like_one(AGENT)
    assert looks_like_one("format: undersign/threatmodel/1\nname: x\n")
    assert not looks_like_one("services:\n  web: {image: x}\n")
    assert not looks_like_one("title: a\ndetection:\n  sel: {}\n")


@pytest.mark.parametrize("text", ["c.a or c.b", "__import__('os')", "c.a.b.c", "c.a < 3", "d.a",
                                  "f(c)", "[x for x in c]", "c.a == d.b", ""])  # fmt: skip
def test_a_condition_outside_of_the_language_is_refused(text: str) -> None:
    with pytest.raises(BadCondition):
        parse(text, "c")


def test_chance_descriptions_read_without_problems() -> None:
    assert not any(read(any_system(seed)).problems for seed in range(20))
