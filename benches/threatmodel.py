"""What a threat model costs, and how many of its texts name what they are about.

    uv run python benches/threatmodel.py [--sample sample_support_agent.yaml]

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


if __name__ == "__main__":
    main()
