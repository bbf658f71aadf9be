"""A sample of valid queries that people wrote: most translate and bind over empty typed tables."""

from __future__ import annotations

import csv
import gzip
import json
import random
from datetime import datetime
from pathlib import Path

import duckdb

from undersign.errors import QueryRefused
from undersign.languages import kql
from undersign.records.query import Query, Type
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.kql import translate

KINDS: dict[str, tuple[Type, str]] = {
    "real": ("double", "DOUBLE"), "decimal": ("double", "DOUBLE"), "int": ("long", "BIGINT"),
    "long": ("long", "BIGINT"), "datetime": ("timestamp", "TIMESTAMP"),
    "bool": ("boolean", "BOOLEAN"), "boolean": ("boolean", "BOOLEAN"),
    "dynamic": ("dynamic", "JSON"), "timespan": ("timespan", "INTERVAL"),
}  # fmt: skip


def read(data: Path) -> tuple[Visible, duckdb.DuckDBPyConnection]:
    tables: dict[str, dict[str, tuple[str, Type, str]]] = {}
    path = data / "schemas" / "la_table_schemas.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            kind, sql = KINDS.get(row["column_type"], ("string", "VARCHAR"))
            name = row["column_name"]
            tables.setdefault(row["table_name"], {}).setdefault(name.lower(), (name, kind, sql))
    connection = duckdb.connect()
    for name, columns in tables.items():
        listed = ", ".join(f'"{column}" {sql}' for column, _, sql in columns.values())
        connection.execute(f'CREATE TABLE "{name}" ({listed})')
    visible = {
        name: VisibleTable(name, {c: VisibleColumn(c, kind) for c, kind, _ in columns.values()})
        for name, columns in tables.items()
    }
    return Visible("kql", visible), connection


def binds(query: Query, visible: Visible, connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        translated = translate(query, visible, datetime(2026, 11, 24))
        connection.sql(translated.sql)
    except (QueryRefused, duckdb.Error):
        return False
    return True


def test_four_of_five_valid_queries_translate_and_bind(shared_data: Path) -> None:
    visible, connection = read(shared_data)
    with gzip.open(shared_data / "kql" / "queries.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["query"] for line in lines]
    sample = random.Random(7).sample(texts, 200)
    valid = [query for text in sample if not (query := kql.bind(text, visible)).problems]
    assert len(valid) > 60
    ran = sum(binds(query, visible, connection) for query in valid)
    # The whole corpus gives 80 of 100 (benches/kql_coverage.py); a sample of this size strays.
    assert ran / len(valid) >= 0.72
