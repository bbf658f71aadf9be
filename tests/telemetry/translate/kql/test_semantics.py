"""Every row of the cases_*.yml tables, run in DuckDB and compared in full."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from undersign.errors import QueryRefused
from undersign.records.artifact import Span
from undersign.records.query import Pipeline, Query
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.kql import translate, translate_stages

HERE = Path(__file__).parent
NOW = datetime(2024, 3, 1, 12, 34, 56)
TYPES = {
    "string": "VARCHAR", "long": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP", "timespan": "INTERVAL", "dynamic": "JSON",
}  # fmt: skip
TABLES = yaml.safe_load((HERE / "tables.yml").read_text())
CASES = [
    pytest.param(case, id=f"{path.stem}-{number}-{case['source'].rpartition('/')[2]}")
    for path in sorted(HERE.glob("cases_*.yml"))
    for number, case in enumerate(yaml.safe_load(path.read_text()))
]
REFUSALS = yaml.safe_load((HERE / "refusals.yml").read_text())
VISIBLE = Visible(
    "kql",
    {
        name: VisibleTable(
            name, {c: VisibleColumn(c, kind) for c, kind in table["columns"].items()}
        )
        for name, table in TABLES.items()
    },
)


def kql(text: str) -> Query:
    return Query("kql", text, Pipeline((), (), Span(1, 1, 1, 1)))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    for name, table in TABLES.items():
        columns = ", ".join(f'"{c}" {TYPES[kind]}' for c, kind in table["columns"].items())
        made.execute(f'CREATE TABLE "{name}" ({columns})')
        for row in table["rows"]:
            made.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)
    made.execute("SET enable_external_access = false")
    return made


def plain(value: Any, kind: str) -> Any:
    if value is not None and kind == "JSON":
        return json.loads(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[list[Any]]]:
    relation = connection.sql(sql)
    kinds = [str(kind) for kind in relation.types]
    rows = [
        [plain(value, kind) for value, kind in zip(row, kinds, strict=True)]
        for row in relation.fetchall()
    ]
    return relation.columns, rows


@pytest.mark.parametrize("case", CASES)
def test_rows(case: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> None:
    columns, rows = run(connection, translate(kql(case["kql"]), VISIBLE, NOW).sql)
    wanted = case["rows"]
    if not case.get("ordered"):
        rows, wanted = sorted(rows, key=repr), sorted(wanted, key=repr)
    assert rows == wanted
    if "columns" in case:
        assert columns == case["columns"]


def test_there_are_at_least_150_cases_each_with_a_page() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["kql"][:40])
def test_refused(case: dict[str, Any]) -> None:
    with pytest.raises(QueryRefused) as refused:
        translate(kql(case["kql"]), VISIBLE, NOW)
    assert refused.value.operator == case["operator"]
    if case["at"]:
        assert [refused.value.line, refused.value.column] == case["at"]


def test_stages_are_prefixes_of_the_pipeline(connection: duckdb.DuckDBPyConnection) -> None:
    text = "let big = U | where m > 10;\nT\n| where n > 0\n| join kind=inner big on s\n| count"
    translated = translate(kql(text), VISIBLE, NOW)
    counted = [
        (stage.text, stage.pipeline, stage.span.line, len(run(connection, stage.sql)[1]))
        for stage in translated.stages
    ]
    assert counted == [
        ("U", "big", 1, 4),
        ("where m > 10", "big", 1, 3),
        ("T", "", 2, 4),
        ("where n > 0", "", 3, 3),
        ("join kind=inner big on s", "", 4, 2),
        ("big", "join at line 4", 4, 3),
        ("count", "", 5, 1),
    ]
    assert set(translated.tables) == {"T", "U"}


def test_stages_before_a_refused_one_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    query = kql("T\n| where n > 1\n| reduce by s\n| count")
    with pytest.raises(QueryRefused):
        translate(query, VISIBLE, NOW)
    stages = translate_stages(query, VISIBLE, NOW)
    assert [len(run(connection, s.sql)[1]) for s in stages if s.sql] == [4, 2]
    assert [s.text for s in stages if s.refused] == ["reduce by s"]
    assert "reduce" in stages[-1].refused
