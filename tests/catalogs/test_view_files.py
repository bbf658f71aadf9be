"""Views are read whole or refused with the file, the view and the key."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from undersign.catalogs.kql_tables import tables
from undersign.catalogs.log_source_files import read_texts
from undersign.catalogs.views import View
from undersign.errors import BadInput

SHOP = """
name = "shop"
title = "Shop log"
family = "flat"
time = ["at"]
time_zone = "UTC"
host = ["till"]
user = []
address = []
text_fields = ["at", "till", "TILL_NO"]
[[detect]]
till = "*"
[[sigma]]
product = "shop"
"""
TABLE = '[[kql]]\ntable = "Shop_CL"\n'
COLUMNS = f"{TABLE}[kql.columns]\n"


def _views(more: str) -> tuple[View, ...]:
    (source,) = read_texts({"shop.toml": SHOP + more}).sources
    return source.views


def test_a_small_view_reads() -> None:
    (view,) = _views(f'{COLUMNS}TimeGenerated = "_time"\nTill = ["till", "TILL_NO"]\n')
    assert (view.kind, view.name, view.time) == ("kql", "Shop_CL", "TimeGenerated")
    assert list(view.columns) == ["TimeGenerated", "Till"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('[kql]\ntable = "Shop_CL"', "kql must be written as [[kql]]"),
        ("[[kql]]\nrest = true", "kql.table must be a text"),
        ('[[spl]]\ndataset = "x"', "spl.table must be a text"),
        (f"{TABLE}colour = 1", "kql Shop_CL unknown key colour"),
        (f"{TABLE}rest = 1", "kql Shop_CL: rest must be true or false"),
        (f"{TABLE}same = [1]", "kql Shop_CL: same must be a text or a list of texts"),
        (f'{TABLE}same = ["desk"]', "kql Shop_CL desk is used but not declared"),
        (f"{TABLE}where = {{ till = [] }}", "kql Shop_CL: where: till must be texts or numbers"),
        (f"{TABLE}where = {{ desk = 1 }}", "desk is used but not declared"),
        (f"{TABLE}unless = {{ desk = 1 }}", "desk is used but not declared"),
        (f'{COLUMNS}Desk = "desk"', "desk is used but not declared"),
        (f'{COLUMNS}Desk = {{ join = ["till", "desk"], with = "-" }}', "desk is used but not"),
        (f'{COLUMNS}Desk = {{ sql = "1; DROP" }}', "kql Shop_CL: Desk unknown key sql"),
        (f'{COLUMNS}Desk = {{ type = "string" }}', "needs exactly one of of, join, pack"),
        (f'{COLUMNS}Desk = {{ of = "till", json = "a" }}', "needs exactly one of"),
        (f'{COLUMNS}Desk = {{ join = ["till"] }}', "and `with` beside join"),
        (f'{COLUMNS}Desk = {{ of = "till", type = "int" }}', "type 'int' is none of"),
        (f"{COLUMNS}Desk = {{ value = [1] }}", "value must be a text, number or boolean"),
        (f'{COLUMNS}Desk = {{ of = "till", values = {{ a = 1 }} }}', "a must be a text"),
        (f'{COLUMNS}Desk = [{{ of = "till" }}, {{ of = "at" }}]', "needs `when` in every way"),
        (f"{COLUMNS}Desk = 1", "kql Shop_CL: Desk must be a table"),
        (f'{COLUMNS}Till = "till"\ntill = "at"', "till and Till differ in case only"),
        (f'{COLUMNS}Till = "till"\nTill = "at"', "not TOML"),
        (f'{TABLE}[kql.empty]\nint = ["X"]', "kql Shop_CL: empty.int is none of"),
        (f'{TABLE}roles = {{ user = ["Nobody"] }}', "roles: user Nobody is not declared"),
        (f'{TABLE}roles = {{ king = ["till"] }}', "roles: king is none of"),
        ('[roles]\nking = ["till"]', "roles: king is none of"),
        ('[roles]\nuser = ["desk"]', "roles: user desk is not declared"),
        ('[[cim]]\ndataset = "Shop.Tills"', "cim Shop.Tills there is no such dataset"),
        (
            '[[cim]]\ndataset = "Network_Resolution.DNS"\n[cim.columns]\ntill = "till"',
            "cim Network_Resolution.DNS till is no documented column",
        ),
        (
            '[[kql]]\ntable = "SecurityEvent"\n[kql.columns]\nTill = "till"',
            "kql SecurityEvent Till is no documented column",
        ),
    ],
)
def test_a_broken_view_is_refused_with_its_place(more: str, reason: str) -> None:
    with pytest.raises(BadInput, match=r"^shop\.toml: ") as caught:
        _views(more)
    assert reason in str(caught.value)


def test_documented_tables_agree_with_the_published_schemas(shared_data: Path) -> None:
    kinds = {"datetime": "timestamp", "int": "long", "long": "long", "real": "double"}
    kinds |= {"bool": "boolean", "boolean": "boolean", "decimal": "double", "guid": "string"}
    published: dict[str, dict[str, str]] = {}
    with gzip.open(shared_data / "schemas" / "la_table_schemas.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            kind = row["column_type"]
            held = published.setdefault(row["table_name"], {})
            held[row["column_name"]] = kinds.get(kind, kind)
    both = tables().keys() & published.keys()
    assert {"SecurityEvent", "SigninLogs", "AWSCloudTrail", "DeviceProcessEvents"} <= both
    wrong = {
        (table, name): (kind, published[table][name])
        for table in both
        for name, kind in tables()[table].items()
        if name in published[table] and published[table][name] != kind
    }
    assert wrong == {}
