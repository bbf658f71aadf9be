"""How much valid KQL that people wrote runs here: translates, and binds in DuckDB.

    uv run python benches/kql_coverage.py [--step N] [FOLDER OF SHARED DATA]

Valid is what Microsoft's language service binds to the public Log Analytics schema without
an error. Each such query is translated and its SQL planned over empty tables of the declared types;
the SQL of every stage is planned too. Nothing here says that rows are right: that is the table of
cases in tests/telemetry/translate/kql. `--step 5` takes every fifth query.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import duckdb

from kql import schema
from undersign.errors import QueryRefused
from undersign.languages import kql
from undersign.records.query import Query
from undersign.records.visible import Visible, VisibleTable
from undersign.telemetry.translate.kql import translate

NOW = datetime(2026, 11, 24)
DUCKDB = {
    "string": "VARCHAR", "long": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP", "timespan": "INTERVAL", "dynamic": "JSON", "list": "JSON",
}  # fmt: skip

OUTSIDE = (
    "externaldata", "arg", "adx", "cluster", "workspace", "database", "FileProfile",
    "_GetWatchlist", "geo_info_from_ip_address",
)  # fmt: skip
"""What needs data that no workspace holds: other hosts, other services, their lookup tables."""


def main(data: Path, step: int) -> None:
    with gzip.open(data / "kql" / "queries.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["query"] for line in lines][::step]
    visible = one_spelling(schema(data, defender=False))
    valid = [query for text in texts if not (query := kql.bind(text, visible)).problems]
    print(f"valid: {len(valid)} of {len(texts)}")
    connection = empty_tables(visible)
    reasons: Counter[str] = Counter()
    spent: list[float] = []
    stages: Counter[str] = Counter()
    for query in valid:
        reasons[outcome(query, visible, connection, spent, stages)] += 1
    report(reasons, spent, stages, len(valid))


def outcome(
    query: Query,
    visible: Visible,
    connection: duckdb.DuckDBPyConnection,
    spent: list[float],
    stages: Counter[str],
) -> str:
    started = time.process_time()
    try:
        translated = translate(query, visible, NOW)
    except QueryRefused as refused:
        return f"refused: {refused.operator or refused.message}"
    finally:
        spent.append((time.process_time() - started) * 1000)
    for stage in translated.stages:
        stages["refused" if stage.refused else planned(connection, stage.sql)[:7]] += 1
    return planned(connection, translated.sql)


def planned(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    try:
        connection.sql(sql)
    except duckdb.Error as error:
        return "unbound: " + str(error).split("\n")[0][:70]
    return "planned"


def report(reasons: Counter[str], spent: list[float], stages: Counter[str], of: int) -> None:
    ran = reasons.pop("planned", 0)
    outside = sum(reasons[f"refused: {name}"] for name in OUTSIDE)
    print(f"translates and binds: {ran} of {of} ({ran / of:.1%})")
    print(f"  of those that ask for nothing outside of a workspace: {ran / (of - outside):.1%}")
    print(f"stages of those that translate: {dict(stages)}")
    spent.sort()
    middle, late = spent[of // 2], spent[int(of * 0.95)]
    print(f"translate, CPU ms: median {middle:.0f}, p95 {late:.0f}, most {spent[-1]:.0f}")
    for reason, count in reasons.most_common(40):
        print(f"{count:5} {reason}")


def one_spelling(visible: Visible) -> Visible:
    """Keep one of the columns whose names differ only in case: DuckDB cannot hold both."""
    tables = {}
    for name, table in visible.tables.items():
        kept = {column.lower(): column for column in reversed(table.columns)}
        columns = {c: table.columns[c] for c in table.columns if kept[c.lower()] == c}
        tables[name] = VisibleTable(name, columns)
    return Visible("kql", tables)


def empty_tables(visible: Visible) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in visible.tables.values():
        columns = ", ".join(f'"{c.name}" {DUCKDB[c.type]}' for c in table.columns.values())
        connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
    return connection


if __name__ == "__main__":
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=beside)
    parser.add_argument("--step", type=int, default=1)
    asked = parser.parse_args()
    main(asked.data, asked.step)
