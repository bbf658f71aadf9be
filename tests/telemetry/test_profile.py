"""The schema says what the events really have, and stays right as more come in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from undersign.catalogs.log_sources import LogSources
from undersign.errors import BadInput
from undersign.telemetry.column_stats import SKETCH
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
from undersign.telemetry.profile import SCHEMA_FILE, cached_schema, import_tables, schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def take(lake: Lake, name: str, records: Iterable[dict[str, Any]]) -> None:
    log = lake.root.parent / name
    log.parent.mkdir(exist_ok=True, parents=True)
    log.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    ingest([log], lake, LogSources(()), now=NOW)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "state" / "lake")


def test_fields_types_fill_and_distinct(lake: Lake) -> None:
    take(
        lake,
        "a.jsonl",
        (
            {
                "time": f"2024-03-01T00:00:{n:02}Z",
                "count": n,
                "share": n / 4,
                "ok": n % 2 == 0,
                "text": f"v{n % 3}",
                "code": f"0{n}",
                **({"rare": ["a", "b"]} if n == 0 else {}),
            }
            for n in range(20)
        ),
    )
    table = schema(lake).tables["generic"]
    assert (table.rows, table.first) == (20, "2024-03-01T00:00:00Z")
    seen = {f.name: (f.type, f.fill, f.distinct) for f in table.fields.values()}
    assert seen == {
        "time": ("timestamp", 1.0, 20),
        "count": ("long", 1.0, 20),
        "share": ("double", 1.0, 20),
        "ok": ("boolean", 1.0, 2),
        "text": ("string", 1.0, 3),
        "code": ("string", 1.0, 20),
        "rare_list": ("list", 0.05, 2),
    }
    assert table.fields["text"].examples == ("v0", "v1", "v2")
    assert schema(lake, "GENERIC", examples=False).tables["generic"].fields["text"].examples == ()
    assert schema(lake, "absent").tables == {}


def test_sums_over_several_ingests_are_those_of_one(lake: Lake, tmp_path: Path) -> None:
    records = [{"n": str(n), "m": "x" if n % 2 else n, "k": n % 5} for n in range(60)]
    for part in range(10):
        take(lake, f"{part}.jsonl", records[part * 6 : part * 6 + 6])
    assert len(lake.tables()["generic"].files) < 10, "the test must cross a merge of files"
    whole = Lake(tmp_path / "whole" / "lake")
    take(whole, "all.jsonl", records)
    one, many = (schema(at).tables["generic"] for at in (whole, lake))
    for name, expected in one.fields.items():
        got = many.fields[name]
        assert (got.type, got.fill, got.distinct) == (
            expected.type,
            expected.fill,
            expected.distinct,
        )


def test_many_distinct_values_are_estimated_closely(lake: Lake) -> None:
    total = 20_000
    take(lake, "a.jsonl", ({"n": str(n), "few": str(n % (SKETCH - 1))} for n in range(total)))
    fields = schema(lake).tables["generic"].fields
    assert fields["few"].distinct == SKETCH - 1
    # Four standard errors of the estimate.
    assert fields["n"].distinct == pytest.approx(total, rel=4 / SKETCH**0.5)


def test_the_kept_schema_is_of_the_newest_state_or_none(lake: Lake) -> None:
    assert cached_schema(lake) is None
    take(lake, "a.jsonl", [{"n": 1}])
    kept = cached_schema(lake)
    assert kept == schema(lake) and kept is not None and kept.snapshot == lake.snapshot()
    (lake.root / SCHEMA_FILE).write_text('{"format":1,"snapshot":"other","tables":[]}')
    assert cached_schema(lake) is None
    assert schema(lake).tables == kept.tables


def test_reading_the_kept_schema_imports_nothing_heavy(lake: Lake) -> None:
    take(lake, "a.jsonl", [{"n": 1}])
    program = (
        "import sys; from pathlib import Path; from undersign.telemetry.lake import Lake;"
        "from undersign.telemetry.profile import cached_schema;"
        f"assert cached_schema(Lake(Path({str(lake.root)!r}))).tables['generic'].rows == 1;"
        "assert not {'pyarrow', 'numpy', 'pyiceberg', 'sqlalchemy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_tables_known_from_elsewhere_join_those_with_events(lake: Lake) -> None:
    take(lake, "a.jsonl", [{"n": "1"}])
    named = "Signin,When,datetime\nsignin,Ok,bool\nGeneric,N,int\ngeneric,more,real\n"
    text = f"table_name,column_name,column_type\n{named}"
    assert import_tables(lake, text, "x.csv") == (2, 4)
    found = cached_schema(lake)
    assert found is not None
    signin = found.tables["Signin"]
    assert (signin.rows, signin.first) == (0, None)
    assert {f.name: (f.type, f.fill) for f in signin.fields.values()} == {
        "When": ("timestamp", 0.0),
        "Ok": ("boolean", 0.0),
    }
    generic = found.tables["generic"]
    assert generic.rows == 1 and generic.fields["n"].type == "long"
    assert generic.fields["more"].fill == 0.0
    import_tables(lake, '{"Signin": {"Who": "string"}}', "x.json")
    again = schema(lake).tables["Signin"]
    assert list(again.fields) == ["Who"]


def test_known_tables_count_before_any_events(lake: Lake) -> None:
    import_tables(lake, '{"Signin": {"Who": "string"}}', "x.json")
    found = cached_schema(lake)
    assert found is not None and list(found.tables) == ["Signin"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("table_name,column_name\nA,b\n", "x:1"),
        ("table_name,column_name,column_type\nA,b\n", "x:2"),
        ("table_name,column_name,column_type\nA,b,int\n,b,int\n", "x:3"),
        ("table_name,column_name,column_type\n", "x"),
        ('{"A": {"b": 3}}', "x"),
        ('{"A": ["b"]}', "x"),
        ('["A"]', "x:1"),
        ('{"A":\n {"b" "int"}}', "x:2:7"),
        ("[" * 100_000, "x"),
        ("", "x:1"),
    ],
)
def test_what_is_no_list_of_tables_is_refused_with_its_place(
    lake: Lake, text: str, place: str
) -> None:
    with pytest.raises(BadInput) as error:
        import_tables(lake, text, "x")
    assert str(error.value).startswith(f"{place}: ")
    assert cached_schema(lake) is None
