"""Hostile SQL: one located problem, quickly, and nothing that may not run counts as readable."""

from __future__ import annotations

from time import perf_counter

import pytest

from languages.sql.world import VISIBLE
from undersign.languages.sql import bind

UNREADABLE = {
    "unterminated": "SELECT 'abc FROM trail",
    "comment": "SELECT /* abc",
    "half": "SELECT event FROM trail WHERE event =",
    "two": "SELECT 1; DROP TABLE trail",
    "empty": "",
    "only a comment": "-- nothing",
    "brackets": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "cases": "SELECT " + "CASE WHEN 1 THEN " * 5_000,
    "a megabyte": "SELECT " + "a, " * 350_000 + "a",
    "NUL": "SELECT event\0 FROM trail",
    "words": "SELECT " + "1 + " * 30_000 + "1",
    "nonsense": "SELEC event FORM trail",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable(text: str) -> None:
    begun = perf_counter()
    found = bind(text, VISIBLE)
    assert perf_counter() - begun < 2
    assert found.problems
    assert found.problems[0].kind in ("syntax", "forbidden")
    assert found.problems[0].message.isprintable()
    lines = max(1, text.count("\n") + 1)
    assert all(1 <= p.span.line <= lines and p.span.column >= 1 for p in found.problems)


@pytest.mark.parametrize("depth", [24, 25, 60])
def test_nested_as_deep_as_people_do(depth: int) -> None:
    found = bind("SELECT * FROM trail WHERE " + "(" * depth + "size = 1" + ")" * depth, VISIBLE)
    assert bool(found.problems) == (depth > 24)


def test_a_long_chain_of_conditions_is_no_recursion() -> None:
    text = "SELECT * FROM trail WHERE " + " OR ".join(f"size = {n}" for n in range(4_000))
    found = bind(text, VISIBLE)
    assert not found.problems
    assert len(found.main.stages) == 1


FORBIDDEN = [
    "DROP TABLE trail", "DELETE FROM trail", "UPDATE trail SET size = 1", "TRUNCATE trail",
    "INSERT INTO trail SELECT * FROM trail", "CREATE TABLE x AS SELECT 1",
    "ALTER TABLE trail ADD x INT",
    "COPY trail TO '/tmp/x'", "COPY (SELECT 1) TO '/tmp/x'", "ATTACH '/tmp/x.db'", "DETACH x",
    "INSTALL httpfs", "LOAD httpfs", "SET memory_limit = '1TB'", "RESET memory_limit",
    "PRAGMA database_list", "CALL pragma_version()", "USE x", "BEGIN", "VACUUM",
    "EXPLAIN SELECT 1", "DESCRIBE trail", "SHOW TABLES", "EXECUTE p(1)",
    "MERGE INTO trail USING conn ON true WHEN MATCHED THEN DELETE",
    "WITH x AS (DELETE FROM trail RETURNING *) SELECT * FROM x", "SELECT * INTO x FROM trail",
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_parquet('x')",
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/*')",
    "SELECT * FROM parquet_metadata('x')", "SELECT * FROM sniff_csv('x')",
    "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('trail')",
    "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_settings()",
    "SELECT * FROM pragma_version()",
    "SELECT getenv('HOME')", "SELECT current_setting('threads')", "SELECT getvariable('x')",
    "SELECT event, (SELECT max(x) FROM read_csv('x')) FROM trail",
    "SELECT * FROM trail WHERE event IN (SELECT a FROM read_json('x'))",
    "SELECT * FROM trail UNION ALL SELECT * FROM read_blob('x')",
    "WITH x AS (SELECT * FROM read_csv('y')) SELECT 1",
    "SELECT * FROM json_execute_serialized_sql('x')", "SELECT sleep_ms(1000)",
    "SELECT write_log('x')",
]  # fmt: skip


@pytest.mark.parametrize("text", FORBIDDEN)
def test_forbidden(text: str) -> None:
    found = bind(text, VISIBLE)
    assert {p.kind for p in found.problems} & {"forbidden", "syntax"}, found.problems


@pytest.mark.parametrize(
    "text",
    ["SELECT * FROM '/etc/passwd'", "SELECT * FROM 'http://192.0.2.1/x'", "FROM 'a.csv'",
     "SELECT * FROM \"x.parquet\"", "SELECT * FROM pg_catalog.pg_tables",
     "SELECT * FROM information_schema.tables", "SELECT * FROM sqlite_master"],
)  # fmt: skip
def test_a_file_is_no_table(text: str) -> None:
    (problem,) = bind(text, VISIBLE).problems
    assert problem.kind == "unknown-table"


def test_parameters_have_no_value() -> None:
    (problem,) = bind("SELECT * FROM trail WHERE size = ?", VISIBLE).problems
    assert problem.kind == "unsupported"
