"""Text that wants to break the reader gets an answer, fast, and with a place."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.languages.sigma import parse
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.stored import dump, load
from undersign.languages.sigma.tree import Unsupported

RULE = """title: A rule
logsource:
    product: windows
detection:
    sel:
        Image: x
    condition: sel
"""


def _messages(file: SigmaFile) -> list[str]:
    inside = [problem.message for document in file.documents for problem in document.problems]
    return [problem.message for problem in file.problems] + inside


def _bomb(width: int, height: int) -> str:
    lines = (
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]"
        for level in range(1, height)
    )
    return "\n".join(["a0: &a0 [x, x]", *lines])


def test_billion_laughs_ends_at_once() -> None:
    started = time.process_time()
    file = parse(_bomb(10, 12))
    assert time.process_time() - started < 0.2
    assert "aliases expanded" in file.problems[0].message
    assert file.documents == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [*a]\n", "stands inside itself"),
        ("a: *b\n", "is not defined"),
        ("[" * 100, "nested deeper"),
        ("a: " + "{b: " * 40 + "1" + "}" * 40, "nested deeper"),
        ("x" * ((1 << 20) + 1), "longer than"),
        ("---\na: 1\n" * 51, "more than 50 documents"),
        ("a: b\n\tc: d\n", "not YAML"),
        ("a: 'open", "not YAML"),
        ("", "holds no document"),
        ("# only a comment\n", "holds no document"),
        ("a: \x00", "not YAML"),
    ],
)
def test_refused_as_a_whole(text: str, said: str) -> None:
    file = parse(text)
    assert any(said in problem.message for problem in file.problems), file.problems
    assert file.unreadable


@pytest.mark.parametrize(
    ("extra", "said", "line"),
    [
        ("title: Again\n", "`title` is here a second time", 8),
        ("1: x\n", "a key must be text", 8),
        ("evil: !!python/object/apply:os.system [id]\n", "is not allowed", 8),
        ("evil: !custom x\n", "is not allowed", 8),
        ("<<: {a: b}\n", "merge keys", 8),
        ("n: 0x" + "f" * 40 + "\n", "is no usable int", 8),
        ("n: .inf\n", "is no usable float", 8),
    ],
)
def test_refused_in_a_rule(extra: str, said: str, line: int) -> None:
    (rule,) = parse(RULE + extra).rules
    found = {p.message: p.span for p in rule.problems if said in p.message}
    assert found, rule.problems
    assert all(span is not None and span.line == line for span in found.values())


def test_anchors_that_stay_small_are_read() -> None:
    text = RULE.replace("Image: x", "Image: &x [a, b]\n        Other: *x")
    (rule,) = parse(text).rules
    assert rule.problems == ()
    assert rule.data["detection"]["sel"]["Other"] == ["a", "b"]


def test_three_documents_keep_their_own_lines() -> None:
    file = parse(f"{RULE}---\n{RULE}---\n{RULE}")
    places = [rule.span("title") for rule in file.rules]
    assert [place.line for place in places if place] == [1, 9, 17]
    assert _messages(file) == []


def test_a_broken_third_document_leaves_two() -> None:
    file = parse(f"{RULE}---\n{RULE}---\na: [")
    assert len(file.rules) == 2
    assert file.unreadable


def test_line_ends_and_byte_order_mark_do_not_matter() -> None:
    windows = parse("\ufeff" + RULE.replace("\n", "\r\n"))
    plain = parse(RULE)
    assert windows.rules[0].conditions == plain.rules[0].conditions
    assert windows.rules[0].problems == ()


@pytest.mark.parametrize(
    ("condition", "column"),
    [
        ("sel and", 8),
        ("sel and nothing", 9),
        ("(sel", 1),
        ("sel) or sel", 4),
        ("1 of none*", 6),
        ("sel | count() > 5", 5),
        ("sel AND sel", 5),
        ("9 of them", 1),
    ],
)
def test_a_bad_condition_has_its_column(condition: str, column: int) -> None:
    (rule,) = parse(RULE.replace("condition: sel", f"condition: {condition}")).rules
    (problem,) = rule.problems
    assert f"(column {column} of the condition)" in problem.message
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (7, len("    condition: ") + column)


@pytest.mark.parametrize("depth", [1_000, 4_900])
def test_deep_conditions_are_refused(depth: int) -> None:
    text = RULE.replace("condition: sel", f"condition: {'(' * depth}sel{')' * depth}")
    (rule,) = parse(text).rules
    assert rule.conditions == ()
    assert "nest deeper" in rule.problems[0].message


def test_multiplying_values_are_not_expanded() -> None:
    dashes = " ".join(f"-a{number}" for number in range(20))
    started = time.process_time()
    (rule,) = parse(RULE.replace("Image: x", f"'Image|windash': '{dashes}'")).rules
    assert time.process_time() - started < 1
    assert "Unsupported" in repr(rule.conditions)


def test_a_placeholder_nobody_filled_is_said() -> None:
    text = RULE.replace("Image: x", "Image|expand: '%servers%'")
    (rule,) = parse(text).rules
    assert Unsupported.__name__ in repr(rule.conditions)
    (filled,) = parse(text, {"servers": ["a", "b*"]}).rules
    assert Unsupported.__name__ not in repr(filled.conditions)


DASHES = " ".join(f"-a{number}" for number in range(20))
FIVE = "-a -b -c -d -e"
ALIASES = ", ".join(["*x"] * 300)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (f"'A|windash': ['{DASHES}', 5]", "incompatible"),
        (f"'A|windash': [{', '.join([repr(FIVE)] * 2_000)}]", "more comparisons than"),
        (f"'A|windash': '{FIVE} {'x' * 300_000}'", "more comparisons than"),
        (f"'A|base64|windash': '{DASHES}'", "no meaning after base64"),
        (f"'A|{'utf16be|' * 9}contains': a", "one encoding"),
        (f"? 'A{'|contains' * 50_000}'\n        : a", "more than 10 modifiers"),
        (f"A: 1{':1' * 200_000}", "no usable int"),
        (f"A: [&x '{'y' * 400_000}', {ALIASES}]", "aliases expanded"),
        (
            f"A: [{{? &x '{'y' * 400_000}' : 1}}, {{? *x : 1}}, {{? *x : 1}}, {{? *x : 1}}]",
            "aliases",
        ),
        ("A|minute: 1.5", "whole number"),
    ],
)
def test_little_text_cannot_ask_for_much_work(item: str, said: str) -> None:
    started = time.process_time()
    file = parse(RULE.replace("Image: x", item))
    stored = dump(file)
    assert time.process_time() - started < 2
    assert any(said in message for message in _messages(file)), _messages(file)
    assert len(stored) < 20 * 1_048_576


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029", "\r"])
def test_nothing_hides_behind_a_line_end_that_no_editor_shows(character: str) -> None:
    file = parse(RULE.replace("A rule", f"A rule # harmless{character}level: low"))
    assert file.documents == ()
    (problem,) = file.problems
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (1, len("title: A rule # harmless") + 1)


def test_a_condition_cannot_name_one_selection_without_end() -> None:
    many = ", ".join(f"a{number}" for number in range(15_000))
    text = RULE.replace("Image: x", f"A: [{many}]")
    (rule,) = parse(text.replace("condition: sel", f"condition: sel{' or sel' * 100}")).rules
    assert "expands to more" in rule.problems[0].message
    assert rule.conditions == ()


def test_a_number_of_a_rule_is_not_rounded() -> None:
    (rule,) = parse(RULE.replace("Image: x", "A: 9007199254740993")).rules
    (selection,) = rule.selections.values()
    assert "Number(value=9007199254740993)" in repr(selection)


def test_no_warning_reaches_the_terminal(recwarn: pytest.WarningsRecorder) -> None:
    (rule,) = parse(RULE.replace("Image: x", "A|re: '[[a]b&&c]'")).rules
    assert rule.problems == ()
    assert len(recwarn) == 0


ITEM_VALUES = st.sampled_from(
    ["%a%", "\\%a%b%", "%a*b%", "-x %a%", "(", "*", "", "a\\*b", "10.0.0.0/8", "x/-y", "é", 5, 1.5,
     None, True, "%empty%", "%bad%"]
)  # fmt: skip
ITEM_MODIFIERS = st.sampled_from(
    ["all", "base64", "base64offset", "cased", "cidr", "contains", "endswith", "exists", "expand",
     "fieldref", "gt", "i", "lte", "minute", "neq", "re", "startswith", "utf16", "utf16be",
     "utf16le", "week", "wide", "windash", "nonsense", ""]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["A", ""]),
    st.lists(ITEM_MODIFIERS, max_size=4),
    st.lists(ITEM_VALUES, max_size=3),
)
def test_any_item_is_answered_and_stored(
    field: str, modifiers: list[str], values: list[object]
) -> None:
    key = "|".join([field, *modifiers])
    item = f"{json.dumps(key)}: {json.dumps(values)}"
    file = parse(RULE.replace("Image: x", item), {"a": ["b", "c*"], "empty": [], "bad": ["("]})
    assert load(dump(file)) == file


SCRAPS = st.sampled_from(
    ["title: ", "detection:\n", "  s:\n", "    A|re: ", "    - ", "condition: ", "&a ", "*a",
     "|", "not ", "1 of them", "null", "'", "\n", "---\n", "{", "}", "[", "]", ": ", "\t", "\\",
     "\ud800", "filter:\n", "correlation:\n", "rules: any\n", "!!set ", "0x", "~", "%a%", "|base64"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(SCRAPS | st.text(max_size=3), max_size=25).map("".join), st.booleans())
def test_any_text_is_answered_and_stored(scraps: str, whole: bool) -> None:
    file = parse(RULE.replace("Image: x", scraps) if whole else scraps)
    assert load(dump(file)) == file
