"""The check `machine-written-tests`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import listed, plural, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault
from undersign.records.rule_tests import RuleTests

PERSON = "person:"


def machine_written_tests(file: SigmaFile, tests: RuleTests) -> Iterator[Fault]:
    """Report tests that were all proposed by a drafter, so that nobody has checked its thinking."""
    if tests.cases and not any(c.written_by.startswith(PERSON) for c in tests.cases):
        writers = sorted({case.written_by for case in tests.cases})
        yield Fault(
            f"no person wrote a test: {plural(len(tests.cases), 'test')} by"
            f" {listed(map(quoted, writers))}",
            file.documents[0].span("title") if file.documents else None,
            {"written_by": writers, "cases": len(tests.cases)},
            f"write at least one case yourself in {tests.path}, with `written_by: person:NAME`",
        )
