"""Triage, sign and verify artifacts of a workspace: the files around the pure steps."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undersign import __version__
from undersign.checks.spec import Grounds
from undersign.errors import BadInput, UsageError, VerificationFailed
from undersign.records.history import Histories
from undersign.records.rule_tests import RuleTests
from undersign.records.work import Decision, Verdict, Work
from undersign.workspace import files, keyring, ledgerbook
from undersign.workspace.beside import Beside, Record, read_record, record_text
from undersign.workspace.grounds import GroundKeeper, Subject
from undersign.workspace.review import Wanted, checked, ids, review, subject_of
from undersign.workspace.scorecard import edited
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.ledger.event_log import EventLog
    from undersign.ledger.statement import CatalogEdition, LedgerHead
    from undersign.workflow.sign import Surroundings

AskPassphrase = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Given:
    """Verdicts that were just given, and what the artifact still waits for."""

    verdicts: tuple[Verdict, ...]
    still_open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedOff:
    """An artifact that was just signed."""

    path: str
    signer: str
    fingerprint: str
    statement: dict[str, Any]
    command: str
    """How anyone verifies the signature without Undersign."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether one artifact's sign-off holds."""

    path: str
    valid: bool
    signer: str | None
    statement: dict[str, Any] | None
    detail: str
    """Who signed and when, or what does not hold, in one line."""
    signed_at: str | None = None
    """RFC 3339, UTC; None when the signature does not hold."""
    remarks: tuple[str, ...] = ()
    """What the signature holds without: not looked at, or not covered by it."""


def triage(  # noqa: PLR0913 - a verdict has these parts
    workspace: Workspace, target: str, verdict: str, reason: str, *, person: str, now: datetime
) -> Given:
    """Give a person's verdict, keep it in the artifact's record and in the ledger.

    Raises UsageError for an id nothing here has, an empty reason, or a person who drafted it.
    """
    from undersign.workflow.triage import triage as give

    workspace.require_declared()
    from undersign.workspace.reviewing import judging

    if (place := judging.review_with(workspace, target)) is not None:
        word = judging.word_of(verdict, reason, person, now)
        verdict_given, still_open = judging.judged(workspace, *place, word, now=now)
        return Given((verdict_given,), still_open)
    if Decision(verdict) is Decision.LOOKED:
        raise UsageError(
            f"{target} is no area of a review", hint="undersign triage 'reviews/NAME.sarif#design'"
        )
    path = workspace.root / _path_of(workspace, target, now)
    work = review(workspace, [path], Wanted(), now=now)[0]
    about = work.artifact.path if _is_file(workspace, target) else target
    judging.refuse_own_checks(work, about)
    done = give(work, about, Decision(verdict), reason, person, now)
    beside = Beside(path)
    kept = read_record(beside.record)
    record = Record(kept.draft, (*kept.verdicts, *done.verdicts))
    files.write_all(
        {beside.record: record_text(record)}, lambda: _note(workspace, work, done.verdicts, now)
    )
    return Given(done.verdicts, done.work.open_items())


def _note(workspace: Workspace, work: Work, verdicts: tuple[Verdict, ...], now: datetime) -> None:
    for one in verdicts:
        body = {"subject": work.artifact.path, "artifact_digest": one.artifact_digest}
        said = {"target": one.target, "decision": str(one.decision), "reason": one.reason}
        ledgerbook.note(workspace, "triage", {**body, **said, "person": one.person}, now=now)


def _path_of(workspace: Workspace, target: str, now: datetime) -> str:
    path, hash_mark, _ = target.rpartition("#")
    if hash_mark:
        return files.relative(_existing(workspace, path), workspace.root)
    if _is_file(workspace, target):
        return files.relative(_existing(workspace, target), workspace.root)
    known = ids(workspace)
    if target not in known:
        review(workspace, [workspace.root], Wanted(history=workspace.has_lake), now=now)
        known = ids(workspace)
    if target not in known:
        raise UsageError(
            f"no finding here has the id {target!r}",
            hint="ids come from: undersign check PATH --json; an edit of the text changes them",
        )
    return known[target]


def _is_file(workspace: Workspace, written: str) -> bool:
    return any(path.is_file() for path in _candidates(workspace, written))


def _candidates(workspace: Workspace, written: str) -> tuple[Path, Path]:
    return workspace.root / written, Path(written)


def _existing(workspace: Workspace, written: str) -> Path:
    for path in _candidates(workspace, written):
        if path.is_file():
            return path
    raise UsageError(f"{written}: no such artifact in {workspace.root}")


def sign(  # noqa: PLR0913 - all of it is what a person says on signing
    workspace: Workspace,
    path: Path,
    *,
    key: str | None,
    threat_model: str | None,
    person: str,
    now: datetime,
    passphrase: AskPassphrase | None = None,
) -> SignedOff:
    """Check an artifact afresh and sign it: statement and signature beside it, entry in the ledger.

    Raises SigningRefused with every reason and the next command for each.
    """
    from undersign.ledger.sign_off import sign_body
    from undersign.ledger.statement import read as read_statement
    from undersign.workflow.sign import sign as seal

    workspace.require_declared()
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    held = keyring.key(workspace, key, passphrase)
    subject = subject_of(path, workspace)
    keeper = GroundKeeper(workspace, history=True, now=now)
    keeper.prepare([subject])
    grounds = keeper.grounds(subject)
    work = checked(subject, grounds, Wanted())
    around = _surroundings(workspace, subject, grounds, threat_model)
    done = seal(work, person, held, around, now=now)
    beside = Beside(path)
    texts = {beside.statement: done.statement.decode(), beside.signature: done.signature}
    body = sign_body(done.statement) | edited(workspace, work.draft, work.artifact.text)
    files.write_all(
        {**texts, **signed_text(workspace, work)},
        lambda: ledgerbook.note(workspace, "sign", body, now=now),
    )
    signature = done.work.signature
    assert signature is not None
    return SignedOff(
        path=work.artifact.path,
        signer=person,
        fingerprint=signature.key_fingerprint,
        statement=dict(read_statement(done.statement).predicate),
        command=ssh_command(workspace, beside, person),
        warnings=(
            *_warnings(workspace, beside, person, held.public.line()),
            *_unnoted(workspace, work),
        ),
    )


def _surroundings(
    workspace: Workspace, subject: Subject, grounds: Grounds, threat_model: str | None
) -> Surroundings:
    from undersign.ledger.statement import Tool
    from undersign.workflow.sign import Surroundings

    histories = grounds.by_type.get(Histories)
    return Surroundings(
        tool=Tool("undersign", __version__),
        tests=grounds.by_type.get(RuleTests),
        tests_digest=_digest(Beside(subject.path).tests),
        baseline=tuple(histories.by_document.values()) if histories else (),
        catalogs=_editions(grounds),
        snapshot=workspace.lake.snapshot() if workspace.has_lake else None,
        ledger=_head(workspace),
        threat_model=threat_model or cited_threat_model(subject),
    )


def _editions(grounds: Grounds) -> tuple[CatalogEdition, ...]:
    """Return the packaged catalogs, and those of a threat model in the editions used here."""
    from undersign.catalogs import references
    from undersign.catalogs.load import catalogs, referred
    from undersign.ledger.statement import CatalogEdition

    used = {one.name: one.edition for one in catalogs()}
    known = grounds.by_type.get(references.References)
    if known is not None:
        used |= {one.name: one.edition for one in referred(known, packaged=references.load())}
    return tuple(CatalogEdition(name, edition) for name, edition in used.items())


def cited_threat_model(subject: Subject) -> str | None:
    """Return the threat model that the artifact itself names under `undersign: threat_model`."""
    for document in getattr(subject.parsed, "documents", ()):
        ours = document.data.get("undersign")
        cited = ours.get("threat_model") if isinstance(ours, dict) else None
        if isinstance(cited, str) and cited.strip():
            return cited.strip()
    return None


def _digest(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _head(workspace: Workspace) -> LedgerHead | None:
    from undersign.ledger.statement import LedgerHead

    head = workspace.ledger.head()
    return LedgerHead(head.seq, head.digest) if head else None


def signed_text(workspace: Workspace, work: Work) -> dict[Path, str]:
    """Return the files of the text as signed: `baseline` says what a later version changes."""
    folder = workspace.state / "signed"
    name = sha256(work.artifact.path.encode()).hexdigest()[:16]
    return {
        folder / f"{work.artifact.digest}.txt": work.artifact.text,
        folder / f"{name}.latest": work.artifact.digest,
    }


def ssh_command(workspace: Workspace, beside: Beside, principal: str) -> str:
    """Return the ssh-keygen command that verifies the signature, to be run in the workspace."""
    parts = ["ssh-keygen", "-Y", "verify", "-f"]
    parts += [files.relative(workspace.config.allowed_signers, workspace.root)]
    parts += ["-I", principal, "-n", "undersign/v1"]
    parts += ["-s", files.relative(beside.signature, workspace.root)]
    return f"{shlex.join(parts)} < {shlex.quote(files.relative(beside.statement, workspace.root))}"


def _unnoted(workspace: Workspace, work: Work) -> Iterator[str]:
    """Say which verdicts this ledger does not know: given elsewhere, or typed into the record."""
    if work.artifact.kind == "review":
        yield from _unnoted_in_review(workspace, work)
    entries = workspace.ledger.entries("triage", work.artifact.path)
    noted = {(e.body.get("target"), e.body.get("person"), e.body.get("reason")) for e in entries}
    for verdict in work.verdicts:
        if (verdict.target, verdict.person, verdict.reason) not in noted:
            yield f"the verdict of {verdict.person} on {verdict.target} is not in this ledger"


def _unnoted_in_review(workspace: Workspace, work: Work) -> Iterator[str]:
    from undersign.surfaces.review.review_file import read
    from undersign.workspace.reviewing.judging import unnoted

    review = read(work.artifact.text).review
    if review is not None:
        yield from unnoted(workspace, review, work.artifact.path)


def _warnings(
    workspace: Workspace, beside: Beside, person: str, public_line: str
) -> tuple[str, ...]:
    try:
        found = _verify_files(workspace, beside, keyring.allowed_signers(workspace, None))
        trouble = "" if found.valid else found.detail
    except UsageError as wrong:
        trouble = wrong.message
    if not trouble:
        return ()
    line = f'{person} namespaces="undersign/v1" {public_line}'
    where = files.relative(workspace.config.allowed_signers, workspace.root)
    return (f"nobody can verify this yet: {trouble}; who may sign stands in {where}: {line}",)


def verify(workspace: Workspace, paths: Iterable[Path], allowed: str | None) -> list[Verified]:
    """Verify the sign-off of every artifact named or found below a folder.

    Raises UsageError for a path that does not exist or when nobody may sign here.
    """
    signers = keyring.allowed_signers(workspace, allowed)
    return [_verify_files(workspace, Beside(path), signers) for path in files.find(paths)]


def _verify_files(workspace: Workspace, beside: Beside, allowed: str) -> Verified:
    from undersign.ledger import sign_off
    from undersign.ledger.statement import read as read_statement

    path = files.relative(beside.artifact, workspace.root)
    if not (beside.statement.is_file() and beside.signature.is_file()):
        return Verified(path, False, None, None, "unsigned")
    try:
        statement = beside.statement.read_bytes()
        found = sign_off.SignedFiles(
            artifact=beside.artifact.read_bytes(),
            statement=statement,
            signature=beside.signature.read_text(encoding="ascii", errors="replace"),
            tests=beside.tests.read_bytes() if beside.tests.is_file() else None,
            path=path if workspace.declared else None,
        )
        said = read_statement(statement)
        ledger = _ledger_of(workspace, said.ledger)
        signer = sign_off.verify(found, allowed, ledger=ledger)
    except VerificationFailed as wrong:
        return Verified(path, False, None, None, str(wrong))
    remarks: tuple[str, ...] = () if ledger else ("the ledger it was signed in is not here",)
    remarks += _verdicts_changed(beside.record, said.verdicts)
    detail = f"signed by {signer.principal} at {said.signed_at} ({signer.fingerprint})"
    return Verified(
        path,
        True,
        signer.principal,
        dict(said.predicate),
        "; ".join((detail, *remarks)),
        said.signed_at,
        remarks,
    )


def _verdicts_changed(record: Path, signed: tuple[Verdict, ...]) -> tuple[str, ...]:
    """Say when the record does not hold exactly the verdicts that the statement was signed with."""
    try:
        now = read_record(record).verdicts
    except BadInput as damaged:
        return (str(damaged),)
    return () if now == signed else (f"the verdicts in {record.name} are not those it signed",)


def _ledger_of(workspace: Workspace, head: LedgerHead | None) -> EventLog | None:
    """Return this workspace's ledger when it is the one the statement was made in.

    A colleague who verifies has another one, which rightly knows nothing of the signing; whether
    one's own ledger was tampered with is what `undersign log verify` says.
    """
    if head is None or not (workspace.declared and (workspace.state / "ledger.db").exists()):
        return None
    entry = workspace.ledger_to_read.entry(head.seq)
    return workspace.ledger_to_read if entry and entry.digest == head.digest else None
