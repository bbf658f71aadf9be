"""How much SPL that people wrote runs here: parses, translates, and binds in DuckDB.

    uv run python benches/spl_coverage.py [--step N] [--no-lookups] [FOLDER OF SHARED DATA]

The searches are published detections with the macros they call. They are planned over empty tables:
the CIM datasets of `catalogs/cim`, one table of events with every field that the searches name as
text, and one table for each lookup they name (`--no-lookups` leaves these out, as in a workspace
that has none). Nothing here says that rows are right: that is the table of cases in
tests/telemetry/translate/spl. `--step 5` takes every fifth search.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from undersign.catalogs import cim
from undersign.errors import QueryRefused
from undersign.languages.spl import Macros, parse, read_macros, tree
from undersign.languages.spl.tree import Tree
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.spl import translate
from undersign.telemetry.translate.spl.fields import needs

NOW = datetime(2026, 11, 24)
DUCKDB = {
    "string": "VARCHAR", "long": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
}  # fmt: skip
ALWAYS = {"_time": "timestamp", "_raw": "string", "sourcetype": "string", "source": "string"}


def read(data: Path) -> tuple[list[str], Macros]:
    with gzip.open(data / "spl" / "searches.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["query"] for line in lines]
    path = data / "spl" / "macros.json"
    return texts, read_macros(path.read_text(encoding="utf-8"), path.name)


def empty_world(texts: list[str], macros: Macros, lookups: bool = True) -> Visible:
    """Every table that the searches could ask for, without rows."""
    fields: dict[str, str] = {}
    asked: dict[str, set[str]] = {}
    for text in texts:
        for found in trees(tree(text, macros).tree):
            first = found.commands[0].name if found.commands else ""
            names = needs(found.commands).names if first == "search" else set()
            fields |= {n: "string" for n in names if n}
            for command in found.commands:
                if command.name in ("lookup", "inputlookup"):
                    pairs = (*command.pairs, *command.outputs)
                    asked.setdefault(command.text, set()).update(p.old.value for p in pairs)
    tables = {"events": ({**fields, **ALWAYS}, "_time")}
    tables |= {n: (dict(d.fields), "_time") for n, d in cim.datasets().items()}
    if lookups:
        for name, names in asked.items():
            tables.setdefault(name, (dict.fromkeys(names or {"value"}, "string"), ""))
    return Visible("spl", {n: table(n, c, time) for n, (c, time) in tables.items() if n})


def table(name: str, columns: dict[str, str], time: str) -> VisibleTable:
    spelling = {c.lower(): c for c in columns}
    known = {c: VisibleColumn(c, columns[c]) for c in spelling.values()}  # type: ignore[arg-type]
    return VisibleTable(name, known, time=time or None)


def trees(found: Tree) -> Iterator[Tree]:
    yield found
    for command in found.commands:
        for inner in command.inner:
            yield from trees(inner)


def connect(visible: Visible) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for found in visible.tables.values():
        listed = ", ".join(f"{quoted(c.name)} {DUCKDB[c.type]}" for c in found.columns.values())
        connection.execute(f"CREATE TABLE {quoted(found.name)} ({listed})")
    return connection


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def outcome(
    text: str, macros: Macros, visible: Visible, connection: duckdb.DuckDBPyConnection
) -> str:
    """`ran`, or why not."""
    try:
        found = translate(parse(text, macros), visible, NOW, macros)
        connection.execute(f"EXPLAIN {found.sql}")
    except QueryRefused as refused:
        return f"refused: {refused.message[:90]}"
    except duckdb.Error as error:
        return f"does not bind: {str(error).splitlines()[0][:90]}"
    return "ran"


def main(data: Path, step: int, lookups: bool) -> None:
    texts, macros = read(data)
    texts = texts[::step]
    visible = empty_world(texts, macros, lookups)
    connection = connect(visible)
    reasons: Counter[str] = Counter()
    spent = []
    for text in texts:
        begun = time.process_time()
        parse(text, macros)
        spent.append(time.process_time() - begun)
        reasons[outcome(text, macros, visible, connection)] += 1
    readable = sum(not parse(text, macros).unreadable for text in texts)
    print(f"searches: {len(texts)}, lookups {'empty' if lookups else 'absent'}")
    print(f"parse: {readable} ({readable / len(texts):.1%}), median {median(spent):.1f} ms")
    print(f"translate and bind: {reasons['ran']} ({reasons['ran'] / len(texts):.1%})")
    for reason, count in reasons.most_common(25):
        if reason != "ran":
            print(f"{count:5}  {reason}")


def median(spent: list[float]) -> float:
    return 1000 * statistics.median(spent)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--no-lookups", action="store_true")
    told = parser.parse_args()
    main(told.data, told.step, not told.no_lookups)
