"""The true-positive and true-negative events kept beside a rule, and how they fared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestCase:
    """One case of `RULE.tests.yml` after it was run."""

    __test__ = False

    name: str
    expect_match: bool
    """True for a true positive, False for a true negative."""
    written_by: str
    """`person:NAME`, or the drafter that proposed it."""
    passed: bool
    detail: str = ""
    """Why it failed, in one sentence; empty when it passed."""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RuleTests:
    """All cases of one rule file; no cases is a fact too, and a check says so."""

    path: str
    """Of the test file; it may not exist yet."""
    cases: tuple[TestCase, ...] = ()
