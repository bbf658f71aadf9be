"""How good drafts of queries are: questions with a reference query each, from `nl2kql`.

    python benches/ask.py --data DIR [--half dev|held-out|both] [--replay FILE] [--json FILE]

With `--seen` it prints every draft of the dev half.

`--data` holds `nl2kql/{defender,sentinel}.jsonl` and their schemas: names and types only, no rows
and no values, so nothing can be linked to values really seen. `--replay` judges recorded answers
instead of the offline drafter: JSON lines of {"context", "query"}, or what `undersign ask --record`
wrote.

Figures over the questions of one half (told apart by the SHA-256 of the question; the offline
drafter was only ever looked at on `dev`):

- binds: the draft parses, and every name in it is a table or column of the schema. No draft counts
  as not bound, and as 0 everywhere.
- table, column, literal F1: names and constants of the draft against those of the reference, the
  mean over questions. Columns are those read anywhere, computed names left out, unknown ones in.
- same rows: both queries give the same rows on three small generated fixtures each, made around the
  reference's literals (`ask_fixtures`). Counted only where the reference runs and gives rows; what
  it does otherwise is printed apart. Order is ignored. `strict`: equal names of columns and equal
  multisets of rows. `same_rows`: as many rows, equal over the columns that both results have by
  name; where they share none, every column of the reference equals some column of the draft.

A reference is one person's reading of a short question, and about one in three joins tables or uses
a code that the question does not state. No drafter can reach 1, and a draft that differs may still
be right: read these figures as a ratio between drafters on the same questions, not as accuracy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

from ask_fixtures import NOW, fill
from undersign.drafters.offline.hunt import ask
from undersign.errors import UndersignError
from undersign.languages import kql
from undersign.languages.question import link, read
from undersign.records.query import Query, Stage, comparisons
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

TYPES = {
    "System.String": "string", "System.Guid": "string", "System.DateTime": "timestamp",
    "System.Int32": "long", "System.Int64": "long", "System.Double": "double",
    "System.Data.SqlTypes.SqlDecimal": "double", "System.Boolean": "boolean",
    "System.SByte": "boolean", "System.Object": "dynamic", "System.TimeSpan": "timespan",
}  # fmt: skip
SEEDS = (1, 2, 3)
NAMES = ("table", "column", "literal")
ASKED = re.compile(
    r"^<<(?P<mark>[0-9a-f]{24}) question>>\n(?P<question>.*?)\n<<(?P=mark) end>>$", re.M | re.S
)
Facts = tuple[set[str], set[str], set[str]]


def main() -> None:
    options = _options()
    schemas = {name: _schema(options.data, name) for name in ("Defender", "Sentinel")}
    replayed = _replayed(options.replay) if options.replay else None
    results = {}
    for half in ("dev", "held-out") if options.half == "both" else (options.half,):
        scores = []
        for name, context, reference in _pairs(options.data, half):
            text = _draft(context, schemas[name], replayed)
            scores.append(_score(text, reference, schemas[name]))
            if options.seen:
                print(f"\n# {context.strip()}\n{text}\n-- {scores[-1]}")
        results[half] = _figures(scores)
        _print(results[half], half, options.replay)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", choices=("dev", "held-out", "both"), default="dev")
    parser.add_argument("--replay", type=Path, help="recorded answers to judge instead")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seen", action="store_true", help="print every draft; dev half only")
    options = parser.parse_args()
    if options.seen and options.half != "dev":
        parser.error("drafts of the held-out half are not to be looked at")
    return options


def _schema(data: Path, name: str) -> Visible:
    read_in = json.loads((data / "nl2kql" / f"{name}_Schema.json").read_text(encoding="utf-8"))
    tables = {}
    for database in read_in if isinstance(read_in, list) else [read_in]:
        for table in database["Tables"]:
            columns = {
                c["Name"]: VisibleColumn(c["Name"], TYPES.get(c["Type"], "unknown"))  # type: ignore[arg-type]
                for c in table["Columns"]
            }
            time = next((n for n in ("TimeGenerated", "Timestamp") if n in columns), None)
            tables[table["Table"]] = VisibleTable(
                table["Table"], columns, time=time, rows=0, imported=True
            )
    return Visible("kql", tables)


def _pairs(data: Path, half: str) -> Iterator[tuple[str, str, str]]:
    for name in ("Defender", "Sentinel"):
        path = data / "nl2kql" / f"{name.lower()}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            digest = hashlib.sha256(pair["context"].encode()).hexdigest()
            if (int(digest, 16) % 2 == 0) == (half == "dev"):
                yield name, pair["context"], pair["baseline"]


def _replayed(path: Path) -> dict[str, str]:
    rows = map(json.loads, filter(None, path.read_text(encoding="utf-8").split("\n")))
    return dict(
        (row["context"], row["query"]) if "context" in row else _recorded(row) for row in rows
    )


def _recorded(row: dict[str, Any]) -> tuple[str, str]:
    """Return question and query of a line that the door recorded."""
    found = ASKED.search(row["sent"])
    if found is None:
        raise SystemExit("a line of the recording holds no question: was it made by ask?")
    reply = json.loads(row["reply"]) if isinstance(row["reply"], str) else row["reply"]
    return found["question"], reply["query"]


def _draft(context: str, visible: Visible, replayed: dict[str, str] | None) -> str:
    """Return the draft; empty when there is none."""
    if replayed is not None:
        return replayed.get(context, "")
    question = read(context)
    try:
        return ask(question, link(question, visible), visible, "kql", None).text
    except UndersignError:
        return ""


def _score(text: str, reference: str, visible: Visible) -> dict[str, Any]:
    wanted = kql.bind(reference, visible)
    got = kql.bind(text, visible) if text else None
    score: dict[str, Any] = {"drafted": bool(text), "binds": bool(got and not got.problems)}
    nothing: Facts = (set(), set(), set())
    expected = _facts(wanted, visible)
    found = _facts(got, visible) if got and not got.unreadable else None
    for name, one, two in zip(NAMES, expected, found or nothing, strict=True):
        score[name] = _f1(one, two) if found else 0.0
    score["tables"] = [len(s) for s in (expected[0], (found or nothing)[0])]
    score["tables"].append(len(expected[0] & (found or nothing)[0]))
    score["reference"] = "does not bind" if wanted.problems else "runs"
    if not wanted.problems:
        score["reference"], score["strict"], score["same_rows"] = _rows(wanted, got, visible)
    return score


def _facts(query: Query, visible: Visible) -> Facts:
    """Return tables, columns and literals of a query, each as written in the schema."""
    tables: set[str] = set()
    columns: set[str] = set()
    literals: set[str] = set()
    for pipeline in query.pipelines():
        tables |= {source.table for source in pipeline.sources if source.table}
        for stage in pipeline.stages:
            columns |= _columns(stage)
            for one in comparisons(stage.condition):
                columns.add(one.table_column or one.column)
                literals |= {str(value.value).lower() for value in one.values}
    real = {c for t in tables if (table := visible.find(t)) for c in table.columns}
    unknown = {p.name for p in query.problems if p.kind == "unknown-column" and p.name}
    return tables, (columns & real) | unknown, literals


def _columns(stage: Stage) -> set[str]:
    columns = {a.column for a in stage.aggregates} | {g.column for g in stage.groups}
    columns |= {order.column for order in stage.order}
    columns |= {column for one in stage.assigned for column in one.columns}
    return columns | {key for pair in (stage.join.keys if stage.join else ()) for key in pair}


def _f1(wanted: set[str], got: set[str]) -> float:
    if not wanted and not got:
        return 1.0
    return 2 * len(wanted & got) / (len(wanted) + len(got)) if wanted and got else 0.0


def _rows(wanted: Query, got: Query | None, visible: Visible) -> tuple[str, bool, bool]:
    """Return what became of the reference, and whether the draft gives the same rows."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    tables = _facts(wanted, visible)[0]
    tables |= _facts(got, visible)[0] if got and not got.unreadable else set()
    strict, same, ran = True, True, False
    for seed in SEEDS:
        fill(connection, wanted, visible, tables, seed)
        expected = _run(connection, wanted, visible)
        if expected is None:
            return "does not run", False, False
        if not expected[1]:
            continue
        ran = True
        found = _run(connection, got, visible) if got and not got.problems else None
        strict = strict and found is not None and _equal(expected, found)
        same = same and found is not None and _alike(expected, found)
    return "runs" if ran else "gives no rows", strict, same


def _run(connection: Any, query: Query, visible: Visible) -> tuple[list[str], list[Any]] | None:
    import duckdb

    from undersign.telemetry.translate.kql import translate

    try:
        done = connection.execute(translate(query, visible, NOW).sql)
        return [column[0] for column in done.description], done.fetchall()
    except (UndersignError, duckdb.Error):
        return None


def _equal(one: tuple[list[str], list[Any]], two: tuple[list[str], list[Any]]) -> bool:
    names = sorted(one[0])
    return names == sorted(two[0]) and _counted(one, names) == _counted(two, names)


def _alike(one: tuple[list[str], list[Any]], two: tuple[list[str], list[Any]]) -> bool:
    if len(one[1]) != len(two[1]):
        return False
    shared = [name for name in one[0] if name in two[0]]
    if shared:
        return _counted(one, shared) == _counted(two, shared)
    there = [_counted(two, [name]) for name in two[0]]
    return all(_counted(one, [name]) in there for name in one[0])


def _counted(result: tuple[list[str], list[Any]], names: list[str]) -> Counter[tuple[str, ...]]:
    places = [result[0].index(name) for name in names]
    return Counter(tuple(_plain(row[place]) for place in places) for row in result[1])


def _plain(value: Any) -> str:
    return str(sorted(map(str, value))) if isinstance(value, list) else str(value)


def _figures(scores: list[dict[str, Any]]) -> dict[str, Any]:
    n = len(scores)
    ran = [s for s in scores if s["reference"] == "runs"]
    wanted, got, both = (sum(s["tables"][place] for s in scores) for place in range(3))
    figures = {name: (sum(s[name] for s in scores) / n, n) for name in ("drafted", "binds")}
    figures["table_precision"] = (both / got if got else 0.0, got)
    figures["table_recall"] = (both / wanted if wanted else 0.0, wanted)
    figures |= {f"{name}_f1": (sum(s[name] for s in scores) / n, n) for name in NAMES}
    for name in ("strict", "same_rows"):
        figures[name] = (sum(s[name] for s in ran) / len(ran) if ran else 0.0, len(ran))
    apart = Counter(s["reference"] for s in scores)
    return {"n": n, "figures": figures, "references": dict(apart)}


def _print(result: dict[str, Any], half: str, replay: Path | None) -> None:
    who = f"replay: {replay.name}" if replay else "offline"
    print(f"\nnl2kql, {half} half, n = {result['n']}, drafter {who}\n")
    print("| figure | value | n | 95% interval |\n|---|---|---|---|")
    for name, (value, n) in result["figures"].items():
        low, high = _interval(value, n)
        print(f"| {name} | {value:.3f} | {n} | {low:.2f}-{high:.2f} |")
    told = ", ".join(f"{what} {n}" for what, n in sorted(result["references"].items()))
    print(
        f"\nreferences: {told}; rows are compared only where they run and give rows.\n"
        "One reference per question, many of them guess a code or a second table: compare drafters "
        "with these\nfigures, do not read them as accuracy."
    )


def _interval(share: float, n: int) -> tuple[float, float]:
    """Return the Wilson interval; for an F1 it is a rough guide only."""
    if not n:
        return 0.0, 1.0
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    main()
