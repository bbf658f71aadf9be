"""The check `missing-true-positive`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault
from undersign.records.rule_tests import RuleTests


def missing_true_positive(file: SigmaFile, tests: RuleTests) -> Iterator[Fault]:
    """Report a rule without a single event that it must match."""
    if not any(case.expect_match for case in tests.cases):
        yield Fault(
            "no test event shows that the rule matches what it is for",
            file.documents[0].span("title") if file.documents else None,
            {"cases": len(tests.cases)},
            f"add a case with `expect: match` to {tests.path}",
        )
