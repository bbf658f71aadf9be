"""A report as the workspace would gather it: a drafted rule and correlation, measured and open."""

from __future__ import annotations

from dataclasses import replace

from undersign.records.artifact import Artifact, Draft, Span
from undersign.records.finding import Finding, Outcome, Severity, Status, finding_id
from undersign.records.history import Contributor, Exclusion, History, Rate, ThresholdProposal
from undersign.records.report import Example, Report, Step, Verified
from undersign.records.rule_tests import RuleTests, TestCase
from undersign.records.work import Decision, Signature, Verdict, Work

PATH = "rules/kerberoasting.yml"
WHEN = "2026-11-23T09:12:44Z"
TEXT = """\
# Drafted by undersign (offline). Open questions:
#   - 4769 does not say whether the account is an administrator
title: Kerberos service ticket request
id: 6a1f5a52-2f0e-5f0c-9d3b-0a4c55f0d6b1
name: kerberos_service_ticket
status: experimental
description: A service ticket was requested for an account that is no computer.
tags:
    - attack.credential-access
    - attack.t1558.003
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 4769
        TicketEncryption: '0x17'
    machine:
        ServiceName|endswith: '$'
    condition: selection and not machine
level: low
---
title: Many Kerberos service tickets from one workstation
status: experimental
correlation:
    type: event_count
    rules:
        - kerberos_service_ticket
    group-by:
        - IpAddress
    timespan: 30m
    condition:
        gte: 12
level: high
"""
CARD = """\
# unknown-field (SIG002, error)

The rule asks for a field that no log of yours has, so that part of it can never match.

## Why it matters

A drafter invents names that *look* right. The rule is silent & nobody notices.

## Bad

```yaml
TicketEncryption: '0x17'
```

## Blind spots

- a field that arrives only on some hosts
- fields nested in `Message`
"""
BRIEF = (
    "detect Kerberoasting where a non-admin account requests TGS tickets for SPNs at high volume "
    "from a single workstation in a 30-minute window"
)
CLEAN = (
    "unparsable unknown-logsource unknown-attack-id revoked-attack-id mismatched-attack-tactic "
    "contradictory-selection redundant-selection unreachable-condition suspicious-wildcard "
    "suspicious-backslash bad-regex explosive-regex invisible-characters placeholder-left "
    "missing-true-positive failing-test"
)


def _found(
    name: str, code: str, severity: Severity, message: str, span: Span | None, **more: object
) -> Outcome:
    finding = Finding(finding_id(PATH, name, message), name, code, severity, message, span, **more)  # type: ignore[arg-type]
    return Outcome(name, code, Status.FOUND, findings=(finding,))


def _outcomes() -> tuple[Outcome, ...]:
    found = (
        _found(
            "unknown-field",
            "SIG002",
            Severity.ERROR,
            "TicketEncryption is no field of windows_security",
            Span(17, 9, 17, 25),
            evidence={"tables": ["windows_security"], "fields": 91},
            suggestion="TicketEncryptionType",
        ),
        _found(
            "machine-written-tests",
            "SIG024",
            Severity.WARNING,
            "all 2 tests were proposed by the drafter; a person has written none",
            None,
        ),
        _found(
            "missing-references",
            "SIG027",
            Severity.NOTE,
            "nothing says where this comes from",
            Span(3, 1, 3, 39),
        ),
    )
    reason = "no corpus is named in undersign.toml: add one under [corpora]"
    not_run = (
        Outcome("duplicate-rule", "SIG025", Status.NOT_RUN, ("Corpus",), reason),
        Outcome(
            "missing-threat-model",
            "SIG030",
            Status.NOT_RUN,
            ("ThreatModel",),
            "cite one with `sign --threat-model REF`, or say why not",
        ),
    )
    clean = tuple(
        Outcome(name, f"SIG{n:03d}", Status.CLEAN) for n, name in enumerate(CLEAN.split(), 40)
    )
    return (*found, *not_run, *clean)


def _histories(digest: str) -> tuple[History, ...]:
    single = History(
        path=PATH,
        title="Kerberos service ticket request",
        artifact_digest=digest,
        status="measured",
        matches=182,
        per_day={
            "2026-10-05": 21,
            "2026-10-06": 24,
            "2026-10-07": 22,
            "2026-10-08": 51,
            "2026-10-09": 23,
            "2026-10-10": 20,
            "2026-10-11": 21,
        },
        per_host={"DC01.corp.example": 109, "DC02.corp.example": 73},
        rate_per_day=Rate(26.0, 22.4, 30.1, "poisson"),
        events=24_765,
        days=7.0,
        first="2026-10-05T00:00:11Z",
        last="2026-10-11T23:59:40Z",
        top=(
            Contributor("TicketEncryptionType", "0x17", 182),
            Contributor("IpAddress", "::ffff:10.20.0.22", 91),
            Contributor("TargetUserName", "svc-monitor@CORP.EXAMPLE", 91),
            Contributor("IpAddress", "::ffff:10.20.30.33", 29),
            Contributor("ServiceName", "svc-erp", 26),
        ),
        exclusions=(
            Exclusion("TargetUserName", "svc-monitor@CORP.EXAMPLE", 91, ()),
            Exclusion("ServiceName", "svc-erp", 26, ("one workstation asks for many",)),
        ),
    )
    windows = ((1, 96), (2, 41), (3, 18), (4, 11), (5, 9), (6, 12), (7, 8), (8, 3), (28, 1))
    proposal = ThresholdProposal(9, 99.9, 28, 17, 199, 0.14, windows)
    many = replace(
        single,
        title="Many Kerberos service tickets from one workstation",
        matches=1,
        per_day={"2026-10-08": 1},
        per_host={},
        rate_per_day=Rate(0.14, 0.0036, 0.8, "poisson"),
        top=(Contributor("IpAddress", "::ffff:10.20.30.33", 1),),
        exclusions=(),
        threshold=proposal,
    )
    return single, many


def _example() -> Example:
    def atom(outcome: bool, written: str, value: object) -> dict[str, object]:
        name = written.split(":")[0].split("|")[0]
        return {
            "kind": "atom",
            "outcome": outcome,
            "written": written,
            "field": name,
            "values": [value],
        }

    machine = {
        "kind": "selection",
        "name": "machine",
        "outcome": False,
        "children": [atom(False, "ServiceName|endswith: '$'", "svc-payroll")],
    }
    tree = {
        "kind": "and",
        "outcome": True,
        "children": [
            {
                "kind": "selection",
                "name": "selection",
                "outcome": True,
                "children": [atom(True, "EventID: 4769", 4769)],
            },
            {"kind": "not", "outcome": True, "children": [machine]},
        ],
    }
    values = {
        "EventID": 4769,
        "Computer": "DC01.corp.example",
        "TargetUserName": "emp1012@CORP.EXAMPLE",
        "ServiceName": "svc-payroll",
        "TicketEncryptionType": "0x17",
        "IpAddress": "::ffff:10.20.30.33",
        "Status": "0x0",
    }
    return Example(
        "9f2c66b0d1a44e07a1b2c3d4", "security-controllers.jsonl", 6_210, values, True, tree
    )


def sample_report(*, signed: bool = False) -> Report:
    """Return the report before its signature, or after everything was settled and signed."""
    text = TEXT.replace("TicketEncryption:", "TicketEncryptionType:") if signed else TEXT
    artifact = Artifact(PATH, "sigma", text)
    digest = artifact.digest
    outcomes = tuple(o for o in _outcomes() if not signed or o.check != "unknown-field")
    draft = Draft(
        PATH,
        "sigma",
        "offline",
        BRIEF,
        Artifact(PATH, "sigma", TEXT).digest,
        "2026-11-23T09:02:10Z",
        sources=("ATT&CK 18.1 T1558.003 (MITRE terms)", "log source windows_security"),
        open_questions=("4769 does not say whether the account is an administrator: which group?",),
        unused_words=("non-admin",),
    )
    person = "detections@corp.example"
    waived = Verdict(f"{PATH}#missing-threat-model", Decision.ACCEPT_RISK,
        "covered by the domain threat model review of October", person, WHEN, digest)  # fmt: skip
    corpus = Verdict(f"{PATH}#duplicate-rule", Decision.DISMISS, "first rule of this repository",
        person, WHEN, digest)  # fmt: skip
    steps = (
        Step(
            "2026-11-23T09:01:58Z", "ingest", "45,601 events of 5 files, 5 rejected", 1, "5be0" * 16
        ),
        Step("2026-11-23T09:02:10Z", "draft", "offline, from the brief", 2, "91ac" * 16),
        Step("2026-11-23T09:04:31Z", "baseline", "182 matches over 7.0 days", 3, "07f3" * 16),
        Step(WHEN, "triage", "missing-threat-model: accept-risk", 4, "c4d2" * 16),
    )
    cards = {o.check: ("Says what the check looks at, in a sentence.", CARD) for o in outcomes}
    work = Work(artifact, draft, outcomes, (waived, corpus) if signed else (waived,))
    report = Report(
        work,
        "Many Kerberos service tickets from one workstation",
        "2026-11-23T09:15:00Z",
        cards,
        _histories(digest),
        _example(),
        RuleTests(
            "rules/kerberoasting.tests.yml",
            (
                TestCase("one workstation asks for many", True, "offline", True),
                TestCase("a computer account renews", False, "offline", True),
            ),
        ),
        steps,
        remarks=("5 lines of system.jsonl were rejected at ingest",),
    )
    if not signed:
        return report
    print_ = "SHA256:0nXvSgQ4n7V0mWzqk3ff0Tn3c9m1m0C2b8E1s7k3Jd4"
    signature = Signature(person, print_, "ab" * 32, WHEN)
    verified = Verified(person, print_, WHEN, f"{PATH}.statement.json", f"{PATH}.sig",
        ".undersign/allowed_signers")  # fmt: skip
    return replace(report, work=replace(work, signature=signature), verified=verified)
