"""Texts made to break a reader: one located problem, soon, and the next text is read."""

from __future__ import annotations

import time

import pytest

from undersign.languages import kql

AND = " and ".join(["a == 'x'"] * 3000)
TOO_MUCH = {
    "long": "T | where a == '" + "x" * 1_000_000 + "'",
    "parentheses": "T | where " + "(" * 100_000,
    "closed parentheses": "T | where " + "(" * 900 + "a == 'x'" + ")" * 900,
    "brackets": "print dynamic(" + "[" * 20_000 + "]" * 20_000 + ")",
    "calls": "T | where " + "not(" * 5000 + "true" + ")" * 5000,
    "operators": f"T | where {AND}",
    "sums": "T | extend z = " + "+".join(["b"] * 40_000),
    "pipes": "T" + " | where b > 1" * 12_000,
    "properties": "T | where a" + ".b" * 30_000,
    "unterminated": "T | where a == 'abc",
    "unterminated block": "T | where a == ```abc",
    "NUL": "T\0 | where b > 1",
    "surrogate": "T | where \udfff",
    "two statements": "T; drop table T",
}
READ = {
    "regex": "T | where a matches regex '" + "(a+)+" * 2000 + "$'",
    "many values": "T | where a in (" + ",".join(f"'v{i}'" for i in range(4000)) + ")",
    "surrogate in a string": "T | where a == '\ud800'",
    "brackets in a string": "T | where a == '" + "(" * 5000 + "'",
    "brackets in a comment": "T // " + "(" * 5000 + "\n| where b > 1",
    "nothing outside": "externaldata(a: string) ['https://example.org/a']",
}


@pytest.fixture(scope="module", autouse=True)
def _started() -> None:
    kql.parse("T")


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_one_located_problem(name: str) -> None:
    text = TOO_MUCH[name]
    started = time.process_time()
    query = kql.parse(text)
    spent = time.process_time() - started
    assert query.unreadable
    assert len(query.problems) <= 2
    assert query.problems[0].span.line == 1
    assert query.problems[0].span.column <= len(text) + 1
    assert spent < 4, "two seconds of it may go into a fresh isolate"
    assert not kql.parse("T | where a == 'x'").problems


@pytest.mark.parametrize("name", READ)
def test_odd_but_readable(name: str) -> None:
    assert kql.parse(READ[name]).problems == ()


def test_a_text_with_nuls_is_read_and_told() -> None:
    wide = "\ufffd\ufffd" + "".join(f"{c}\0" for c in "T | where a == 'x'")
    query = kql.parse(wide)
    (problem,) = query.problems
    assert "UTF-16" in problem.message and not query.unreadable
    assert query.main.stages[0].text.replace("\0", "") == "where a == 'x'"
