"""The report of one artifact: everything said about exactly this text, gathered for a reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from undersign.errors import UndersignError
from undersign.languages.sigma.document import SigmaFile
from undersign.records.history import Histories, History
from undersign.records.report import Example, Report, Step, Verified
from undersign.records.rule_tests import RuleTests
from undersign.workspace import files, ledgerbook, signoff
from undersign.workspace.beside import Beside
from undersign.workspace.grounds import GroundKeeper, Subject
from undersign.workspace.knowledge import cards_for
from undersign.workspace.review import Wanted, checked, subject_of
from undersign.workspace.workspace import Workspace

_MOST_STEPS = 200


def report(workspace: Workspace, path: Path, *, now: datetime) -> Report:
    """Gather the report of one artifact. Raises BadInput when the artifact cannot be read."""
    subject = subject_of(path, workspace)
    keeper = GroundKeeper(workspace, history=True, now=now)
    keeper.prepare([subject])
    grounds = keeper.grounds(subject)
    measured = grounds.by_type.get(Histories)
    histories = tuple(measured.by_document.values()) if measured else ()
    signature = _signature(workspace, path)
    return Report(
        work=checked(subject, grounds, Wanted()),
        title=_title(subject),
        made_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        cards={name: (card.summary, card.text) for name, card in cards_for(subject.artifact.kind)},
        histories=histories,
        example=_example(workspace, path, histories),
        tests=grounds.by_type.get(RuleTests),
        steps=tuple(_steps(workspace, subject.artifact.path)),
        verified=signature.verified,
        voided=signature.voided,
        remarks=signature.remarks,
    )


def _title(subject: Subject) -> str:
    """Return what the file is about: its correlation's title, else that of its first rule."""
    file = subject.parsed
    documents = (*file.correlations, *file.documents) if isinstance(file, SigmaFile) else ()
    return next((d.title for d in documents if d.title), subject.artifact.path)


def _example(workspace: Workspace, path: Path, histories: tuple[History, ...]) -> Example | None:
    """Explain the earliest match, preferring one behind an alert to one of a noisy selection."""
    from undersign.workspace.explaining import why

    sample = next((h.sample for h in reversed(histories) if h.sample), None)
    if not sample:
        return None
    event = workspace.lake.event(sample[0])
    if event is None:
        return None
    answer = why(workspace, path, sample[0], None)
    shown = {k: v for k, v in event.items() if not k.startswith("_")}
    return Example(
        event_id=sample[0],
        origin=str(event.get("_origin", "")),
        line=int(event.get("_line", 0)),
        values=shown,
        matches=answer["matches"],
        tree=answer["tree"],
    )


def _steps(workspace: Workspace, path: str) -> Iterator[Step]:
    if not workspace.declared:
        return
    for entry in ledgerbook.show(workspace, None, _MOST_STEPS):
        if entry.subject in ("", path):
            yield Step(entry.at, entry.kind, entry.summary, entry.seq, entry.digest)


class _Signature(NamedTuple):
    verified: Verified | None = None
    voided: str = ""
    remarks: tuple[str, ...] = ()


def _signature(workspace: Workspace, path: Path) -> _Signature:
    beside = Beside(path)
    if not beside.signature.is_file():
        return _Signature()
    try:
        found = signoff.verify(workspace, [path], None)[0]
    except UndersignError as wrong:
        return _Signature(remarks=(f"The signature could not be verified: {wrong.message}.",))
    if not found.valid or found.statement is None:
        return _Signature(voided=found.detail)
    author = found.statement["author_of_record"]
    return _Signature(
        Verified(
            signer=author["principal"],
            key_fingerprint=author["key_fingerprint"],
            signed_at=str(found.signed_at),
            statement_path=files.relative(beside.statement, workspace.root),
            signature_path=files.relative(beside.signature, workspace.root),
            allowed_signers_path=files.relative(workspace.config.allowed_signers, workspace.root),
        ),
        remarks=tuple(f"About the signature: {remark}." for remark in found.remarks),
    )
