"""What the critique of a query catches, and what it says of queries that are right.

    python benches/critique.py --data DIR [--n 200] [--half dev|held-out] [--seen] [--json FILE]

`--data` holds `kql/queries.jsonl.gz` (real hunting queries with a description each),
`schemas/la_table_schemas.csv.gz` and `nl2kql/Defender_Schema.json` (their tables). The description
is taken as the question, without the quotes that some files put round it. Originals are queries
that Microsoft's language service reads and binds to these schemas without an error; there are no
events, so no check that needs history runs.

Faults of `critique_faults.py` are planted one at a time. A fault is caught when a finding that the
original did not have overlaps its place or names it. Halves are told apart by the SHA-256 of the
query's id: thresholds were only ever looked at on the even half, `dev`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import sqrt
from pathlib import Path
from typing import Any

from critique_faults import FAULTS, NAMES, Original, Planted, planted
from undersign.checks import CHECKS
from undersign.checks.spec import Grounds, run
from undersign.languages import kql
from undersign.languages.question import link, read
from undersign.records.artifact import Artifact
from undersign.records.finding import Finding
from undersign.records.query import Query
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

SEED = 11
TYPES = {
    "guid": "string", "int": "long", "int32": "long", "int64": "long", "real": "double",
    "decimal": "double", "bool": "boolean", "datetime": "timestamp", "object": "dynamic",
}  # fmt: skip
KQL = tuple(c for c in CHECKS if "kql" in c.kinds)


@dataclass
class Tally:
    """Faults of one kind."""

    planted: int = 0
    caught: int = 0
    decidable: int = 0
    decidable_caught: int = 0
    by: Counter[str] = field(default_factory=Counter)


@dataclass
class Figures:
    """Everything measured on one half."""

    rows: int = 0
    described: int = 0
    originals: int = 0
    with_error: int = 0
    all_with_error: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    severity: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    any_severity: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    bind_ms: list[float] = field(default_factory=list)
    check_ms: list[float] = field(default_factory=list)


def schema(data: Path) -> Visible:
    """Return the tables of both published schemas, without any events."""
    columns: dict[str, dict[str, VisibleColumn]] = defaultdict(dict)

    def add(table: str, name: str, kind: str) -> None:
        kind = kind.removeprefix("System.").lower()
        columns[table].setdefault(name, VisibleColumn(name, TYPES.get(kind, kind)))  # type: ignore[arg-type]

    with gzip.open(data / "schemas" / "la_table_schemas.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            add(row["table_name"], row["column_name"], row["column_type"])
    for database in json.loads((data / "nl2kql" / "Defender_Schema.json").read_text("utf-8")):
        for table in database["Tables"]:
            for column in table["Columns"]:
                add(table["Table"], column["Name"], column["Type"])
    tables = {}
    for name, found in columns.items():
        when = next((t for t in ("TimeGenerated", "Timestamp") if t in found), None)
        tables[name] = VisibleTable(name, found, time=when, rows=0, imported=True)
    return Visible("kql", tables)


def with_values(visible: Visible, data: Path) -> Visible:
    """Add values to the columns, as if logs had been ingested: a stand-in, not logs.

    A column holds what any query of the corpus writes beside a column of that name. So originals
    ask for unseen values only by way of lets, and false alarms of `unseen-value` mean little here.
    """
    literal = r"""(?:"[^"\n]{2,80}"|'[^'\n]{2,80}')"""
    compared = re.compile(
        rf"\b(\w+)\s*(?:==|=~|!=|!~|!?in~?|!?has|!?contains|!?(?:starts|ends)with)\s*\(?\s*({literal}(?:\s*,\s*{literal})*)"
    )
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for half in ("dev", "held-out"):
        for row in rows(data, half):
            for name, values in compared.findall(row["query"]):
                found[name].update(dict.fromkeys(v[1:-1] for v in re.findall(literal, values)))
    tables = {
        name: replace(table, columns={n: _held(c, found) for n, c in table.columns.items()})
        for name, table in visible.tables.items()
    }
    return Visible(visible.language, tables)


def _held(column: VisibleColumn, found: dict[str, dict[str, None]]) -> VisibleColumn:
    values = tuple(found.get(column.name, ()))
    if not values or column.type != "string":
        return column
    return replace(column, examples=values, distinct=len(values))


def rows(data: Path, half: str) -> Iterator[dict[str, Any]]:
    """Yield the described queries of one half, shuffled."""
    with gzip.open(data / "kql" / "queries.jsonl.gz", "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    even = half == "dev"
    mine = [r for r in found if (hashlib.sha256(r["id"].encode()).digest()[-1] % 2 == 0) == even]
    random.Random(SEED).shuffle(mine)
    yield from mine


def grounds_for(question: str, visible: Visible) -> Grounds:
    """Read the question and link it; it is the same for a query and its mutants."""
    asked = read(question)
    at_hand = (asked, link(asked, visible), visible)
    return Grounds({type(g): g for g in at_hand}, {})


def findings(query: Query, text: str, grounds: Grounds) -> list[Finding]:
    artifact = Artifact("query.kql", "kql", text)
    return [f for c in KQL for f in run(c, artifact, query, grounds).findings]


def right(query: Query) -> bool:
    """Say whether Microsoft's service has nothing against a query."""
    return not query.problems and bool(query.main.sources or query.main.stages)


def caught(fault: Planted, before: list[Finding], after: list[Finding], o: Original) -> str:
    """Return the check that noticed a fault, or nothing."""
    old = Counter((f.check, f.message) for f in before)
    there = {(f.check, f.severity) for f in before if f.span and _overlap(o.at(f.span), fault.was)}
    lines = Original(fault.text, "", o.query, o.visible, o.rng)
    for finding in after:
        if old[finding.check, finding.message] > 0:
            old[finding.check, finding.message] -= 1
            continue
        if fault.start < fault.end and (finding.check, finding.severity) in there:
            continue  # it spoke of this place before anything was planted there
        place = lines.at(finding.span) if finding.span else None
        if place and _points_at(place, fault):
            return finding.check
        if any(name.lower() in finding.message.lower() for name in fault.names if name):
            return finding.check
    return ""


def _points_at(place: tuple[int, int], fault: Planted) -> bool:
    """Say whether a place lies on a fault and is no more than a stage around it."""
    size = fault.end - fault.start
    near = place[1] - place[0] <= 60 + 3 * size
    return size > 0 and near and _overlap(place, (fault.start, fault.end))


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < max(other[1], other[0] + 1) and other[0] < max(one[1], one[0] + 1)


def measure(data: Path, half: str, limit: int, seen: bool) -> Figures:
    """Run everything on up to `limit` originals of one half."""
    figures, visible = Figures(), schema(data)
    if seen:
        visible = with_values(visible, data)
    for row in rows(data, half):
        if figures.originals >= limit:
            break
        figures.rows += 1
        question = row["description"].strip().strip("'").strip()
        if len(question.split()) < 4:
            continue
        figures.described += 1
        began = time.perf_counter()
        query = kql.bind(row["query"], visible)
        figures.bind_ms.append((time.perf_counter() - began) * 1000)
        grounds = grounds_for(question, visible)
        began = time.perf_counter()
        before = findings(query, row["query"], grounds)
        figures.check_ms.append((time.perf_counter() - began) * 1000)
        figures.all_with_error += any(f.severity == "error" for f in before)
        if not right(query):
            continue
        figures.originals += 1
        _alarms(figures, before)
        rng = random.Random(row["id"])
        original = Original(row["query"], question, query, visible, rng)
        for kind, fault in planted(original):
            _judge(figures.faults[kind], fault, before, original, grounds)
    return figures


def _alarms(figures: Figures, before: list[Finding]) -> None:
    figures.with_error += any(f.severity == "error" for f in before)
    for check in {f.check for f in before}:
        figures.fired[check] += 1
        worst = {str(f.severity) for f in before if f.check == check}
        figures.severity[check].update(worst)
    figures.any_severity.update({str(f.severity) for f in before})


def _judge(
    tally: Tally, fault: Planted, before: list[Finding], original: Original, grounds: Grounds
) -> None:
    query = kql.bind(fault.text, original.visible)
    after = findings(query, fault.text, grounds)
    by = caught(fault, before, after, original)
    tally.planted += 1
    tally.caught += bool(by)
    tally.decidable += fault.decidable
    tally.decidable_caught += bool(by) and fault.decidable
    tally.by[by or "nothing"] += 1


def interval(hits: int, n: int) -> str:
    """Write a share with its 95% interval (Wilson)."""
    if not n:
        return "-"
    p, z = hits / n, 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{p:.1%} [{max(0.0, middle - half):.1%}, {min(1.0, middle + half):.1%}]"


def show(half: str, f: Figures) -> None:
    """Print the tables of one half."""
    print(f"\n## {half}: {f.originals} originals out of {f.described} described queries\n")
    print("| fault | planted | caught of all | decidable | caught of decidable | by |")
    print("|---|---:|---|---:|---|---|")
    for kind in FAULTS:
        t = f.faults[kind]
        by = ", ".join(f"{name} {n}" for name, n in t.by.most_common(4))
        print(
            f"| {kind} | {t.planted} | {interval(t.caught, t.planted)} | {t.decidable}"
            f" | {interval(t.decidable_caught, t.decidable)} | {by} |"
        )
    others = tuple(k for k in FAULTS if k not in NAMES)
    for title, kinds in (
        ("invented names", NAMES),
        ("all other kinds", others),
        ("all kinds", tuple(FAULTS)),
    ):
        found = [f.faults[k] for k in kinds]
        n, hits = sum(t.planted for t in found), sum(t.caught for t in found)
        d, dhits = sum(t.decidable for t in found), sum(t.decidable_caught for t in found)
        print(f"| **{title}** | {n} | {interval(hits, n)} | {d} | {interval(dhits, d)} | |")
    rates = [t.decidable_caught / t.decidable for t in f.faults.values() if t.decidable]
    mean = sum(rates) / len(rates)
    print(f"\nMean over kinds, each counted once, of what is decidable: {mean:.1%}")
    print("\nUntouched originals (false alarms, unless the human author was wrong):\n")
    print(f"- with a finding of severity error: {interval(f.with_error, f.originals)}")
    for level in ("warning", "note"):
        print(f"- with a {level}: {interval(f.any_severity[level], f.originals)}")
    print(
        f"- among all described queries, also those that do not bind to these schemas, with an"
        f" error: {interval(f.all_with_error, f.described)}\n"
    )
    print("| check | originals it fires on | error | warning | note |")
    print("|---|---|---:|---:|---:|")
    for check, n in f.fired.most_common():
        s = f.severity[check]
        levels = " | ".join(str(s[level]) for level in ("error", "warning", "note"))
        print(f"| {check} | {interval(n, f.originals)} | {levels} |")
    for name, times in (("bind", f.bind_ms), ("all checks", f.check_ms)):
        ordered = sorted(times)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(f"\n{name}: median {p50:.1f} ms, p95 {p95:.1f} ms over {len(times)} queries")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--n", type=int, default=200, help="originals of each half")
    parser.add_argument("--half", choices=("dev", "held-out", "both"), default="both")
    parser.add_argument("--seen", action="store_true", help="with a stand-in for values seen")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    halves = ("dev", "held-out") if args.half == "both" else (args.half,)
    results = {half: measure(args.data, half, args.n, args.seen) for half in halves}
    for half, figures in results.items():
        show(half, figures)
    if args.json:
        as_json = {
            half: {
                "originals": f.originals,
                "with_error": f.with_error,
                "fired": dict(f.fired),
                "faults": {k: vars(t) for k, t in f.faults.items()},
            }
            for half, f in results.items()
        }
        args.json.write_text(json.dumps(as_json, indent=2, default=dict), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
