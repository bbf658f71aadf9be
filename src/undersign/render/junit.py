"""The outcomes of `check` as JUnit XML: a suite an artifact, a test case a check.

Errors and warnings are failures, a check that could not run is skipped, notes are output.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.work import Verdict, Work
from undersign.render.tally import (
    Cards,
    grounds_missing,
    is_settled,
    verdict_of_not_run,
    verdict_on,
)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry, not even escaped (section 2.2)."""


def render(works: Sequence[Work], cards: Cards) -> str:
    """Write one `testsuites` document; cards are not part of it."""
    suites = [_suite(work) for work in works]
    total = [sum(counts) for counts in zip(*(c for c, _ in suites), strict=True)] or [0, 0, 0]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="undersign"{_counts(total)}>')
    lines += [line for _, suite in suites for line in suite]
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(work: Work) -> tuple[list[int], list[str]]:
    """Return (tests, failures, skipped) and the lines of one suite."""
    cases = [_case(work, outcome) for outcome in work.outcomes]
    failures = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    counts = [len(cases), failures, skipped]
    head = f"  <testsuite name={_attribute(work.artifact.path)}{_counts(counts)}>"
    return counts, [head, *cases, "  </testsuite>"]


def _counts(counts: Sequence[int]) -> str:
    tests, failures, skipped = counts
    return f' tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"'


def _case(work: Work, outcome: Outcome) -> str:
    name = f"{outcome.code} {outcome.check}"
    head = f"    <testcase classname={_attribute(work.artifact.path)} name={_attribute(name)}"
    inside = "".join(f"\n      {element}" for element in _elements(work, outcome))
    return f"{head}>{inside}\n    </testcase>" if inside else f"{head}/>"


def _elements(work: Work, outcome: Outcome) -> list[str]:
    if outcome.status is Status.NOT_RUN:
        said = _said(verdict_of_not_run(work, outcome))
        reason = outcome.reason or "no reason was given"
        message = f"needs {grounds_missing(outcome)}: {reason}{said}"
        return [f"<skipped message={_attribute(message)}/>"]
    failing = [f for f in outcome.findings if _fails(work, f)]
    passing = [f for f in outcome.findings if not _fails(work, f)]
    elements = []
    if failing:
        worst = Severity.ERROR if any(f.severity is Severity.ERROR for f in failing) else "warning"
        text = _text("\n".join(_line(work, f) for f in failing))
        message = _attribute(failing[0].message)
        elements.append(f'<failure type="{worst}" message={message}>{text}</failure>')
    if passing:
        text = _text("\n".join(_line(work, f) for f in passing))
        elements.append(f"<system-out>{text}</system-out>")
    return elements


def _fails(work: Work, finding: Finding) -> bool:
    settled = is_settled(verdict_on(work, finding.id))
    return finding.severity is not Severity.NOTE and not settled


def _line(work: Work, finding: Finding) -> str:
    span = finding.span
    place = f"{work.artifact.path}:{span.line}:{span.column}" if span else work.artifact.path
    said = _said(verdict_on(work, finding.id))
    return f"{place} {finding.severity.value}: {finding.message} [{finding.id}]{said}"


def _said(verdict: Verdict | None) -> str:
    return f" ({verdict.decision.value} by {verdict.person}: {verdict.reason})" if verdict else ""


def _text(text: str) -> str:
    return escape(_clean(text))


def _attribute(text: str) -> str:
    return quoteattr(_clean(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
