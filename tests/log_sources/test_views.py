"""Every log source's own samples come out of the views that it declares, filled and typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from undersign.catalogs.log_sources import LogSource, load
from undersign.catalogs.views import Constant, FirstOf, View, ViewColumn, read_fields
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
from undersign.telemetry.view_columns import SQL_TYPES
from undersign.telemetry.views import view_sql, visible

HERE = Path(__file__).parent
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z|0x[0-9a-fA-F]+\Z")
NOW = datetime(2026, 3, 3, tzinfo=UTC)
LANGUAGES = {"kql": ("kql",), "spl": ("spl", "cim"), "sql": ("ocsf",)}
SOURCES = load().sources
VIEWS = [
    pytest.param(language, source, view, id=f"{source.name}-{view.kind}-{view.name}")
    for language, kinds in LANGUAGES.items()
    for source in SOURCES
    for view in source.views
    if view.kind in kinds
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """All samples of all sources in one lake."""
    lake = Lake(tmp_path_factory.mktemp("views") / "lake")
    for source in SOURCES:
        report = ingest([HERE / f"{source.name}.jsonl"], lake, load(), now=NOW)
        assert not report.rejected
    return lake


@pytest.fixture(scope="module")
def raw(lake: Lake) -> Mapping[str, list[dict[str, Any]]]:
    """Lake table -> its rows as they are kept."""
    return {n: [r for t in lake.rows(n) for r in t.to_pylist()] for n in lake.tables()}


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        # Views must mean the same wherever the machine stands.
        connection.execute("SET TimeZone='Asia/Tokyo'")
        yield connection


def _belongs(row: dict[str, Any], where: Mapping[str, tuple[str, ...]]) -> bool:
    def text(value: object) -> str:
        return str(value).lower()

    return all(
        row.get(column) is not None
        and (values == ("*",) or text(row[column]) in {v.lower() for v in values})
        for column, values in where.items()
    )


def _rows_of(view: View, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        row
        for row in rows
        if _belongs(row, view.where) and not (view.unless and _belongs(row, view.unless))
    ]


def _shown(
    duck: duckdb.DuckDBPyConnection, lake: Lake, language: str, name: str
) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return column -> DuckDB type, and event id -> row."""
    (made,) = view_sql(lake.tables(), load(), language, [name])
    duck.execute(made.sql)
    target = ".".join(f'"{p}"' for p in name.split(".")) if language == "sql" else f'"{name}"'
    types = {r[0]: r[1] for r in duck.execute(f"DESCRIBE {target}").fetchall()}
    found = duck.execute(f"SELECT * FROM {target}")
    names = [d[0] for d in found.description or ()]
    return types, {
        r["_id"]: r for r in (dict(zip(names, v, strict=True)) for v in found.fetchall())
    }


def _plain(column: ViewColumn) -> bool:
    return isinstance(column.origin, FirstOf) and not (column.cut or column.values or column.starts)


@pytest.mark.parametrize(("language", "source", "view"), VIEWS)
def test_what_a_view_declares_comes_out(
    language: str,
    source: LogSource,
    view: View,
    lake: Lake,
    raw: Mapping[str, list[dict[str, Any]]],
    duck: duckdb.DuckDBPyConnection,
) -> None:
    name = f"ocsf.{view.name}" if view.kind == "ocsf" else view.name
    types, rows = _shown(duck, lake, language, name)
    events = _rows_of(view, raw[source.name])
    assert {e["_id"] for e in events} <= rows.keys()
    for column in view.columns.values():
        if column.type:
            kind = "dynamic" if (language, column.type) == ("kql", "list") else column.type
            assert types[column.name] in (SQL_TYPES[kind], "VARCHAR"), column.name
        for event in events:
            _compare(column, event, rows[event["_id"]][column.name])


def _compare(column: ViewColumn, event: dict[str, Any], seen: object) -> None:
    """Hold what a view shows against the event itself, as far as Python can tell it."""
    if isinstance(column.origin, Constant):
        assert seen == column.origin.value, column.name
        return
    held = [event[f] for f in read_fields(column) if event.get(f) not in (None, "", "-", [])]
    if not _plain(column) or not held:
        return
    if column.type == "long" and not NUMBER.match(str(held[0])):
        assert seen is None, column.name
        return
    assert seen is not None, f"{column.name} is empty although the event has a value"
    if isinstance(held[0], datetime):
        assert seen == held[0].astimezone(UTC).replace(tzinfo=None), column.name
    elif column.type in (None, "string") and isinstance(held[0], str):
        assert seen == held[0], column.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_every_event_is_visible_in_every_language(
    language: str, source: LogSource, raw: Mapping[str, list[dict[str, Any]]]
) -> None:
    views = [view for view in source.views if view.kind in LANGUAGES[language]]
    if language == "sql":
        return  # The lake's own tables are visible as they are.
    seen = {row["_id"] for view in views for row in _rows_of(view, raw[source.name])}
    assert seen == {row["_id"] for row in raw[source.name]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_types_and_duckdb_agree(
    language: str, lake: Lake, duck: duckdb.DuckDBPyConnection
) -> None:
    for name, table in visible(lake, load(), language).tables.items():
        types, rows = _shown(duck, lake, language, name)
        assert {n: SQL_TYPES[c.type] for n, c in table.columns.items()} == types, name
        assert table.rows == len(rows), name
        assert table.time in types, name
        for role, columns in table.roles.items():
            assert set(columns) <= types.keys(), (name, role)
        for column in table.columns.values():
            values = [r[column.name] for r in rows.values() if r[column.name] is not None]
            if column.fill is not None and rows:
                assert column.fill == pytest.approx(len(values) / len(rows)), column
            if column.distinct is not None and column.examples:
                assert column.distinct == len({str(v) for v in values}), column


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_it_says_its_words_and_roles(source: LogSource) -> None:
    assert source.words
    assert source.roles
    assert {"kql", "spl"} <= {view.kind for view in source.views}
