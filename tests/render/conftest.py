"""Works as `check` returns them: with findings, verdicts, not-run outcomes and hostile text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from undersign.records.artifact import Artifact, Draft, Span
from undersign.records.finding import Finding, Outcome, Severity, Status, finding_id
from undersign.records.work import Decision, Verdict, Work
from undersign.render.tally import CheckHelp

RULE = """\
title: Many service tickets from one workstation
logsource:
    product: windows
    service: security
detection:
    tickets:
        EventID: 4769
        TicketEncryption: '0x17'
    machine:
        ServiceName|endswith: '$'
    condition: tickets and not machine
level: medium
"""
PATH = "rules/kerberoasting.yml"
CARDS = {
    "unknown-field": CheckHelp("The rule asks for a field that no log has.", "# unknown-field")
}


def make_finding(name: str, code: str, severity: Severity, message: str, **more: object) -> Finding:
    return Finding(finding_id(PATH, name, message), name, code, severity, message, **more)  # type: ignore[arg-type]


def sample_works() -> list[Work]:
    artifact = Artifact(PATH, "sigma", RULE)
    unknown = make_finding(
        "unknown-field",
        "SIG002",
        Severity.ERROR,
        "TicketEncryption is no field of windows_security",
        span=Span(8, 9, 8, 25),
        evidence={"tables": ["windows_security"], "fields": 91},
        suggestion="TicketEncryptionType",
    )
    date = make_finding("missing-date", "SIG031", Severity.WARNING, "the rule has no date")
    note = make_finding(
        "missing-references",
        "SIG027",
        Severity.NOTE,
        "nothing says where this comes from",
        span=Span(1, 1, 1, 50),
        suggestion="add references: with the page you learnt it from",
    )
    wait = "no history yet: run `undersign ingest PATH...`"
    outcomes = (
        Outcome("unknown-field", "SIG002", Status.FOUND, findings=(unknown,)),
        Outcome("missing-date", "SIG031", Status.FOUND, findings=(date,)),
        Outcome("missing-references", "SIG027", Status.FOUND, findings=(note,)),
        Outcome("bad-regex", "SIG015", Status.CLEAN),
        Outcome("never-fires", "SIG009", Status.NOT_RUN, ("History",), wait),
        Outcome("fires-too-often", "SIG010", Status.NOT_RUN, ("History",), wait),
        Outcome("missing-threat-model", "SIG030", Status.NOT_RUN, ("ThreatModel",), "cite one"),
    )
    when = "2026-11-23T09:00:00Z"
    digest = artifact.digest
    verdicts = (
        Verdict(
            f"{PATH}#never-fires",
            Decision.ACCEPT_RISK,
            "new source",
            "ops@corp.example",
            when,
            digest,
        ),
        Verdict(date.id, Decision.DISMISS, "dated on merge", "ops@corp.example", when, digest),
        Verdict(
            unknown.id, Decision.DISMISS, "for another text", "ops@corp.example", when, "0" * 64
        ),
    )
    draft = Draft(PATH, "sigma", "offline", "detect Kerberoasting", digest, when)
    hostile = make_finding(
        "odd-name",
        "SIG099",
        Severity.WARNING,
        "value \x1b]0;owned\x07 \u202egnp.exe\n::error::fake\x00 <b>&\"'",
        span=Span(1, 3, 1, 5),
        evidence={"raw": "\x1b[2J\u200b", "n": 1.5},
    )
    bad = Artifact("rules/a,b: 100%\x1b[31m.yml", "sigma", "\t日本\u202e語: x\n")
    return [
        Work(artifact, draft=draft, outcomes=outcomes, verdicts=verdicts),
        Work(bad, outcomes=(Outcome("odd-name", "SIG099", Status.FOUND, findings=(hostile,)),)),
    ]


@pytest.fixture
def works() -> list[Work]:
    return sample_works()


@pytest.fixture
def cards() -> dict[str, CheckHelp]:
    return CARDS


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with its golden file; `pytest --regen` rewrites it, then read the diff."""
    folder = Path(__file__).parents[1] / "golden" / "render"

    def compare(name: str, text: str) -> None:
        path = folder / name
        if request.config.getoption("--regen"):
            path.write_bytes(text.encode())
        hint = f"{path.name} differs; run pytest --regen and judge the diff"
        assert text == path.read_bytes().decode(), hint

    return compare
