"""Write papers of an incident: never over a person's signature or words without being told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from undersign.errors import UsageError
from undersign.records.artifact import Draft
from undersign.workspace import files, ledgerbook
from undersign.workspace.beside import Beside, Record, record_text
from undersign.workspace.workspace import Workspace


def write_papers(
    workspace: Workspace,
    texts: Mapping[Path, str],
    drafts: Mapping[Path, Draft],
    *,
    now: datetime,
    replace: bool = False,
) -> None:
    """Write papers and the record of who drafted each, all or none, and note them in the ledger.

    Raises UsageError when one is signed, or was changed since it was drafted, unless `replace`.
    """
    if not replace:
        for path in drafts:
            _refuse_loss(path)
    every = dict(texts)
    for path, draft in drafts.items():
        every[Beside(path).record] = record_text(Record(draft))

    def note() -> None:
        for draft in drafts.values():
            body = {"subject": draft.path, "kind": draft.kind, "drafter": draft.drafter}
            ledgerbook.note(
                workspace, "draft", {**body, "artifact_digest": draft.artifact_digest}, now=now
            )

    files.write_all(every, note)


def _refuse_loss(path: Path) -> None:
    from undersign.workspace.beside import read_record

    beside = Beside(path)
    if not path.exists():
        return
    if beside.signature.exists():
        raise UsageError(
            f"{path} is signed; a new one would void the signature", hint="--replace does it anyway"
        )
    kept = read_record(beside.record)
    from hashlib import sha256

    if kept.draft is None or kept.draft.artifact_digest != sha256(path.read_bytes()).hexdigest():
        raise UsageError(
            f"{path} was edited since it was drafted", hint="--replace writes it anew anyway"
        )
    if kept.verdicts:
        raise UsageError(
            f"{path} has verdicts of people; a new text would void them",
            hint="--replace writes it anew anyway",
        )
