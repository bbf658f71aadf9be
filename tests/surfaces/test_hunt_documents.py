"""Markdown, notebook and strategy document: complete, in the promised order, and never live."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace

import nbformat
import pytest
from hypothesis import given, settings

from surfaces.hunts import HOSTILE, WHEN, full_hunt, hunts, texts
from undersign.catalogs import attack
from undersign.errors import UsageError
from undersign.records.hunt import Hunt, Note
from undersign.surfaces.hunt import ads, handoff, markdown, notebook
from undersign.surfaces.hunt.markdown_text import code, fenced, inline, prose, table

ATTACK = attack.load()


def hostile_hunt() -> Hunt:
    hunt = full_hunt()
    note = Note(WHEN, "hunter@example.org", HOSTILE)
    entry = replace(hunt.entries[0], question=HOSTILE, query=HOSTILE, open_questions=(HOSTILE,))
    return replace(
        hunt, title=HOSTILE, hypothesis=HOSTILE, notes=(note,), validation=(note,),
        false_positives=(note,), entries=(entry,),
    )  # fmt: skip


def test_rows_come_before_the_summary_and_the_query_before_its_critique() -> None:
    text = markdown.write(full_hunt())
    marks = ("## 1. which", "```kql", "**Critique:**", "rows after it", "**Rows:** 2", "| `alice`",
             "not evidence")  # fmt: skip
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "- **not run** silent-source: needs History" in text


def test_text_of_others_stays_text_in_markdown() -> None:
    text = markdown.write(hostile_hunt())
    outside = re.sub(r"(`{3,})[a-z]*\n.*?\n\1", "", text, flags=re.DOTALL)
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script" not in outside and "<img" not in outside
    assert "\x1b" not in text and "\u202e" not in text
    assert not re.search(r"^---$", outside, re.MULTILINE)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_fences_and_code_spans_cannot_be_left(text: str) -> None:
    opening, *_, closing = fenced(text).split("\n")
    assert opening == closing and opening not in fenced(text).split("\n")[1:-1]
    span = code(text)
    assert "\n" not in span
    ticks = re.match("`+", span)
    assert ticks and not re.search(rf"(?<!`){ticks[0]}(?!`)", span[len(ticks[0]) : -len(ticks[0])])
    assert "<" not in inline(text) and "\n" not in inline(text)
    assert all("<" not in line for line in prose(text).split("\n"))
    assert table(("a",), [(span,)]).count("\n") == 2


def test_a_bar_does_not_add_a_column() -> None:
    row = table(("a", "b"), [(code("x|y"), inline("x|y"))]).split("\n")[2]
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


@settings(max_examples=60, deadline=None)
@given(hunts)
def test_any_hunt_is_a_valid_notebook_whose_code_holds_the_query(hunt: Hunt) -> None:
    text = notebook.write(hunt)
    book = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(cells) == 1 + len(hunt.entries)
    for cell, entry in zip(cells[1:], hunt.entries, strict=True):
        tree = ast.parse(cell.source)
        assert isinstance(tree.body[0], ast.Assign)
        assert ast.literal_eval(tree.body[0].value) == entry.query
        assert isinstance(tree.body[1], ast.Expr) and len(tree.body) == 2


def test_the_rows_of_a_notebook_are_stored_escaped() -> None:
    book = json.loads(notebook.write(hostile_hunt()))
    outputs = [o for cell in book["cells"] for o in cell.get("outputs", [])]
    page = "".join(outputs[0]["data"]["text/html"])
    assert "<script" not in page and "&lt;script&gt;" in page and "\x1b" not in page
    plain = "".join(outputs[0]["data"]["text/plain"])
    assert plain.startswith("Account") and "\x1b" not in plain
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)


def test_the_strategy_has_every_heading_in_order_and_says_what_nobody_wrote() -> None:
    hunt = full_hunt()
    text = ads.write(hunt, ads.Strategy(hunt.entries[0], "rules/x.yml"), ATTACK)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(ads.HEADINGS)
    assert text.count("Nobody has written this yet") == 2
    assert "Password Guessing (Credential Access)" in text
    assert "a service with an old password" in text and "guessed ten times" in text
    said = ads.write(
        hunt, ads.Strategy(hunt.entries[0], "rules/x.yml", "high", "call", ("the window",)), ATTACK
    )
    assert "Nobody" not in said and "leaves out the window" in said


def test_a_strategy_keeps_hostile_words_as_text() -> None:
    hunt = hostile_hunt()
    text = ads.write(hunt, ads.Strategy(hunt.entries[0], "rules/x.yml"), ATTACK)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(ads.HEADINGS)


def test_a_hand_off_is_refused_with_a_list_of_what_is_missing() -> None:
    hunt = replace(full_hunt(), validation=(), false_positives=(), entries=())
    with pytest.raises(UsageError) as caught:
        handoff.chosen(hunt, None)
    told = str(caught.value)
    for words in ("undersign ask", "--validation TEXT", "--false-positive TEXT", "--hunt 0001"):
        assert words in told
    one = replace(full_hunt(), validation=())
    with pytest.raises(UsageError, match="missing: validation: "):
        handoff.chosen(one, None)
    with pytest.raises(UsageError, match="no entry 7"):
        handoff.chosen(full_hunt(), 7)
    assert handoff.chosen(full_hunt(), None).nth == 1


@pytest.mark.parametrize("language", ["kql", "spl", "sql"])
def test_the_head_of_a_query_rule_is_comments_only(language: str) -> None:
    hunt = hostile_hunt()
    entry = replace(hunt.entries[0], language=language, query="THE QUERY\n", drafter=HOSTILE)
    lines = handoff.query_rule(hunt, entry, HOSTILE).rstrip("\n").split("\n")
    mark = {"kql": "// ", "sql": "-- ", "spl": "``` "}[language]
    assert lines[-1] == "THE QUERY"
    assert all(line.startswith(mark) for line in lines[:-1]) and len(lines) > 4
    if language == "spl":
        assert all(line.count("`") == 6 and line.endswith("```") for line in lines[:-1])
