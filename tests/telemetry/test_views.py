"""What a query language sees of a lake whose shapes are hard: mixed, wide, oddly named, pinned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from undersign.catalogs.log_source_files import read_texts
from undersign.catalogs.log_sources import LogSources
from undersign.telemetry import view_values
from undersign.telemetry.ingest import ingest
from undersign.telemetry.known_tables import add_known, read_known
from undersign.telemetry.lake import Lake
from undersign.telemetry.pins import pin, pinned
from undersign.telemetry.view_columns import SQL_TYPES
from undersign.telemetry.views import view_sql, visible

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NONE = LogSources(())
SOURCE = """
name = "{name}"
title = "Sales of {name}"
family = "flat"
time = ["at"]
time_zone = "UTC"
host = []
user = []
address = []
text_fields = ["at"]
[[detect]]
{name} = "*"
[fields]
{name} = "{kind}"
clerk = "string"
[[sigma]]
product = "{name}"
[[kql]]
table = "{table}"
rest = true
[kql.columns]
TimeGenerated = "_time"
Amount = "{name}"
"""
SHOPS = read_texts(
    {
        "bakery.toml": SOURCE.format(name="bakery", kind="long", table="Sales_CL"),
        "butcher.toml": SOURCE.format(name="butcher", kind="string", table="SALES_CL"),
    }
)


def _take(lake: Lake, records: list[dict[str, Any]], sources: LogSources = NONE) -> None:
    lake.root.parent.mkdir(exist_ok=True, parents=True)
    log = lake.root.parent / f"{len(list(lake.root.parent.iterdir()))}.jsonl"
    log.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    assert not ingest([log], lake, sources, now=NOW).rejected


def _generic(number: int, **values: Any) -> dict[str, Any]:
    return {"time": f"2024-05-01T10:00:{number:02}Z", **values}


def _sale(number: int, **values: Any) -> dict[str, Any]:
    return {"at": f"2024-05-01T10:00:{number:02}Z", **values}


def _ask(lake: Lake, sources: LogSources, name: str, query: str) -> list[tuple[Any, ...]]:
    made = view_sql(lake.tables(), sources, "kql", [name], read_known(lake.root))
    with duckdb.connect() as duck:
        for one in made:
            duck.execute(one.sql)
        return duck.execute(query).fetchall()


@pytest.fixture
def shops(tmp_path: Path) -> Lake:
    """Two sources that share one table, spelled differently, and disagree about a type."""
    lake = Lake(tmp_path / "lake")
    _take(lake, [_sale(1, bakery=7, clerk="a"), _sale(2, bakery=9, loaf="rye")], SHOPS)
    _take(lake, [_sale(3, butcher="12kg", clerk="a", knife="b")], SHOPS)
    return lake


def test_sources_that_share_a_table_are_one(shops: Lake) -> None:
    seen = visible(shops, SHOPS, "kql")
    assert set(seen.tables) == {"Sales_CL"}
    table = seen.tables["Sales_CL"]
    assert (table.rows, set(table.sources)) == (3, {"bakery", "butcher"})
    assert table.columns["Amount"].type == "string", "they disagree"
    assert table.columns["clerk"].fill == pytest.approx(2 / 3)
    rows = _ask(shops, SHOPS, "sales_cl", 'SELECT "Amount", loaf, knife FROM "Sales_CL" ORDER BY 1')
    assert rows == [("12kg", None, "b"), ("7", None, None), ("9", "rye", None)]


def test_a_real_table_wins_over_an_imported_one(shops: Lake) -> None:
    add_known(
        shops.root,
        {
            "SALES_cl": {"amount": "double", "Refund": "boolean", "Tags": "list"},
            "Returns_CL": {"TimeGenerated": "timestamp", "Count": "long", 'odd "name"': "dynamic"},
        },
    )
    seen = visible(shops, SHOPS, "kql")
    assert set(seen.tables) == {"Sales_CL", "Returns_CL"}
    sales, returns = seen.tables["Sales_CL"], seen.tables["Returns_CL"]
    assert not sales.imported and "amount" not in sales.columns
    assert (sales.columns["Refund"].type, sales.columns["Refund"].fill) == ("boolean", 0.0)
    assert sales.columns["Tags"].type == "dynamic", "KQL has no list"
    assert (returns.imported, returns.rows, returns.time) == (True, 0, "TimeGenerated")
    assert _ask(shops, SHOPS, "Sales_CL", 'SELECT DISTINCT "Refund" FROM "Sales_CL"') == [(None,)]
    for name, table in seen.tables.items():
        described = _ask(shops, SHOPS, name, f'DESCRIBE "{name}"')
        assert [(r[0], r[1]) for r in described] == [
            (n, SQL_TYPES[c.type]) for n, c in table.columns.items()
        ]
    assert _ask(shops, SHOPS, "returns_cl", 'SELECT * FROM "Returns_CL"') == []


@pytest.mark.parametrize("language", ["kql", "spl", "sql"])
def test_names_with_quotes_dots_and_spaces_stay_names(tmp_path: Path, language: str) -> None:
    lake = Lake(tmp_path / "lake")
    odd = {"it's": "1", 'a "b"': "2", "a.b c": "3", "x; DROP TABLE y --": "4", "ü→": "5"}
    _take(lake, [_generic(1, **odd)])
    (name,) = visible(lake, NONE, language).tables
    (made,) = view_sql(lake.tables(), NONE, language, [name])
    with duckdb.connect() as duck:
        duck.execute(made.sql)
        found = duck.execute(f'SELECT * FROM "{name}"')
        row = dict(zip([d[0] for d in found.description or ()], found.fetchall()[0], strict=True))
    assert {n: row[n] for n in odd} == odd


def test_a_wide_table_is_read_by_the_columns_a_query_names(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    _take(lake, [_generic(n, **{f"c{i}": f"{i}.{n}" for i in range(1500)}) for n in range(3)])
    (name,) = visible(lake, NONE, "kql", measure=False).tables
    query = f"SELECT c7 FROM \"{name}\" WHERE c9 = '9.1'"
    assert _ask(lake, NONE, name, query) == [("7.1",)]
    ((_, plan),) = _ask(lake, NONE, name, f"EXPLAIN (FORMAT json) {query}")
    scans = [n for n in _nodes(json.loads(plan)) if "PARQUET" in n["name"].upper()]
    assert scans
    for scan in scans:
        read = scan["extra_info"]["Projections"]
        assert set([read] if isinstance(read, str) else read) <= {"c7", "c9"}


def _nodes(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [n for node in tree for n in (node, *_nodes(node.get("children", [])))]


def test_a_pinned_plan_shows_what_was_there_then(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    _take(lake, [_generic(1, a="x")])
    pins = pin(lake)
    _take(lake, [_generic(2, a="y", b="new")])
    (name,) = lake.tables()
    counts = []
    for tables in (pinned(lake, pins), lake.tables()):
        (made,) = view_sql(tables, NONE, "kql", [name])
        with duckdb.connect() as duck:
            duck.execute(made.sql)
            columns = {r[0] for r in duck.execute(f'DESCRIBE "{name}"').fetchall()}
            counts.append((len(duck.execute(f'FROM "{name}"').fetchall()), "b" in columns))
    assert counts == [(1, False), (2, True)]


@pytest.mark.parametrize("language", ["kql", "spl", "sql"])
def test_an_empty_lake_shows_nothing(tmp_path: Path, language: str) -> None:
    assert visible(None, NONE, language).tables == {}
    lake = Lake(tmp_path / "lake")
    assert visible(lake, SHOPS, language).tables == {}
    with pytest.raises(KeyError):
        view_sql(lake.tables(), SHOPS, language, ["Sales_CL"])


def _examples(lake: Lake) -> Mapping[str, tuple[str, ...]]:
    (table,) = visible(lake, NONE, "kql").tables.values()
    return {n: c.examples for n, c in table.columns.items()}


def test_values_really_seen_are_counted_and_bounded(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    most, longest = view_values.MAX_VALUES, view_values.MAX_LENGTH
    _take(
        lake,
        [
            {
                **_generic(n % 60, few="b" if n % 3 else "a", many=f"v{n}", edge=f"e{n % most}"),
                **({"rare": "x"} if n < 5 else {}),
                "long": "x" * (longest + 1),
            }
            for n in range(most + 50)
        ],
    )
    (table,) = visible(lake, NONE, "kql").tables.values()
    columns = table.columns
    assert table.rows == most + 50
    assert (columns["few"].distinct, columns["few"].examples) == (2, ("b", "a"))
    assert (columns["edge"].distinct, len(columns["edge"].examples)) == (most, most)
    assert (columns["many"].distinct, columns["many"].examples) == (None, ())
    assert (columns["long"].distinct, columns["long"].fill) == (None, 1.0)
    assert columns["rare"].fill == pytest.approx(5 / (most + 50))
    assert (table.first, table.last) == ("2024-05-01T10:00:00Z", "2024-05-01T10:00:59Z")


def test_values_are_counted_once_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    counting = view_values._Counting.__init__

    def counted(self: Any, connection: Any, file: Any, table: Any, language: str) -> None:
        opened.append(file.path)
        counting(self, connection, file, table, language)

    monkeypatch.setattr(view_values._Counting, "__init__", counted)
    lake = Lake(tmp_path / "lake")
    _take(lake, [_generic(1, a="x")])
    assert visible(lake, NONE, "kql", measure=False).tables["generic"].rows is None
    assert opened == []
    assert _examples(lake)["a"] == ("x",)
    assert len(opened) == 1
    # Other objects, as in the next process: what is kept on disk must do.
    assert visible(Lake(lake.root), LogSources(()), "kql").tables["generic"].rows == 1
    assert len(opened) == 1
    _take(lake, [_generic(2, a="y"), _generic(3, a="y")])
    assert _examples(lake)["a"] == ("y", "x")
    assert len(opened) == len(set(opened)) == 2, "only the new file is looked at"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"declared": 1}'])
def test_sums_that_are_not_ours_are_made_anew(tmp_path: Path, text: str) -> None:
    lake = Lake(tmp_path / "lake")
    _take(lake, [_generic(1, a="x")])
    assert _examples(lake)["a"] == ("x",)
    (kept,) = (lake.root / view_values.FOLDER).glob("*.json")
    kept.write_text(text, encoding="utf-8")
    (table,) = visible(Lake(lake.root), LogSources(()), "kql").tables.values()
    assert (table.rows, table.columns["a"].examples) == (1, ("x",))
    assert json.loads(kept.read_bytes())["files"]
