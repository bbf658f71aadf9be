"""Everything that finds candidates, asked in turn: ours, other tools', models'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from undersign import __version__
from undersign.records.candidate import Candidate
from undersign.records.code import SourceFile
from undersign.records.review import Looker
from undersign.surfaces.review.dataflow import dataflow_candidates
from undersign.surfaces.review.dependencies import (
    dependency_candidates,
    imports_under_review,
)
from undersign.surfaces.review.imports import category_of, read_any
from undersign.surfaces.review.secrets import secret_candidates
from undersign.workspace.reviewing.checkout import Taken
from undersign.workspace.reviewing.grounding import Known
from undersign.workspace.reviewing.ruff import ruff_candidates

_LARGEST_IMPORT = 200_000_000


@dataclass
class Gathered:
    """Candidates in the order of those who say them, and who looked at what."""

    candidates: list[Candidate] = field(default_factory=list)
    lookers: list[Looker] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    read_by: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Path -> the names of those that read it."""
    failed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Path -> what one of them could not read of it."""

    def add(self, looker: Looker, candidates: Iterable[Candidate], paths: Iterable[str]) -> None:
        """Take what somebody found in the files that it read."""
        found = [_categorised(one) for one in candidates]
        self.candidates += found
        self.lookers.append(replace(looker, candidates=len(found)))
        for path in paths:
            self.read_by[path].append(looker.name)


def gather(taken: Taken, facts: Known, findings: Sequence[Path]) -> Gathered:
    """Ask everything that needs no network.

    Raises BadInput, located, for findings of others that cannot be read.
    """
    found = Gathered()
    under = {p: one for p, one in taken.code.files.items() if p in set(taken.under_review)}
    for path in findings:
        _import(path, taken, found)
    _dataflow(facts, found)
    _ruff(under, found)
    _secrets(taken, under, found)
    _dependencies(taken, facts, under, found)
    return found


def _import(path: Path, taken: Taken, found: Gathered) -> None:
    with path.open("rb") as file:
        data = file.read(_LARGEST_IMPORT + 1)
    said = read_any(str(path), data, root=taken.root.as_uri())
    found.candidates += [_categorised(one) for one in said.candidates]
    found.lookers += said.lookers
    found.remarks += said.remarks
    for name, why in said.failed.items():
        found.failed[name].append(why)


def _dataflow(facts: Known, found: Gathered) -> None:
    looker = Looker("dataflow", __version__)
    found.add(looker, dataflow_candidates(facts.flows, facts.focus), sorted(facts.focus))
    for path, why in facts.flows.unread.items():
        found.failed[path].append(f"dataflow: {why}")


def _ruff(under: dict[str, SourceFile], found: Gathered) -> None:
    said = ruff_candidates(under)
    python = [p for p, one in under.items() if one.language == "python" and p not in said.failed]
    found.add(said.looker, said.candidates, () if said.looker.failed else python)
    for path, why in said.failed.items():
        found.failed[path].append(why)


def _secrets(taken: Taken, under: dict[str, SourceFile], found: Gathered) -> None:
    from undersign.policy.detect import detector

    candidates = secret_candidates(taken.change, under, detector().spot_all)
    found.add(Looker("secrets", __version__), candidates, sorted(under))


def _dependencies(
    taken: Taken, facts: Known, under: dict[str, SourceFile], found: Gathered
) -> None:
    used = imports_under_review(taken.change, under.values())
    read = {one.path: one for one in facts.packages.manifests}
    after = {path: taken.code.files[path].text for path in read if path in taken.code.files}
    candidates = dependency_candidates(taken.change, taken.before, after, facts.packages, used)
    paths = sorted(set(read) & set(under) | {one.file for one in used})
    found.add(Looker("dependencies", __version__), candidates, paths)
    for path in set(read) & set(under):
        for problem in read[path].problems:
            place = f"line {problem.line}: " if problem.line else ""
            found.failed[path].append(f"dependencies: {place}{problem.message}")


def _categorised(one: Candidate) -> Candidate:
    if one.category:
        return one
    return replace(one, category=category_of(one.rule, one.cwe, one.message))
