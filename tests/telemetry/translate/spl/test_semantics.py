"""What searches mean: every rule of the language as a tiny table, a search and all rows it gives.

`source` is the page of Splunk's documentation that states the rule, below
https://help.splunk.com/splunk-enterprise/spl-search-reference/9.4/ or, for `search-manual/` and
`knowledge-manager-manual/`, the page of that name in that manual.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from undersign.errors import QueryRefused
from undersign.languages.spl import DEFAULT, parse, read_macros
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.spl import stages, translate

HERE = Path(__file__).parent
NOW = dt.datetime(2024, 5, 2, 12)
TYPES = {
    "string": "VARCHAR", "long": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP", "list": "VARCHAR[]", "dynamic": "JSON",
}  # fmt: skip


def _load(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


CASES = [case for path in sorted(HERE.glob("cases_*.yml")) for case in _load(path.name)]


@cache
def _world() -> tuple[duckdb.DuckDBPyConnection, Visible]:
    connection = duckdb.connect()
    tables = {}
    for name, table in _load("tables.yml").items():
        columns = table["columns"]
        typed = ", ".join(f'"{c}" {TYPES[t]}' for c, t in columns.items())
        connection.execute(f'CREATE TABLE "{name}" ({typed})')
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', table["rows"])
        known = {c: VisibleColumn(c, t) for c, t in columns.items()}
        tables[name] = VisibleTable(
            name, known, time=table.get("time"), also=tuple(table.get("also", ()))
        )
    return connection, Visible("spl", tables)


def _run(case: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    connection, visible = _world()
    macros = read_macros("\n".join(case["macro"]), "macros.conf") if "macro" in case else DEFAULT
    found = translate(parse(case["spl"], macros), visible, NOW, macros)
    cursor = connection.cursor().execute(found.sql)
    names = [d[0] for d in cursor.description or ()]
    return names, [[_plain(v) for v in row] for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return value


def test_there_are_enough_cases_and_each_has_a_source() -> None:
    told = [case for case in CASES if "rows" in case]
    assert len(told) >= 100
    assert all(case["source"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["spl"][:90])
def test_a_search_gives_these_rows(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(QueryRefused) as refusal:
            _run(case)
        assert refusal.value.operator == case["refused"]
        return
    names, rows = _run(case)
    assert rows == case["rows"]
    if "columns" in case:
        assert names == case["columns"]


@pytest.mark.parametrize("case", _load("refusals.yml"), ids=lambda c: c["spl"][:60])
def test_what_cannot_be_said_is_refused_by_name_and_place(case: dict[str, Any]) -> None:
    with pytest.raises(QueryRefused) as refusal:
        _run(case)
    assert refusal.value.operator == case["operator"]
    assert refusal.value.line == 1
    assert refusal.value.column


def test_every_stage_can_be_counted_and_the_last_is_the_result() -> None:
    connection, visible = _world()
    text = "sourcetype=test:web | where status>=400 | stats count by host | where count > 1"
    found = translate(parse(text), visible, NOW)
    counts = [
        connection.cursor().execute(f"SELECT count(*) FROM ({stage.sql})").fetchone()[0]
        for stage in found.stages
    ]
    assert counts == [5, 5, 4, 2, 2]
    assert [s.span.column for s in found.stages] == [1, 1, 23, 43, 65]
    assert found.tables == ("test:web",)


def test_a_refused_command_does_not_lose_the_stages_before_it() -> None:
    connection, visible = _world()
    text = "sourcetype=test:web | where status>=400 | transaction user"
    found = stages(parse(text), visible, NOW)
    assert [bool(stage.sql) for stage in found] == [True, True, True, False]
    assert "transaction" in found[-1].refused
    assert connection.cursor().execute(found[2].sql).fetchall()
