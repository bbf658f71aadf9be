"""Every question of a public set gets a query that binds to its published schema, or a refusal."""

from __future__ import annotations

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
    "System.String": "string", "System.Guid": "string", "System.DateTime": "timestamp",
    "System.Int32": "long", "System.Int64": "long", "System.Double": "double",
    "System.Data.SqlTypes.SqlDecimal": "double", "System.Boolean": "boolean",
    "System.SByte": "boolean", "System.Object": "dynamic", "System.TimeSpan": "timespan",
}  # fmt: skip


def schema(path: Path) -> Visible:
    listed = json.loads(path.read_text(encoding="utf-8"))
    tables = {}
    for table in (t for database in listed for t in database["Tables"]):
        columns = {
            c["Name"]: VisibleColumn(c["Name"], TYPES.get(c["Type"], "unknown"))
            for c in table["Columns"]
        }
        time = next((n for n in ("TimeGenerated", "Timestamp") if n in columns), None)
        tables[table["Table"]] = VisibleTable(
            table["Table"], columns, time=time, rows=0, imported=True
        )
    return Visible("kql", tables)


@pytest.mark.parametrize("name", ["Defender", "Sentinel"])
def test_every_draft_of_a_question_binds(shared_data: Path, name: str) -> None:
    folder = shared_data / "nl2kql"
    visible = schema(folder / f"{name}_Schema.json")
    lines = (folder / f"{name.lower()}.jsonl").read_text(encoding="utf-8").splitlines()
    contexts = [json.loads(line)["context"] for line in lines]
    drafted, unbound = 0, []
    for context in contexts:
        question = read(context)
        try:
            text = ask(question, link(question, visible), visible, "kql", None).text
        except BadInput:
            continue
        drafted += 1
        problems = kql.bind(text, visible).problems
        if problems:
            unbound.append((context, text, [p.message for p in problems]))
    assert not unbound, unbound
    assert drafted >= 0.97 * len(contexts), f"only {drafted} of {len(contexts)} got a draft"
