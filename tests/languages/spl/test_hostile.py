"""Searches made to hurt: one located problem, soon, and never anything else."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.errors import BadInput, QueryRefused
from undersign.languages.spl import bind, parse, read_macros
from undersign.records.query import Query
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.spl import translate

COLUMNS = {"_time": VisibleColumn("_time", "timestamp"), "_raw": VisibleColumn("_raw"),
           "a": VisibleColumn("a")}  # fmt: skip
VISIBLE = Visible("spl", {"t": VisibleTable("t", COLUMNS, time="_time")})
UNREADABLE = {
    "a megabyte": "a" * 1_000_000,
    "a megabyte of commands": "|head 1" * 140_000,
    "parentheses": "(" * 10_000 + "a" + ")" * 10_000,
    "parentheses in eval": "* | eval x=" + "(" * 10_000 + "1" + ")" * 10_000,
    "an open quote": 'a="b',
    "an open backtick": "a `b",
    "open brackets": "[" * 10_000,
    "subsearches": "a " + "[search a " * 5_000 + "]" * 5_000,
    "many NOT": "NOT " * 40_000 + "a",
    "many minus": "* | eval x=" + "-" * 100_000 + "1",
    "a long chain": "* | eval x=" + ".".join(["a"] * 60_000),
    "calls": "* | eval x=" + "lower(" * 5_000 + "a" + ")" * 5_000,
}
REFUSED = {
    "many OR": " OR ".join(f"a={i}" for i in range(15_000)),
    "a long list": "a IN (" + ",".join(str(i) for i in range(25_000)) + ")",
    "many fields": "* | stats count by " + ",".join(f"f{i}" for i in range(20_000)),
    "many evals": "* | eval " + ",".join(f"f{i}=1" for i in range(10_000)),
    "a regular expression that repeats": '* | rex "' + "(a{1000}){1000}" * 100 + '(?<x>b)"',
    "a doubling sum": "* | eval x=" + "+".join(["a"] * 20),
    "a time no calendar has": "earliest=-99999999999999999999y",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_one_located_problem_soon(name: str) -> None:
    begun = time.process_time()
    query = bind(UNREADABLE[name], VISIBLE)
    assert time.process_time() - begun < 2
    assert [p.kind for p in query.problems] == ["syntax"]
    assert query.problems[0].span.line == 1
    assert query.unreadable


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_take_too_long_is_refused_soon(name: str) -> None:
    begun = time.process_time()
    query = parse(REFUSED[name])
    with pytest.raises(QueryRefused):
        translate(query, VISIBLE, dt.datetime(2024, 1, 1))
    assert time.process_time() - begun < 2


def test_macros_that_grow_are_stopped() -> None:
    doubling = "\n".join(f"[m{i}]\ndefinition = `m{i + 1}` `m{i + 1}`" for i in range(40))
    macros = read_macros(f"{doubling}\n[m40]\ndefinition = aaaaaaaaaa", "m.conf")
    begun = time.process_time()
    assert parse("`m0`", macros).unreadable
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("text", ["{", '{"a": 5}', "[a]\nx = 1\n", "[" * 5_000 + "]"])
def test_a_macro_file_that_is_none_is_told(text: str) -> None:
    with pytest.raises(BadInput):
        read_macros(text if text[0] == "{" or "\n" in text else "{" + text, "m")


def test_names_and_texts_stay_names_and_texts() -> None:
    import duckdb

    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (_time TIMESTAMP, _raw VARCHAR, a VARCHAR)")
    text = 'a="\'; DROP TABLE t; --" | rename a as "x\'; DROP TABLE t; --" | table *'
    found = translate(parse(text), VISIBLE, dt.datetime(2024, 1, 1))
    assert connection.execute(found.sql).fetchall() == []
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def _inside(query: Query) -> bool:
    lines = query.text.split("\n")
    spans = [s.span for p in query.pipelines() for s in (*p.stages, *p.sources)]
    spans += [p.span for p in query.problems]
    return all(
        1 <= s.line <= s.end_line <= len(lines)
        and s.column >= 1
        and s.end_column <= len(lines[s.end_line - 1]) + 1
        and (s.line, s.column) <= (s.end_line, s.end_column)
        for s in spans
    )


PIECES = st.sampled_from(
    ["a=1", " ", "|", " stats count by a", " eval b=a+1", "(", ")", '"', "`x_filter`", "[", "]",
     " where a>1", "\n", " OR ", " NOT ", "search ", ",", "'", "\\", " rex \"(?<c>x)\"", "*",
     "| tstats count from datamodel=A.B by A.c", "é", "```x```", " join a [search b]"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_every_place_lies_within_the_text(text: str) -> None:
    assert _inside(bind(text, VISIBLE))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_query(text: str) -> None:
    assert _inside(parse(text))


def test_a_sample_of_real_searches_has_its_places_within(shared_data: Path) -> None:
    import gzip
    import json

    macros = read_macros((shared_data / "spl" / "macros.json").read_text(encoding="utf-8"), "m")
    with gzip.open(shared_data / "spl" / "searches.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["query"] for line in lines][::6]
    found = [parse(text, macros) for text in texts]
    assert all(_inside(query) for query in found)
    assert sum(not query.unreadable for query in found) >= 0.98 * len(found)
