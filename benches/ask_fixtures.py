"""Small typed tables around the literals of a query: rows that match it and rows that just do not.

What a query compares a column with decides the column's pool of values: the literal, its near
misses (another case, a prefix, a neighbour) and something else. Every fixture has rows that match
all comparisons and rows that miss exactly one. The same seed gives the same rows.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from undersign.records.query import Comparison, Literal, Query, comparisons
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
ROWS = 48
SQL_TYPES = {
    "string": "VARCHAR", "long": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP", "timespan": "INTERVAL", "dynamic": "JSON", "list": "VARCHAR[]",
    "unknown": "VARCHAR",
}  # fmt: skip
SHARED = ("alpha", "beta", "gamma", "delta")
"""Values that columns of the same name share between tables, so that joins find partners."""
Pools = dict[tuple[str, str], tuple[list[Any], list[Any]]]
"""(table, column) -> (values that match, values that do not)."""


def fill(connection: Any, query: Query, visible: Visible, tables: set[str], seed: int) -> None:
    """Create these tables in DuckDB with rows around the literals of a query."""
    pools = _pools(query)
    for name in sorted(tables):
        table = visible.tables[name]
        columns = ", ".join(
            f"{_quoted(c.name)} {SQL_TYPES[c.type]}" for c in table.columns.values()
        )
        connection.execute(f"CREATE OR REPLACE TABLE {_quoted(name)} ({columns})")
        rows = [_row(table, pools, n, random.Random(f"{seed} {name} {n}")) for n in range(ROWS)]
        marks = ", ".join("?" for _ in table.columns)
        connection.executemany(f"INSERT INTO {_quoted(name)} VALUES ({marks})", rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _pools(query: Query) -> Pools:
    pools: Pools = defaultdict(lambda: ([], []))
    for pipeline in query.pipelines():
        for stage in pipeline.stages:
            for one in comparisons(stage.condition):
                if one.table and one.table_column:
                    hits, misses = pools[one.table, one.table_column]
                    _around(one, hits, misses)
    return pools


def _around(one: Comparison, hits: list[Any], misses: list[Any]) -> None:
    if one.negated or one.op == "!=":
        hits, misses = misses, hits
    for value in one.values:
        inside, outside = _near(one, value)
        hits += inside
        misses += outside


def _near(one: Comparison, literal: Literal) -> tuple[list[Any], list[Any]]:
    value = literal.value
    if literal.kind == "ago" and isinstance(value, int | float):
        edge = NOW - timedelta(seconds=min(float(value), 3.0e9))
        return [edge + timedelta(hours=h) for h in (1, 5)], [
            edge - timedelta(hours=h) for h in (1, 30)
        ]
    if literal.kind == "timestamp" and isinstance(value, str):
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
        around = (
            [at + timedelta(minutes=m) for m in (1, 2)],
            [at - timedelta(minutes=m) for m in (1, 90)],
        )
        return around if one.op in (">", ">=", "between") else around[::-1]
    if isinstance(value, bool):
        return [value], [not value]
    if isinstance(value, int | float):
        up, down = [value + 1, value + 5], [value - 1, value - 3]
        sides = {">": (up, [value, *down]), ">=": ([value, *up], down), "<": (down, [value, *up]),
                 "<=": ([value, *down], up)}  # fmt: skip
        return sides.get(one.op, ([value], [*up, *down]))
    text = str(value or "")
    other = ["", "something else", text[:-1], text.swapcase() + "x"]
    if one.op in ("contains", "has"):
        return [text, f"a {text} b"], other
    if one.op == "startswith":
        return [text, f"{text}tail"], [*other, f"x{text}"]
    if one.op == "endswith":
        return [text, f"head{text}"], [*other, f"{text}x"]
    return [text], other


def _row(table: VisibleTable, pools: Pools, n: int, pick: random.Random) -> list[Any]:
    """Make a row; the first third matches everything, the next misses one column, the rest vary."""
    asked = [c for c in table.columns if (table.name, c) in pools]
    missed = {pick.choice(asked)} if asked and ROWS // 3 <= n < 2 * ROWS // 3 else set()
    if n >= 2 * ROWS // 3:
        missed = {c for c in asked if pick.random() < 0.5}
    row = []
    for column in table.columns.values():
        hits, misses = pools.get((table.name, column.name), ([], []))
        pool = misses if column.name in missed else hits
        value = pick.choice(pool) if pool else _any(table, column, pick)
        row.append(_typed(column, value))
    return row


def _any(table: VisibleTable, column: VisibleColumn, pick: random.Random) -> Any:
    if column.type == "timestamp":
        return NOW - timedelta(minutes=pick.randint(1, 600))
    if column.type in ("long", "double"):
        return pick.randint(0, 9)
    if column.type == "boolean":
        return pick.random() < 0.5
    return pick.choice(SHARED)


def _typed(column: VisibleColumn, value: Any) -> Any:
    if column.type == "timestamp":
        moment = value if isinstance(value, datetime) else NOW
        return moment.astimezone(UTC).replace(tzinfo=None)
    if column.type in ("long", "double"):
        try:
            return int(value) if column.type == "long" else float(value)
        except (TypeError, ValueError):  # a text compared with a number
            return None
    if column.type == "boolean":
        return str(value).lower() in ("true", "1")
    if column.type == "timespan":
        return timedelta(0)
    return json.dumps(value, default=str) if column.type == "dynamic" else str(value)
