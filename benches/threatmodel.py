"""What a threat model costs, and how many of its texts name what they are about.

    uv run python benches/threatmodel.py [--sample sample_support_agent.yaml] [--pytm PYTHON]

`--pytm` is a Python that has pytm 1.4.0 and PyYAML; it is given the same components and flows.

Seconds are CPU; `check` is a process of its own, start and imports included.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

TESTS = Path(__file__).resolve().parents[1] / "tests"


PYTM = """
import sys, yaml
from pytm import TM, Actor, Agent, Boundary, Dataflow, Datastore, ExternalEntity, LLM, Server
d = yaml.safe_load(open(sys.argv[1]))
tm = TM(d["name"]); tm.description = "bench"
places = {b["id"]: Boundary(b["name"]) for b in d["boundaries"]}
kinds = {"person": Actor, "external": ExternalEntity, "ai.model": LLM, "ai.agent": Agent,
         "ai.rag_store": Datastore}
parts = {}
for c in d["components"]:
    parts[c["id"]] = kinds.get(c["kind"], Server)(c["name"])
    parts[c["id"]].inBoundary = places[c["boundary"]]
for n, f in enumerate(d["flows"]):
    Dataflow(parts[f["from"]], parts[f["to"]], f.get("data") or f"flow {n}")
tm.resolve()
texts = [x.description for x in tm.findings]
names = [c["name"] for c in d["components"]]
hits = sum(any(n in t for n in names) for t in texts)
print(f"{len(texts)} findings, {len(set(texts))} texts, {hits} name an element")
"""


def analysis(components: int) -> tuple[float, int, int]:
    """Return CPU seconds, threats and questions of a system that chance made."""
    sys.path.insert(0, str(TESTS))
    from surfaces.threatmodel.systems import any_system
    from undersign.catalogs import threat_rules
    from undersign.surfaces.threatmodel.analysis import analyse
    from undersign.surfaces.threatmodel.description import read

    random.seed(1)
    system, rules = read(any_system(1, components)), threat_rules.load()
    begun = process_time()
    found = analyse(system, rules)
    return process_time() - begun, len(found.threats), len(found.questions)


def cold_check(model: Path) -> float:
    """Return the CPU seconds of `undersign threatmodel check` on a model."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = Path(sys.executable).with_name("undersign")
    subprocess.run([program, "threatmodel", "check", model], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def named(model: Path) -> str:
    """Say how many texts of a model name their element."""
    from undersign.workspace.threatmodelling.model import read_model

    read = read_model(model)
    names = [e.name for e in read.system.elements if e.name]
    texts = [t.title for t in read.analysis.threats] + [q.text for q in read.analysis.questions]
    hits = sum(any(name in text for name in names) for text in texts)
    return (f"{len(read.analysis.threats)} threats, {len(read.analysis.questions)} questions, "
            f"{len(set(texts))} texts, {hits} name an element")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--pytm", metavar="PYTHON")
    options = parser.parse_args()
    analysis(5)
    for components in (100, 1000):
        spent, threats, questions = analysis(components)
        print(f"{components:>5} components, {2 * components} flows: {spent:.2f} s CPU, "
              f"{threats:,} threats, {questions:,} questions")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        from surfaces.threatmodel.systems import AGENT

        model = Path(folder) / "agent.yaml"
        model.write_text(AGENT)
        print(f"threatmodel check, cold: {cold_check(model):.2f} s CPU")
    if options.sample:
        print(f"{options.sample.name}: {named(options.sample)}")
        if options.pytm:
            done = subprocess.run([options.pytm, "-c", PYTM, options.sample],
                                  capture_output=True, text=True, check=True)  # fmt: skip
            print(f"  pytm: {done.stdout.strip().splitlines()[-1]}")


if __name__ == "__main__":
    main()
