"""A small world for the workflow's tests: one rule, its checks, a person and a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from undersign.ledger.keys import new_key
from undersign.ledger.statement import Tool
from undersign.records.artifact import Artifact, Draft
from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.rule_tests import RuleTests, TestCase
from undersign.records.work import Decision, Verdict, Work
from undersign.workflow.sign import Surroundings

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
PATH = "rules/kerberoasting.yml"
ALICE = "alice@example.com"
KEY = new_key()
ALLOWED = f'{ALICE} namespaces="undersign/v1" {KEY.public.line()}\n'
ARTIFACT = Artifact(PATH, "made-up", "title: Kerberoasting\n")
DRAFT = Draft(
    path=PATH,
    kind="made-up",
    drafter="anthropic:some-model",
    brief="Kerberoasting <b>by</b> anyone",
    artifact_digest=ARTIFACT.digest,
    drafted_at="2026-11-01T09:00:00Z",
)
ERROR = Finding("aaaaaaaaaa", "unknown-field", "SIG002", Severity.ERROR, "no field Imagge")
WARNING = Finding("bbbbbbbbbb", "fires-too-often", "SIG009", Severity.WARNING, "40 a day")
OUTCOMES = (
    Outcome("unknown-field", "SIG002", Status.FOUND, findings=(ERROR,)),
    Outcome("fires-too-often", "SIG009", Status.FOUND, findings=(WARNING,)),
    Outcome("never-fires", "SIG010", Status.NOT_RUN, ("History",), "no lake: undersign ingest"),
    Outcome("level-rate-mismatch", "SIG011", Status.NOT_RUN, ("History",), "no lake"),
    Outcome("missing-threat-model", "SIG030", Status.NOT_RUN, ("ThreatModel",), "cite one"),
    Outcome("bad-regex", "SIG012", Status.CLEAN),
)
WORK = Work(ARTIFACT, DRAFT, OUTCOMES)
TESTS = RuleTests(
    "rules/kerberoasting.tests.yml", (TestCase("a ticket", True, "person:Alice", True),)
)
TESTS_TEXT = b"cases: []\n"
TOOL = Tool("undersign", "0.1.0")
AROUND = Surroundings(tool=TOOL, threat_model="threatmodels/ad.yml#T12")


def verdict(target: str, decision: Decision = Decision.DISMISS, person: str = ALICE) -> Verdict:
    return Verdict(target, decision, "known", person, "2026-11-02T10:00:00Z", ARTIFACT.digest)


def verdicts() -> Iterator[Verdict]:
    """What makes WORK ready, but for its threat model."""
    yield verdict(ERROR.id)
    yield verdict(f"{PATH}#never-fires", Decision.ACCEPT_RISK)
    yield verdict(f"{PATH}#level-rate-mismatch", Decision.ACCEPT_RISK)


READY = replace(WORK, verdicts=tuple(verdicts()))
