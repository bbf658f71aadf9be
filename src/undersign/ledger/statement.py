"""The statement a person signs: an in-toto Statement v1 about one artifact, in canonical JSON.

The predicate (`https://undersign.dev/sign-off/v1`) holds everything that was said about exactly
this text: who signs, who drafted, every check with its outcome, every verdict, the tests, the
measured history, the threat model or its waiver. https://github.com/in-toto/attestation (spec/v1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from undersign.errors import VerificationFailed
from undersign.ledger.canonical import canonical, plain, read_canonical
from undersign.ledger.shape import HEX_DIGEST, Matching, OneOf, Time, expect
from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.history import History
from undersign.records.rule_tests import RuleTests
from undersign.records.work import Decision, Verdict, Work

TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://undersign.dev/sign-off/v1"


@dataclass(frozen=True, slots=True)
class Citation:
    """The threat model that asks for this artifact."""

    citation: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person's word that no threat model is needed here."""

    reason: str
    person: str
    at: str
    """RFC 3339, UTC."""


@dataclass(frozen=True, slots=True)
class CatalogEdition:
    """A catalog the checks compared with."""

    name: str
    edition: str


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The newest ledger entry when the statement was made."""

    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Tool:
    """The program that made the statement."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What goes into a statement."""

    work: Work
    principal: str
    """The author of record, as in the allowed signers file."""
    key_fingerprint: str
    threat_model: Citation | Waiver | None
    """None for what no threat model can ask for: the papers of an incident."""
    signed_at: str
    """RFC 3339, UTC."""
    tool: Tool
    tests: RuleTests | None = None
    tests_digest: str | None = None
    """Hex SHA-256 of the tests file's bytes; None when there is no such file."""
    baseline: tuple[History, ...] = ()
    """One for each rule of the file that was measured."""
    catalogs: tuple[CatalogEdition, ...] = ()
    snapshot: str | None = None
    ledger: LedgerHead | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was read and found to be well-formed."""

    path: str
    artifact_digest: str
    tests_path: str | None
    tests_digest: str | None
    principal: str
    key_fingerprint: str
    drafter: str | None
    signed_at: str
    outcomes: tuple[Outcome, ...]
    """Without spans and evidence, which the statement leaves to the artifact and the lake."""
    verdicts: tuple[Verdict, ...]
    threat_model: Citation | Waiver | None
    ledger: LedgerHead | None
    predicate: Mapping[str, Any]
    """Everything, as written."""


def build(facts: Facts) -> bytes:
    """Write the statement; raises BadInput for a text or number that JSON cannot hold."""
    artifact = facts.work.artifact
    subject = [_subject(artifact.path, artifact.digest)]
    if facts.tests and facts.tests_digest:
        subject.append(_subject(facts.tests.path, facts.tests_digest))
    statement = {
        "_type": TYPE,
        "subject": subject,
        "predicateType": PREDICATE_TYPE,
        "predicate": _predicate(facts),
    }
    return canonical(statement)


def read(data: bytes) -> Statement:
    """Read a statement strictly; raises VerificationFailed for anything `build` does not write."""
    try:
        found = read_canonical(data)
        expect(found, _STATEMENT, "statement")
        if not 1 <= len(found["subject"]) <= 2:
            raise ValueError("statement.subject must be the artifact and perhaps its tests file")
        return _statement(found["subject"], found["predicate"])
    except (ValueError, KeyError) as odd:
        raise VerificationFailed(f"this is no sign-off statement: {odd}", part="statement") from odd


def _subject(path: str, digest: str) -> dict[str, Any]:
    return {"name": path, "digest": {"sha256": digest}}


def _predicate(facts: Facts) -> dict[str, Any]:
    draft = facts.work.draft
    return {
        "author_of_record": {
            "principal": facts.principal,
            "key_fingerprint": facts.key_fingerprint,
        },
        "drafted_by": None
        if draft is None
        else {
            "drafter": draft.drafter,
            "drafted_at": draft.drafted_at,
            "artifact_digest": draft.artifact_digest,
            "sources": list(draft.sources),
            "open_questions": list(draft.open_questions),
            "unused_words": list(draft.unused_words),
        },
        "brief": draft.brief if draft else None,
        "checks": [_outcome(outcome) for outcome in facts.work.outcomes],
        "verdicts": plain(facts.work.verdicts),
        "tests": _tests(facts.tests),
        "baseline": plain(facts.baseline) or None,
        "threat_model": _threat_model(facts.threat_model),
        "catalogs": plain(facts.catalogs),
        "snapshot": facts.snapshot,
        "ledger": plain(facts.ledger),
        "signed_at": facts.signed_at,
        "tool": plain(facts.tool),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "check": outcome.check,
        "code": outcome.code,
        "status": outcome.status.value,
        "needs": list(outcome.needs),
        "reason": outcome.reason,
        "findings": [
            {"id": f.id, "severity": f.severity.value, "message": f.message}
            for f in outcome.findings
        ],
    }


def _tests(tests: RuleTests | None) -> dict[str, Any] | None:
    if tests is None:
        return None
    cases = [
        {k: getattr(c, k) for k in ("name", "expect_match", "passed", "written_by")}
        for c in tests.cases
    ]
    return {"path": tests.path, "cases": cases}


def _threat_model(model: Citation | Waiver | None) -> dict[str, Any] | None:
    if model is None:
        return None
    return {"citation": model.citation} if isinstance(model, Citation) else {"waiver": plain(model)}


_TEXTS: Final = [str]
_VERDICT: Final = {
    "target": str,
    "decision": OneOf(tuple(d.value for d in Decision)),
    "reason": Matching(r"(?s).*\S.*"),
    "person": Matching(r"(?s).*\S.*"),
    "at": Time(),
    "artifact_digest": HEX_DIGEST,
}
_OUTCOME: Final = {
    "check": str,
    "code": str,
    "status": OneOf(tuple(s.value for s in Status)),
    "needs": _TEXTS,
    "reason": OneOf((None, str)),
    "findings": [{"id": str, "severity": OneOf(tuple(s.value for s in Severity)), "message": str}],
}
_DRAFTED: Final = {
    "drafter": str,
    "drafted_at": str,
    "artifact_digest": HEX_DIGEST,
    "sources": _TEXTS,
    "open_questions": _TEXTS,
    "unused_words": _TEXTS,
}
_CASE: Final = {"name": str, "expect_match": bool, "passed": bool, "written_by": str}
_STATEMENT: Final = {
    "_type": TYPE,
    "subject": [{"name": str, "digest": {"sha256": HEX_DIGEST}}],
    "predicateType": PREDICATE_TYPE,
    "predicate": {
        "author_of_record": {"principal": str, "key_fingerprint": Matching(r"SHA256:\S{43}")},
        "drafted_by": OneOf((None, _DRAFTED)),
        "brief": OneOf((None, str)),
        "checks": [_OUTCOME],
        "verdicts": [_VERDICT],
        "tests": OneOf((None, {"path": str, "cases": [_CASE]})),
        "baseline": OneOf((None, [dict])),
        "threat_model": OneOf(
            (
                None,
                {"citation": Matching(r"(?s).*\S.*")},
                {"waiver": {"reason": str, "person": str, "at": Time()}},
            )
        ),
        "catalogs": [{"name": str, "edition": str}],
        "snapshot": OneOf((None, str)),
        "ledger": OneOf((None, {"seq": int, "digest": HEX_DIGEST})),
        "signed_at": Time(),
        "tool": {"name": str, "version": str},
    },
}


def _statement(subject: Sequence[Mapping[str, Any]], said: Mapping[str, Any]) -> Statement:
    tests = subject[1] if len(subject) == 2 else None
    if tests and (said["tests"] or {}).get("path") != tests["name"]:
        raise ValueError("its second subject is not its tests file")
    author, drafted, head = said["author_of_record"], said["drafted_by"], said["ledger"]
    return Statement(
        path=subject[0]["name"],
        artifact_digest=subject[0]["digest"]["sha256"],
        tests_path=tests["name"] if tests else None,
        tests_digest=tests["digest"]["sha256"] if tests else None,
        principal=author["principal"],
        key_fingerprint=author["key_fingerprint"],
        drafter=drafted["drafter"] if drafted else None,
        signed_at=said["signed_at"],
        outcomes=tuple(_read_outcome(outcome) for outcome in said["checks"]),
        verdicts=tuple(_read_verdict(verdict) for verdict in said["verdicts"]),
        threat_model=_read_threat_model(said["threat_model"]),
        ledger=LedgerHead(**head) if head else None,
        predicate=said,
    )


def _read_outcome(said: Mapping[str, Any]) -> Outcome:
    check, code = said["check"], said["code"]
    findings = (
        Finding(f["id"], check, code, Severity(f["severity"]), f["message"])
        for f in said["findings"]
    )
    status, needs = Status(said["status"]), tuple(said["needs"])
    return Outcome(check, code, status, needs, said["reason"], tuple(findings))


def _read_verdict(said: Mapping[str, Any]) -> Verdict:
    verdict = Verdict(**said)
    return replace(verdict, decision=Decision(verdict.decision))


def _read_threat_model(said: Mapping[str, Any] | None) -> Citation | Waiver | None:
    if said is None:
        return None
    return Citation(said["citation"]) if "citation" in said else Waiver(**said["waiver"])
