"""The check `failing-test`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault
from undersign.records.rule_tests import RuleTests


def failing_test(file: SigmaFile, tests: RuleTests) -> Iterator[Fault]:
    """Report every test event that the rule did not judge as expected."""
    for case in tests.cases:
        if not case.passed:
            wanted = "should match and does not" if case.expect_match else "should not match"
            detail = f": {case.detail}" if case.detail else ""
            yield Fault(
                f"test {quoted(case.name)} fails: it {wanted}{detail}",
                file.documents[0].span("title") if file.documents else None,
                {"case": case.name, "tests": tests.path, "line": case.line},
                "compare the event with `undersign why`, then mend the rule or the test",
            )
