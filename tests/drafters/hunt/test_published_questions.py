"""Every draft of every published question binds to its schema; the other half is never read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from undersign.drafters.offline.hunt import ask
from undersign.errors import BadInput
from undersign.languages import kql
from undersign.languages.question import link, read
from undersign.records.query import Type
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

TYPES: dict[str, Type] = {
    "System.DateTime": "timestamp", "System.Int32": "long", "System.Int64": "long",
    "System.Double": "double", "System.Boolean": "boolean", "System.SByte": "boolean",
    "System.Object": "dynamic",
}  # fmt: skip


@pytest.mark.parametrize("name", ["Defender", "Sentinel"])
def test_drafts_bind(shared_data: Path, name: str) -> None:
    folder = shared_data / "nl2kql"
    visible = _schema(folder / f"{name}_Schema.json")
    drafted = refused = 0
    for line in (folder / f"{name.lower()}.jsonl").read_text(encoding="utf-8").splitlines():
        context = json.loads(line)["context"]
        if int(hashlib.sha256(context.encode()).hexdigest(), 16) % 2:
            continue
        question = read(context)
        try:
            made = ask(question, link(question, visible), visible, "kql", None)
        except BadInput:
            refused += 1
            continue
        drafted += 1
        problems = kql.bind(made.text, visible).problems
        assert not problems, (context, made.text, problems)
    assert drafted > 20 * refused


def _schema(path: Path) -> Visible:
    read_in = json.loads(path.read_text(encoding="utf-8"))
    tables = {}
    for one in (table for database in read_in for table in database["Tables"]):
        columns = {
            c["Name"]: VisibleColumn(c["Name"], TYPES.get(c["Type"], "string"))
            for c in one["Columns"]
        }
        time = next((n for n in ("TimeGenerated", "Timestamp") if n in columns), None)
        tables[one["Table"]] = VisibleTable(one["Table"], columns, time=time, rows=0, imported=True)
    return Visible("kql", tables)
