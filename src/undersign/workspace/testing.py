"""The test events beside rules: read, run, and remembered by digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from undersign.errors import BadInput
from undersign.languages.sigma.document import SigmaFile
from undersign.records.rule_tests import RuleTests, TestCase
from undersign.workspace import cache, files
from undersign.workspace.beside import Beside
from undersign.workspace.grounds import Subject
from undersign.workspace.review import subject_of
from undersign.workspace.workspace import Workspace


def rule_tests(workspace: Workspace, subject: Subject) -> RuleTests | None:
    """Run the tests beside a rule, or take the outcome remembered for the same bytes.

    No test file is a RuleTests without cases. None for an artifact that is no rule. Raises BadInput
    when the test file is damaged.
    """
    if not isinstance(subject.parsed, SigmaFile):
        return None
    path = Beside(subject.path).tests
    name = files.relative(path, workspace.root)
    if not path.is_file():
        return RuleTests(name)
    text = files.read_text(path)
    key = sha256(f"{subject.artifact.digest}\0{text}".encode()).hexdigest()
    kept = cache.load(workspace, "tests", key)
    if kept is not None:
        return RuleTests(name, tuple(TestCase(**case) for case in kept["cases"]))
    found = _run(text, subject.parsed, name)
    cache.store(workspace, "tests", key, {"cases": [asdict(c) for c in found.cases]})
    return found


def _run(text: str, file: SigmaFile, name: str) -> RuleTests:
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.rule_tests import read_cases, run_cases

    return run_cases(read_cases(text, name), file, load(), name)


def run_tests(workspace: Workspace, paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Run the tests of every rule named or found; returns the contract's rows of `test`."""
    rows: list[dict[str, Any]] = []
    for path in files.find(paths):
        try:
            subject = subject_of(path, workspace)
            tests = rule_tests(workspace, subject)
        except BadInput as error:
            unread = {"name": "unreadable", "passed": False, "detail": str(error)}
            name = files.relative(path, workspace.root)
            rows.append({"path": name, "passed": 0, "failed": [unread], "cases": []})
            continue
        if tests is None:
            continue
        cases = [asdict(case) for case in tests.cases]
        rows.append(
            {
                "path": subject.artifact.path,
                "passed": sum(c.passed for c in tests.cases),
                "failed": [c for c in cases if not c["passed"]],
                "cases": cases,
            }
        )
    return rows
