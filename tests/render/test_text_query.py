"""What `query` prints: a funnel, then rows that fit the terminal whatever is in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from undersign.errors import UsageError
from undersign.render.query_formats import Look, render


def _answer(columns: list[str], rows: list[list[Any]], **more: Any) -> dict[str, Any]:
    stages = [
        {"text": "Table", "rows": 1000, "pipeline": ""},
        {"text": "where a\n  == 1", "rows": 10, "pipeline": ""},
        {"text": "join x", "rows": None, "pipeline": "", "reason": "not counted: took too long"},
        {"text": "where b", "rows": 0, "pipeline": "join at line 3"},
    ]
    return {
        "columns": [{"name": c, "type": "VARCHAR"} for c in columns], "rows": rows,
        "truncated": False, "stages": stages, "seconds": 0.12, "as_of": "2026-01-01T00:00:00Z",
    } | more  # fmt: skip


def test_the_funnel_counts_and_says_what_was_not_counted() -> None:
    lines = render("text", _answer(["a"], [["x"]])).splitlines()
    assert lines[0] == "join at line 3"
    assert lines[1].split()[0] == "0"
    assert lines[2] == "the query"
    assert lines[3].split() == ["1,000", "█" * 12, "Table"]
    assert lines[4].endswith("where a == 1")
    assert lines[5].split()[0] == "?"
    assert lines[6].strip() == "not counted: took too long"


def test_few_columns_are_a_table_and_many_stand_below_each_other() -> None:
    table = render("text", _answer(["a", "n"], [["x", 1], ["y", None]]))
    assert "a  n" in table
    wide = render("text", _answer([f"c{n}" for n in range(12)], [["v", *[None] * 11]]))
    assert "row 1" in wide
    assert "c0" in wide
    assert "c1" not in wide


def test_nothing_is_wider_than_the_terminal() -> None:
    rows = [["x" * 300, "\u4e16" * 200, {"a": ["y" * 90]}]]
    text = render("text", _answer(["a", "b" * 80, "c"], rows), Look(60))
    assert max(len(line) for line in text.splitlines()) <= 60


def test_what_an_attacker_wrote_is_escaped() -> None:
    text = render("text", _answer(["a\x1b[1m"], [["\x1b]0;x\x07\u202e"]], as_of="\x1b[2J"))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_last_line_sums_up() -> None:
    assert "no rows" in render("text", _answer(["a"], []))
    more = render("text", _answer(["a"], [["x"]], truncated=True, stages=[
        {"text": "T", "rows": 7, "pipeline": ""}]))  # fmt: skip
    assert "the first 1 row of 7; more with --limit" in more


def test_csv_guards_spreadsheets_and_jsonl_is_one_object_a_line() -> None:
    answer = _answer(["a", "b"], [["=1+1", -1], [None, {"k": [1]}], ["@x", "-y"]])
    assert render("csv", answer) == 'a,b\n\'=1+1,-1\n,"{""k"": [1]}"\n\'@x,\'-y\n'
    lines = [json.loads(line) for line in render("jsonl", answer).splitlines()]
    assert lines[0] == {"a": "=1+1", "b": -1}
    with pytest.raises(UsageError):
        render("xml", answer)
