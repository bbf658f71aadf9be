"""How much real KQL is read, how much of it binds to the public schema, and how long that takes.

    uv run python benches/kql.py [FOLDER OF SHARED DATA]

The schema is that of Log Analytics. Defender's own portal calls the time `Timestamp`, so a second
line counts that name as known. A query that does not bind names a table or column outside of that
schema, or is wrong; nobody has told these apart.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import time
from pathlib import Path

from undersign.languages import kql
from undersign.records.query import Query
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

TYPES = {
    "real": "double", "decimal": "double", "double": "double", "int": "long", "long": "long",
    "datetime": "timestamp", "bool": "boolean", "boolean": "boolean", "dynamic": "dynamic",
    "timespan": "timespan",
}  # fmt: skip


def main(data: Path) -> None:
    with gzip.open(data / "kql" / "queries.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["query"] for line in lines]
    started = time.perf_counter()
    kql.parse("T")
    print(f"cold start: {time.perf_counter() - started:.2f} s")
    visible = schema(data, defender=False)
    kql.bind("T", visible)
    bound, spent = [], []
    for text in texts:
        started = time.perf_counter()
        bound.append(kql.bind(text, visible))
        spent.append((time.perf_counter() - started) * 1000)
    spent.sort()
    read = [query for query in bound if not query.unreadable]
    several = sum(any(p.kind == "unsupported" for p in query.problems) for query in read)
    share("read", len(read), len(texts))
    share("  of these, only the first of several queries", several, len(read))
    share("bound, of those read", sum(map(clean, read)), len(read))
    wider = schema(data, defender=True)
    again = [kql.bind(query.text, wider) for query in read]
    share("bound when `Timestamp` is known too", sum(map(clean, again)), len(read))
    middle, late = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
    print(f"bind and model: median {middle:.1f} ms, p95 {late:.1f} ms, slowest {spent[-1]:.0f} ms")


def clean(query: Query) -> bool:
    return not any(problem.kind.startswith("unknown") for problem in query.problems)


def share(what: str, count: int, of: int) -> None:
    print(f"{what}: {count} of {of} ({count / of:.1%})")


def schema(data: Path, *, defender: bool) -> Visible:
    tables: dict[str, dict[str, VisibleColumn]] = {}
    path = data / "schemas" / "la_table_schemas.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            kind = TYPES.get(row["column_type"], "string")
            column = VisibleColumn(row["column_name"], kind)  # type: ignore[arg-type]
            tables.setdefault(row["table_name"], {})[column.name] = column
    for columns in tables.values():
        if defender and "TimeGenerated" in columns:
            columns["Timestamp"] = VisibleColumn("Timestamp", "timestamp")
    return Visible("kql", {name: VisibleTable(name, columns) for name, columns in tables.items()})


if __name__ == "__main__":
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else beside)
