"""Sigma rule sets over real Windows events: this matcher, Zircolite, SQL, and a bare text scan.

    python benches/sigma.py --data DIR [--zircolite DIR --zircolite-python EXE] [--lake DIR]

`--data` holds `logs/windows_*.jsonl.gz` and `sigma/sigmahq_rules.tar.gz`. Every part runs in a
process of its own on one thread; CPU is what the operating system charged that process (user and
system), less what the same process spent before its first row where that is said. Prints a Markdown
table, and all figures as JSON with `--json FILE`. Nothing is kept but a lake named by `--lake`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

# This file's folder comes first, and its own name would hide the library that reads rules.
sys.path = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]

SEED = 7
LOGS = ("windows_otrf", "windows_evtx", "windows_benign")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


# --- parts, each in its own process -----------------------------------------------------------


def ours(work: Path, lake: Path, _: int) -> dict[str, Any]:
    """Run the whole rule set once over the lake, with nothing warm."""
    began = time.process_time()
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.lake import Lake
    from undersign.telemetry.match.chunk import ColumnCache, Files
    from undersign.telemetry.match.program import Program
    from undersign.telemetry.match.run import Matcher

    for late in ("pyarrow.parquet", "pyarrow.compute"):
        import_module(late)
    _one_thread()
    tables = Lake(lake).tables()
    marks = {"imports": time.process_time() - began}
    began = time.process_time()
    rules = _rules(work)
    marks["read_rules"] = time.process_time() - began
    began = time.process_time()
    program = Program(rules, load())
    program.prepare()
    marks["compile"] = time.process_time() - began
    began = time.process_time()
    matcher = Matcher(program, tables)
    hits = sum(int(hit.rows.size) for hit in matcher.hits(Files(ColumnCache(limit=0))))
    marks["match"] = time.process_time() - began
    return {"rules": len(rules), "hits": hits, "phases": marks}


def single(work: Path, lake: Path, count: int) -> dict[str, Any]:
    """Run random rules one at a time, as somebody who edits a rule does: columns are warm."""
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.lake import Lake
    from undersign.telemetry.match.chunk import Files
    from undersign.telemetry.match.program import Program
    from undersign.telemetry.match.run import Matcher

    _one_thread()
    tables, files = Lake(lake).tables(), Files()
    rules = random.Random(SEED).sample(_rules(work), count)

    def once(rule: Any) -> float:
        began = time.perf_counter()
        for _ in Matcher(Program([rule], load()), tables).hits(files):
            pass
        return (time.perf_counter() - began) * 1000

    first = sorted(once(rule) for rule in rules)
    warm = sorted(once(rule) for rule in rules)
    return {
        "rules": count,
        "cold_ms": {"p50": _rank(first, 0.5), "p99": _rank(first, 0.99), "max": first[-1]},
        "warm_ms": {"p50": _rank(warm, 0.5), "p99": _rank(warm, 0.99), "max": warm[-1]},
    }


def sql(work: Path, lake: Path, count: int) -> dict[str, Any]:
    """Run random rules as one SQL statement a table each, on DuckDB over the same files."""
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.lake import Lake

    tables = Lake(lake).tables()
    database = _duckdb()
    began = time.process_time()
    columns = {}
    for name, table in tables.items():
        paths = [file.path for file in table.files]
        database.execute(
            f'CREATE TABLE "{name}" AS SELECT * FROM read_parquet({paths!r}, union_by_name=true)'
        )
        described = database.execute(f'DESCRIBE "{name}"').fetchall()
        columns[name] = {row[0].lower(): row[0] for row in described if row[1] == "VARCHAR"}
    loading = time.process_time() - began
    began = time.process_time()
    ran = hits = 0
    for rule in random.Random(SEED).sample(_rules(work), count):
        asked = rule.logsource
        answers = load().answers(asked.product, asked.category, asked.service)
        statements = list(_statements(rule, answers, columns))
        if None in statements:
            continue
        ran += 1
        hits += sum(database.execute(s).fetchone()[0] for s in statements)
    return {"rules": ran, "hits": hits, "load": loading, "match": time.process_time() - began}


def floor(work: Path, lake: Path, _: int) -> dict[str, Any]:
    """Look for one text in the raw lines: the least that any engine must do to read them all."""
    from undersign.telemetry.lake import Lake

    paths = [f.path for t in Lake(lake).tables().values() for f in t.files]
    database = _duckdb()
    began = time.process_time()
    query = f"SELECT count(*) FROM read_parquet({paths!r}, union_by_name=true) WHERE contains(_raw, 'mimikatz')"  # noqa: E501
    found = database.execute(query).fetchone()[0]
    return {"hits": found, "match": time.process_time() - began}


def _one_thread() -> None:
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _duckdb() -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 1})


def _rank(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _rules(work: Path) -> list[Any]:
    """Return the Windows rules as the program's own rule cache stores them."""
    from undersign.languages.sigma.stored import load as stored

    documents = json.loads((work / "rules.json").read_text(encoding="utf-8"))
    files = (stored(document) for document in documents)
    return [r for file in files for r in file.rules if r.logsource.product == "windows"]


# --- a rule as SQL ----------------------------------------------------------------------------


def _statements(rule: Any, answers: Any, columns: Any) -> Iterator[str | None]:
    """Yield a counting statement for each answer; None when SQL cannot say it."""
    for answer in answers:
        names = columns.get(answer.source.name)
        if names is None:
            continue
        rename = {k.lower(): v.lower() for k, v in answer.route.rename.items()}
        where = [
            f"lower({_column(names, {}, c)}) IN ({', '.join(_quoted(v.lower()) for v in wanted)})"
            for c, wanted in answer.route.where.items()
        ]
        try:
            condition = " OR ".join(f"({_node(n, names, rename)})" for n in rule.conditions)
        except LookupError:
            yield None
            return
        tests = " AND ".join([*where, f"({condition})"])
        yield f'SELECT count(*) FROM "{answer.source.name}" WHERE {tests}'


def _column(names: dict[str, str], rename: dict[str, str], field: str) -> str:
    real = names.get(rename.get(field.lower(), field.lower()))
    return f'"{real}"' if real else "NULL::VARCHAR"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _node(node: Any, names: dict[str, str], rename: dict[str, str]) -> str:
    from undersign.languages.sigma.tree import And, Atom, Not, Or, Selection

    if isinstance(node, Selection):
        return _node(node.arg, names, rename)
    if isinstance(node, Not):
        return f"NOT coalesce({_node(node.arg, names, rename)}, false)"
    if isinstance(node, And | Or):
        word = " AND " if isinstance(node, And) else " OR "
        return word.join(f"({_node(a, names, rename)})" for a in node.args) or "true"
    assert isinstance(node, Atom)
    if node.field is None:
        raise LookupError("a keyword has no column")
    return _test(node.test, _column(names, rename, node.field))


def _test(test: Any, column: str) -> str:
    from undersign.languages.sigma import tree
    from undersign.telemetry.match.atoms import pattern_regex, regex_text

    match test:
        case tree.Text(place=place, value=value, cased=cased):
            left = column if cased else f"lower({column})"
            right = _quoted(value if cased else value.lower())
            name = {
                "equals": "{} = {}",
                "contains": "contains({}, {})",
                "startswith": "starts_with({}, {})",
                "endswith": "ends_with({}, {})",
            }[place.value]
            return name.format(left, right)
        case tree.Pattern(cased=cased):
            left = column if cased else f"lower({column})"
            return f"regexp_matches({left}, {_quoted(pattern_regex(test))})"
        case tree.Regex():
            return f"regexp_matches({column}, {_quoted(regex_text(test))})"
        case tree.Number(value=value):
            return f"try_cast({column} AS DOUBLE) = {value}"
        case tree.Compare(operator=operator, value=value):
            return f"try_cast({column} AS DOUBLE) {operator} {value}"
        case tree.Null():
            return f"{column} IS NULL"
        case tree.Exists(expected=expected):
            return f"{column} IS {'NOT ' if expected else ''}NULL"
        case _:
            raise LookupError(f"no SQL for {type(test).__name__}")


# --- the other program ------------------------------------------------------------------------


def zircolite(arguments: argparse.Namespace, work: Path, lines: list[str]) -> dict[str, Any]:
    """Run Zircolite on a sample; converting the rules is measured apart, as it can be kept."""
    folder = arguments.zircolite.resolve()
    program = [str(arguments.zircolite_python), str(folder / "zircolite.py")]
    empty, sample = work / "one.jsonl", work / "sample.jsonl"
    empty.write_text(lines[0], encoding="utf-8")
    sample.write_text("".join(lines), encoding="utf-8")
    before = set(folder.glob("ruleset-*.json"))
    pipelines = ["-p", "sysmon", "windows-logsources"]
    native = ["-j", "-n", "-r", str(work / "windows"), *pipelines, "-sr"]
    out = ["-o", str(work / "detected.json"), "-l", str(work / "zircolite.log")]
    convert = _measured([*program, "-e", str(empty), *native, *out], cwd=folder)
    [ruleset] = set(folder.glob("ruleset-*.json")) - before
    ready = [*program, "-j", "-n", "-r", str(ruleset), *out]
    start = _measured([*ready, "-e", str(empty)], cwd=folder)
    whole = _measured([*ready, "-e", str(sample)], cwd=folder)
    rules = len(json.loads(ruleset.read_text(encoding="utf-8")))
    ruleset.unlink()
    return {
        "rules": rules,
        "events": len(lines),
        "convert_cpu": convert["cpu"],
        "start_cpu": start["cpu"],
        **whole,
        "match": whole["cpu"] - start["cpu"],
    }


# --- measuring --------------------------------------------------------------------------------


def _measured(command: list[str], cwd: Path | None = None) -> dict[str, Any]:
    """Run a process to its end; return its output, CPU seconds and peak memory."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        environment = {**os.environ, **ONE_THREAD}
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, cwd=cwd, env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode:
        raise SystemExit(f"{command[:3]} failed:\n{text[-2000:]}")
    cpu = used.ru_utime + used.ru_stime
    wall = time.perf_counter() - began
    return {"cpu": cpu, "wall": wall, "peak_mb": used.ru_maxrss // 1024, "output": text}


def _part(name: str, work: Path, lake: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--part", name, str(work), str(lake), str(count)]
    measured = _measured(command)
    said = json.loads(measured.pop("output").strip().splitlines()[-1])
    return {**measured, **said}


def _prepare(arguments: argparse.Namespace, work: Path) -> tuple[Path, list[str]]:
    """Unpack and parse the rules, read the lines, fill the lake."""
    from undersign.catalogs.log_sources import load
    from undersign.languages.sigma import parse
    from undersign.languages.sigma.stored import dump
    from undersign.telemetry.ingest import ingest
    from undersign.telemetry.lake import Lake

    documents = []
    with tarfile.open(arguments.data / "sigma" / "sigmahq_rules.tar.gz") as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.name.endswith(".yml") else None
            if stream is None:
                continue
            data = stream.read()
            file = parse(data.decode())
            documents.append(dump(file))
            if any(r.logsource.product == "windows" for r in file.rules):
                path = work / "windows" / Path(member.name).name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
    (work / "rules.json").write_text(json.dumps(documents), encoding="utf-8")
    logs = [arguments.data / "logs" / f"{name}.jsonl.gz" for name in LOGS]
    lines: list[str] = []
    for log in logs:
        with gzip.open(log, "rt", encoding="utf-8") as text:
            lines += [line for line in text if line.strip()]
    lake = Lake(arguments.lake or work / "state" / "lake")
    if not lake.tables():
        ingest(logs, lake, load(), now=datetime.now(UTC))
    return lake.root, lines


def main() -> None:
    """Measure every part and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--zircolite", type=Path)
    parser.add_argument("--zircolite-python", type=Path, default=Path(sys.executable))
    parser.add_argument("--zircolite-events", type=int, default=20_000)
    parser.add_argument("--sql-rules", type=int, default=300)
    parser.add_argument("--single-rules", type=int, default=400)
    parser.add_argument(
        "--lake", type=Path, help="an existing lake of these logs, or where to fill"
    )
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        lake, lines = _prepare(arguments, work)
        from undersign.telemetry.lake import Lake

        events = sum(table.rows for table in Lake(lake).tables().values())
        found: dict[str, Any] = {"events": events, "lines": len(lines)}
        found["ours"] = _part("ours", work, lake, 0)
        found["single"] = _part("single", work, lake, arguments.single_rules)
        found["sql"] = _part("sql", work, lake, arguments.sql_rules)
        found["floor"] = _part("floor", work, lake, 0)
        if arguments.zircolite:
            sample = random.Random(SEED).sample(lines, arguments.zircolite_events)
            found["zircolite"] = zircolite(arguments, work, sample)
            found["zircolite"].pop("output")
    found["rows"] = _rows(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(_table(found))


def _rows(found: dict[str, Any]) -> list[tuple[str, int, int, float]]:
    """Return (what, rules, events, CPU seconds) of every way to match."""
    events, mine, query = found["events"], found["ours"], found["sql"]
    rows = [
        ("Undersign, matching only", mine["rules"], events, mine["phases"]["match"]),
        ("Undersign, whole process", mine["rules"], events, mine["cpu"]),
        ("DuckDB, one SQL a rule", query["rules"], events, query["match"]),
        ("DuckDB, one `contains` over the raw lines", 1, events, found["floor"]["match"]),
    ]
    if "zircolite" in found:
        peer = found["zircolite"]
        rows += [
            ("Zircolite, matching only", peer["rules"], peer["events"], peer["match"]),
            ("Zircolite, whole process", peer["rules"], peer["events"], peer["cpu"]),
        ]
    return rows


def _table(found: dict[str, Any]) -> str:
    lines = ["| what | rules | events | CPU s | events/s/core |", "|---|--:|--:|--:|--:|"]
    for what, rules, events, cpu in found["rows"]:
        lines.append(f"| {what} | {rules:,} | {events:,} | {cpu:.2f} | {events / cpu:,.0f} |")
    speed = {what: events / cpu for what, _, events, cpu in found["rows"]}
    for part in ("matching only", "whole process") if "zircolite" in found else ():
        ratio = speed[f"Undersign, {part}"] / speed[f"Zircolite, {part}"]
        lines.append(f"\n{part}: {ratio:,.0f} times the events per CPU second of Zircolite")
    phases = ", ".join(f"{k} {v:.2f} s" for k, v in found["ours"]["phases"].items())
    lines.append(f"\nUndersign: {phases}; peak memory {found['ours']['peak_mb']} MB")
    for kind in ("cold_ms", "warm_ms"):
        times = ", ".join(f"{k} {v:.0f} ms" for k, v in found["single"][kind].items())
        lines.append(f"\none rule at a time, {kind.removesuffix('_ms')}: {times}")
    return "\n".join(lines)


PARTS = {"ours": ours, "single": single, "sql": sql, "floor": floor}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        part, work_folder, lake_folder, number = sys.argv[2:]
        answer = PARTS[part](Path(work_folder), Path(lake_folder), int(number))
        answer["peak_inside_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(answer))
    else:
        main()
