"""Whether a sign-off still holds: the signature, what it says, and the files it is about.

1. The statement must be one that `statement.build` writes, and must itself be ready to sign:
   nothing open, no failed test, no word of the drafter's own.
2. The signature must be over exactly this statement, by the key and the person it names.
3. The artifact, and the tests file if one was signed, must be the very bytes.
4. When a ledger is at hand it must hold the signing, not withdrawn since, and the entry that
   was newest when the statement was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from undersign.errors import VerificationFailed
from undersign.ledger import signing
from undersign.ledger.canonical import read_rfc3339
from undersign.ledger.event_log import EventLog
from undersign.ledger.signing import Signer
from undersign.ledger.statement import Citation, Statement, Waiver, read
from undersign.records.artifact import Artifact
from undersign.records.person import is_drafter_name, same_person
from undersign.records.work import Work

THREAT_MODEL_CHECK = "missing-threat-model"
_PAPERS = ("timeline.json", "clocks.json", "postmortem.md", ".notice.md")
"""The check that a cited threat model answers, and whose verdict is the waiver."""


@dataclass(frozen=True, slots=True)
class SignedFiles:
    """A sign-off as it lies on the disk."""

    artifact: bytes
    statement: bytes
    signature: str
    """Armored, of the statement."""
    tests: bytes | None = None
    """The tests file as it is now; None when there is none."""
    path: str | None = None
    """Where the artifact lies in its workspace; None when that is not known."""


def verify(
    files: SignedFiles,
    allowed_signers: str,
    *,
    at: datetime | None = None,
    ledger: EventLog | None = None,
) -> Signer:
    """Return who signed, or raise VerificationFailed whose `part` says what does not hold.

    `at` is the time the key must be valid at; None takes the time the statement names, as git does
    for commits. Raises BadInput for a bad allowed signers line and StorageError for a ledger that
    cannot be read.
    """
    said = read(files.statement)
    signer = _signed(files, said, allowed_signers, at or read_rfc3339(said.signed_at))
    _same_files(files, said)
    _ready(said, files.artifact)
    if ledger is not None:
        _in_ledger(files.statement, said, ledger)
    return signer


def sign_body(statement: bytes) -> dict[str, Any]:
    """Return the body of the `sign` entry that `verify` looks for."""
    said = read(statement)
    return {
        "subject": said.path,
        "statement_digest": sha256(statement).hexdigest(),
        "artifact_digest": said.artifact_digest,
        "signer": said.principal,
        "key_fingerprint": said.key_fingerprint,
    }


def void_body(statement: bytes, person: str, reason: str) -> dict[str, Any]:
    """Return the body of a `void` entry, with which a person withdraws a sign-off."""
    return {
        "subject": read(statement).path,
        "statement_digest": sha256(statement).hexdigest(),
        "person": person,
        "reason": reason,
    }


def _signed(files: SignedFiles, said: Statement, allowed: str, at: datetime) -> Signer:
    try:
        signer = signing.verify(
            files.statement, files.signature, allowed, at=at, principal=said.principal
        )
    except VerificationFailed as wrong:
        raise VerificationFailed(f"signature: {wrong.message}", part="signature") from wrong
    if signer.fingerprint != said.key_fingerprint:
        other = f"made with {signer.fingerprint}, the statement names {said.key_fingerprint}"
        raise VerificationFailed(f"signature: {other}", part="signature")
    return signer


def _same_files(files: SignedFiles, said: Statement) -> None:
    if files.path is not None and files.path != said.path:
        raise VerificationFailed(
            f"statement: it is about {said.path}, not {files.path}", part="statement"
        )
    if sha256(files.artifact).hexdigest() != said.artifact_digest:
        raise VerificationFailed(
            "artifact: edited after signing, so it is unsigned",
            part="artifact",
            hint="check it and sign it again",
        )
    if said.tests_digest is None:
        return
    if files.tests is None or sha256(files.tests).hexdigest() != said.tests_digest:
        state = "gone" if files.tests is None else "edited after signing"
        raise VerificationFailed(f"tests: {said.tests_path} is {state}", part="tests")


def _ready(said: Statement, artifact: bytes) -> None:
    reason = _why_unready(said, artifact)
    if reason:
        raise VerificationFailed(f"statement: {reason}", part="statement")


def _why_unready(said: Statement, artifact: bytes) -> str | None:
    if not said.outcomes:
        return "it says of no check that it was run"
    failed = [
        c["name"] for c in (said.predicate["tests"] or {}).get("cases", ()) if not c["passed"]
    ]
    if failed:
        return f"it says that the test {failed[0]!r} failed"
    drafters = [p for p in _people(said) if not _may_speak(p, said.drafter)]
    if drafters:
        return f"{drafters[0]!r} drafted this and may not have a say in its sign-off"
    # Bytes that are no UTF-8 cannot be what a verdict was given for: its digest will differ.
    text = artifact.decode(errors="replace")
    work = Work(Artifact(said.path, "", text), outcomes=said.outcomes, verdicts=said.verdicts)
    answered = (
        f"{said.path}#{THREAT_MODEL_CHECK}" if isinstance(said.threat_model, Citation) else ""
    )
    if said.threat_model is None and wants_threat_model(said.path):
        return "it cites no threat model"
    left = [item for item in work.open_items() if item != answered]
    return f"it leaves {left[0]} open" if left else None


def wants_threat_model(path: str) -> bool:
    """Tell whether a threat model can ask for this artifact: the papers of an incident tell what
    happened, and are asked for by nothing but the incident.
    """
    return not path.endswith(_PAPERS)


def _people(said: Statement) -> list[str]:
    waived = [said.threat_model.person] if isinstance(said.threat_model, Waiver) else []
    return [said.principal, *waived, *(verdict.person for verdict in said.verdicts)]


def _may_speak(person: str, drafter: str | None) -> bool:
    return not is_drafter_name(person) and (drafter is None or not same_person(person, drafter))


def _in_ledger(statement: bytes, said: Statement, ledger: EventLog) -> None:
    digest = sha256(statement).hexdigest()
    signed = [e for e in ledger.entries("sign", said.path) if _names(e.body, digest)]
    if not signed:
        raise VerificationFailed("ledger: it has no entry of this signing", part="ledger")
    for entry in ledger.entries("void", said.path):
        if _names(entry.body, digest) and entry.seq > signed[-1].seq:
            who, why = entry.body.get("person"), entry.body.get("reason")
            raise VerificationFailed(
                f"ledger: withdrawn at {entry.at} by {who}: {why}", part="ledger"
            )
    head = ledger.entry(said.ledger.seq) if said.ledger else None
    if said.ledger and (head is None or head.digest != said.ledger.digest):
        raise VerificationFailed(
            f"ledger: entry {said.ledger.seq} is not the one the statement names", part="ledger"
        )


def _names(body: Mapping[str, Any], digest: str) -> bool:
    return body.get("statement_digest") == digest
