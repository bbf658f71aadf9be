"""Texts that mean harm: every one ends soon, in a plain refusal or in one harmless SELECT."""

from __future__ import annotations

import time
from datetime import datetime

import duckdb
import pytest

from undersign.errors import QueryRefused
from undersign.records.artifact import Span
from undersign.records.query import Pipeline, Problem, Query
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.kql import translate
from undersign.telemetry.translate.kql.output import refuse_unsafe

NOW = datetime(2024, 3, 1)
COLUMNS = {"s": VisibleColumn("s"), "n": VisibleColumn("n", "long")}
VISIBLE = Visible("kql", {"T": VisibleTable("T", COLUMNS), "U": VisibleTable("U", COLUMNS)})

TEXTS = {
    "brackets": "T | where " + "(" * 5000 + "1" + ")" * 5000,
    "deep but readable": "T | where n == " + "(" * 55 + "1" + ")" * 55,
    "signs": "print " + "-" * 30_000 + "1",
    "megabyte": "T | where s == '" + "x" * 1_000_000 + "'",
    "ors": "T | where " + " or ".join(f's == "{i}"' for i in range(2500)),
    "pipes": "T " + "| where n > 1 " * 2000,
    "let doubling": "let a0 = 1;"
    + "".join(f"let a{i + 1} = a{i} + a{i};" for i in range(300))
    + "print a300",
    "calls doubling": "print " + "strcat(" * 50 + "'a'" + ")" * 50,
    "unterminated": 'T | where s == "abc',
    "nul": "T \x00 | take 1",
    "half a character": 'T | where s == "\ud83d"',
    "two statements": "T; U",
    "quote": 'T | where s == "\'; DROP TABLE T; --"',
    "name": "T | project ['a\"; DROP TABLE T; --'] = n",
    "comment": "T // ; .drop table T\n| count",
    "binary in table": "['x.parquet'] | count",
    "no value given": "declare query_parameters(x:long); print x",
}


def kql(text: str) -> Query:
    return Query("kql", text, Pipeline((), (), Span(1, 1, 1, 1)))


@pytest.mark.parametrize("name", TEXTS)
def test_ends_soon_and_changes_nothing(name: str) -> None:
    began = time.process_time()
    connection = duckdb.connect()
    for table in ("T", "U"):
        connection.execute(f"CREATE TABLE {table} (s VARCHAR, n BIGINT)")
    connection.execute("INSERT INTO T VALUES ('a', 1)")
    try:
        translated = translate(kql(TEXTS[name]), VISIBLE, NOW)
    except QueryRefused as refused:
        assert refused.message
    else:
        assert len(duckdb.extract_statements(translated.sql)) == 1
        connection.execute(translated.sql).fetchall()
    assert time.process_time() - began < 4
    assert connection.execute("SELECT count(*) FROM T").fetchone() == (1,)


def test_what_the_parser_could_not_read_is_refused_with_its_place() -> None:
    problem = Problem("syntax", "a bracket is missing", Span(3, 7, 3, 8))
    query = Query("kql", "T | where (", Pipeline((), (), Span(1, 1, 1, 1)), problems=(problem,))
    with pytest.raises(QueryRefused) as refused:
        translate(query, VISIBLE, NOW)
    assert (refused.value.line, refused.value.column) == (3, 7)


def test_a_query_may_set_its_own_clock() -> None:
    sql = translate(kql("set query_now = datetime(2020-01-01); print now()"), VISIBLE, NOW).sql
    assert duckdb.sql(sql).fetchall() == [(datetime(2020, 1, 1),)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('x')",
        'SELECT * FROM "parquet_scan"(1); SELECT 1',
        "SELECT getenv('HOME')",
        "DROP TABLE T",
        "SELECT 1; SELECT 2",
        "COPY T TO 'x'",
    ],
)
def test_unsafe_sql_is_refused_whoever_made_it(sql: str) -> None:
    with pytest.raises(QueryRefused):
        refuse_unsafe(sql)
