"""Code review: verdicts on OWASP BenchmarkPython, beside ruff, bandit and semgrep in one run.

    uv run python benches/review.py --benchmark DIR [--half even|odd|all]
        [--bandit PROGRAM] [--semgrep PROGRAM --semgrep-rules DIR]
        [--labelled NAME=DIR]... [--code DIR]...

DIR is a checkout of OWASP-Benchmark/BenchmarkPython (GPL: measured, never shipped). The rules of
data flow were written with its even-numbered tests in sight; the odd ones were measured afterwards.
`--labelled` holds all tools against benches/review_labels.toml: dsvw, vulpy and
extremely-vulnerable-flask-app. `--code` lists what is supported anywhere, to be judged by reading.

Youden's J of a category is true-positive rate minus false-positive rate; the macro figure is the
mean over the categories. As a filter: candidates of ruff and semgrep in the benchmark's own
category of each test, ordered by our verdict.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from undersign.languages.code import labels_of, language_of
from undersign.languages.python import parse
from undersign.records.code import SourceFile
from undersign.records.flow import Flows, akin
from undersign.surfaces.review.dataflow import analyse
from undersign.surfaces.review.imports import category_of, read_any
from undersign.workspace.reviewing.ruff import ruff_candidates

CATEGORIES = {
    "cmdi": "command-injection", "codeinj": "code-injection", "hash": "weak-hash",
    "deserialization": "unsafe-deserialization", "ldapi": "ldap-injection",
    "pathtraver": "path-traversal", "redirect": "open-redirect", "securecookie": "insecure-cookie",
    "sqli": "sql-injection", "trustbound": "trust-boundary", "weakrand": "weak-random",
    "xpathi": "xpath-injection", "xss": "cross-site-scripting", "xxe": "xml-external-entity",
}  # fmt: skip


VERDICTS = ("supported", "not shown", "refuted")


class Test(NamedTuple):
    path: str
    kind: str
    real: bool


Found = dict[str, set[str]]
"""Path -> our categories that a tool reports in it."""


def tests_of(root: Path, half: str) -> list[Test]:
    rows = csv.reader((root / "expectedresults-0.1.csv").open(encoding="utf-8"))
    wanted = {"even": (0,), "odd": (1,), "all": (0, 1)}[half]
    return [
        Test(f"testcode/{r[0]}.py", r[1], r[2] == "true")
        for r in rows
        if not r[0].startswith("#") and int(r[0][-5:]) % 2 in wanted
    ]


def sources(root: Path) -> dict[str, str]:
    return {
        f.relative_to(root).as_posix(): f.read_text("utf-8", "replace") for f in root.rglob("*.py")
    }


def ours(root: Path, tests: list[Test]) -> tuple[Flows, float]:
    begun = time.process_time()
    modules = {path: parse(text) for path, text in sources(root).items()}
    flows = analyse(modules, focus=[t.path for t in tests])
    return flows, time.process_time() - begun


def by_ruff(root: Path, tests: list[Test]) -> tuple[Found, float]:
    texts = sources(root)
    files = {
        t.path: SourceFile(t.path, texts[t.path], "", language_of(t.path), labels_of(t.path))
        for t in tests
    }
    begun = time.perf_counter()
    found: Found = defaultdict(set)
    for one in ruff_candidates(files).candidates:
        found[one.file].add(one.category)
    return found, time.perf_counter() - begun


def by_bandit(root: Path, program: str) -> tuple[Found, float, int]:
    begun = time.perf_counter()
    done = subprocess.run(
        [program, "-q", "-r", "testcode", "-f", "json"], cwd=root, capture_output=True, text=True
    )
    document = json.loads(done.stdout)
    found: Found = defaultdict(set)
    for row in document["results"]:
        found[row["filename"].removeprefix("./")].add(category_of(row["test_id"], (), ""))
    return found, time.perf_counter() - begun, len(document["errors"])


def by_semgrep(root: Path, program: str, rules: str) -> tuple[Found, float]:
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "semgrep.sarif"
        words = ["scan", "--config", rules, "--metrics", "off", "--disable-version-check",
                 "--no-git-ignore", "--sarif", "-o", str(out), "testcode"]  # fmt: skip
        subprocess.run([program, *words], cwd=root, capture_output=True, check=False)
        taken = time.perf_counter() - begun
        said = read_any("semgrep", out.read_bytes())
    found: Found = defaultdict(set)
    for one in said.candidates:
        found[one.file].add(one.category)
    return found, taken


def supported(flows: Flows) -> Found:
    found: Found = defaultdict(set)
    for flow in flows.supported():
        found[flow.file].add(flow.category)
    return found


def youden(found: Found, tests: list[Test]) -> tuple[float, dict[str, float]]:
    rows: dict[str, Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for test in tests:
        rows[test.kind][test.real, CATEGORIES[test.kind] in found.get(test.path, ())] += 1
    each = {}
    for kind, count in rows.items():
        real = count[True, True] + count[True, False]
        fake = count[False, True] + count[False, False]
        rate = count[True, True] / real if real else 0.0
        each[kind] = rate - (count[False, True] / fake if fake else 0.0)
    return sum(each.values()) / len(each), each


def verdict(flows: Flows, path: str, category: str) -> str:
    said = {f.verdict for f in flows.flows if f.file == path and akin(f.category, category)}
    for one in ("supported", "not shown", "refuted"):
        if one in said:
            return one
    return "not shown"


def counts(told: Counter[tuple[bool, str]], *, real: bool) -> str:
    return ", ".join(f"{told[real, v]} {v}" for v in VERDICTS)


def as_filter(flows: Flows, candidates: list[Found], tests: list[Test]) -> None:
    of_file: dict[str, list[str]] = defaultdict(list)
    by_path: dict[str, Flows] = {}
    for flow in flows.flows:
        of_file[flow.file].append(flow.category)
    for test in tests:
        mine = tuple(f for f in flows.flows if f.file == test.path) if test.path in of_file else ()
        by_path[test.path] = Flows(mine)
    told: Counter[tuple[bool, str]] = Counter()
    for test in tests:
        category = CATEGORIES[test.kind]
        if any(category in found.get(test.path, ()) for found in candidates):
            told[test.real, verdict(by_path[test.path], test.path, category)] += 1
    real = sum(n for (is_real, _), n in told.items() if is_real)
    fake = sum(n for (is_real, _), n in told.items() if not is_real)
    kept = [v for v in ("supported", "not shown") if told[True, v]]
    below = told[False, "refuted"] + (told[False, "not shown"] if kept == ["supported"] else 0)
    print(f"\nas a filter over {real + fake} candidates ({real} real):")
    print(f"  real: {counts(told, real=True)}")
    print(f"  false: {counts(told, real=False)}")
    print(f"  false ones below every real one that is kept: {below / fake:.1%}" if fake else "")
    not_first = 1 - told[False, "supported"] / fake if fake else 0.0
    print(f"  false ones below every supported one: {not_first:.1%}")
    print(f"  real ones refuted: {told[True, 'refuted'] / real:.1%}" if real else "")


class Place(NamedTuple):
    path: str
    line: int
    category: str
    real: bool


Told = set[tuple[str, int, str]]
"""Places and categories that a tool reports."""


def labelled(given: argparse.Namespace, name: str, root: Path) -> None:
    """Hold every tool against what a person found real in a code base that nobody tuned on."""
    said = tomllib.loads(Path(__file__).with_name("review_labels.toml").read_text("utf-8"))
    places = [Place(*row) for row in said[name]["rows"]]
    real, fake = [p for p in places if p.real], [p for p in places if not p.real]
    print(f"\n{name}: {len(real)} real, {len(fake)} false places, judged by hand")
    flows = analyse({path: parse(text) for path, text in sources(root).items()})
    tools: dict[str, Told] = {
        "undersign": {(f.file, f.line, f.category) for f in flows.supported()},
        "ruff": told_by_ruff(root),
    }
    if given.bandit:
        tools["bandit"] = told_by_bandit(root, given.bandit)
    if given.semgrep:
        tools["semgrep"] = told_by_semgrep(root, given.semgrep, given.semgrep_rules)
    for tool, told in tools.items():
        hits = sum(reported(told, p) for p in real)
        wrong = sum(reported(told, p) for p in fake)
        youden_j = hits / len(real) - (wrong / len(fake) if fake else 0.0)
        print(
            f"  {tool:10} real {hits:2}/{len(real)}  false {wrong:2}/{len(fake)}  J {youden_j:+.2f}"
        )
    others = tools["ruff"] | tools.get("semgrep", set())
    _labelled_filter(flows, [p for p in places if reported(others, p)])


def _labelled_filter(flows: Flows, candidates: list[Place]) -> None:
    said: Counter[tuple[bool, str]] = Counter()
    for one in candidates:
        found = {f.verdict for f in flows.at(one.path, one.line, one.line, one.category)}
        said[one.real, next((v for v in VERDICTS if v in found), "not shown")] += 1
    print(f"  as a filter over {len(candidates)} of ruff and semgrep:")
    print(f"    real: {counts(said, real=True)}; false: {counts(said, real=False)}")


def reported(told: Told, place: Place) -> bool:
    return any(
        path == place.path and abs(line - place.line) <= 1 and akin(category, place.category)
        for path, line, category in told
    )


def told_by_ruff(root: Path) -> Told:
    files = {p: SourceFile(p, t, "", language_of(p)) for p, t in sources(root).items()}
    return {(c.file, c.line, c.category) for c in ruff_candidates(files).candidates}


def told_by_bandit(root: Path, program: str) -> Told:
    done = subprocess.run(
        [program, "-q", "-r", ".", "-f", "json"], cwd=root, capture_output=True, text=True
    )
    return {
        (r["filename"].removeprefix("./"), r["line_number"], category_of(r["test_id"], (), ""))
        for r in json.loads(done.stdout)["results"]
    }


def told_by_semgrep(root: Path, program: str, rules: str) -> Told:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "semgrep.sarif"
        words = ["scan", "--config", rules, "--metrics", "off", "--disable-version-check",
                 "--no-git-ignore", "--sarif", "-o", str(out), "."]  # fmt: skip
        subprocess.run([program, *words], cwd=root, capture_output=True, check=False)
        said = read_any("semgrep", out.read_bytes())
    return {(c.file, c.line, c.category) for c in said.candidates}


def code_base(root: Path) -> None:
    modules = {path: parse(text) for path, text in sources(root).items()}
    flows = analyse(modules)
    print(f"\n{root.name}: {len(modules)} files, {len(list(flows.supported()))} supported")
    for flow in flows.supported():
        print(f"  {flow.file}:{flow.line} {flow.category} ({flow.source_kind})")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--benchmark", type=Path)
    options.add_argument("--half", choices=["even", "odd", "all"], default="odd")
    options.add_argument("--bandit")
    options.add_argument("--semgrep")
    options.add_argument("--semgrep-rules")
    options.add_argument("--code", type=Path, action="append", default=[])
    options.add_argument("--labelled", metavar="NAME=DIR", action="append", default=[])
    given = options.parse_args()
    if given.benchmark is None and not given.code and not given.labelled:
        sys.exit("name a checkout: --benchmark DIR, --labelled NAME=DIR or --code DIR")
    if given.benchmark:
        benchmark(given)
    for one in given.labelled:
        name, _, folder = one.partition("=")
        labelled(given, name, Path(folder))
    for root in given.code:
        code_base(root)


def benchmark(given: argparse.Namespace) -> None:
    root = given.benchmark
    tests = tests_of(root, given.half)
    print(f"BenchmarkPython, {given.half} half: {len(tests)} tests")
    flows, seconds = ours(root, tests)
    macro, each = youden(supported(flows), tests)
    print(f"undersign  J {macro:+.3f}  {seconds:6.1f} s  {len(flows.unread)} files not wholly read")
    found, seconds = by_ruff(root, tests)
    print(f"ruff       J {youden(found, tests)[0]:+.3f}  {seconds:6.1f} s")
    candidates = [found]
    if given.bandit:
        other, seconds, failed = by_bandit(root, given.bandit)
        macro = youden(other, tests)[0]
        print(f"bandit     J {macro:+.3f}  {seconds:6.1f} s  {failed} files not read")
    if given.semgrep:
        other, seconds = by_semgrep(root, given.semgrep, given.semgrep_rules)
        print(f"semgrep    J {youden(other, tests)[0]:+.3f}  {seconds:6.1f} s")
        candidates.append(other)
    for kind, value in sorted(each.items()):
        print(f"  {kind:16} {value:+.2f}")
    as_filter(flows, candidates, tests)


if __name__ == "__main__":
    main()
