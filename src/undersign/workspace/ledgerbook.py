"""The ledger of a workspace: entries written by every verb, shown, verified, sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from undersign.errors import NoWorkspace
from undersign.workspace import keyring
from undersign.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry, for people."""

    seq: int
    at: str
    kind: str
    subject: str
    summary: str
    digest: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """Whether the chain and its checkpoints hold."""

    valid: bool
    entries: int
    checkpoints: int
    troubles: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint that was just signed."""

    path: str
    size: int
    root: str
    signer: str


def note(workspace: Workspace, kind: str, body: Mapping[str, Any], *, now: datetime) -> int | None:
    """Append one entry; returns its number, or None in a folder that is no workspace."""
    if not workspace.declared:
        return None
    return workspace.ledger.append(kind, body, now=now).seq


def show(workspace: Workspace, subject: str | None, limit: int) -> list[ShownEntry]:
    """Return the newest entries, oldest first."""
    entries = list(workspace.ledger_to_read.entries(subject=subject)) if _begun(workspace) else []
    return [
        ShownEntry(
            seq=e.seq,
            at=e.at,
            kind=e.kind,
            subject=str(e.body.get("subject", "")),
            summary=_call(e.body) if e.kind == "call" else _summary(e.body),
            digest=e.digest,
            body=e.body,
        )
        for e in entries[-limit:]
    ]


def _begun(workspace: Workspace) -> bool:
    workspace.require_declared()
    return (workspace.state / "ledger.db").exists()


def _summary(body: Mapping[str, Any]) -> str:
    parts = [str(body["subject"])] if body.get("subject") else []
    parts += [
        f"{key}={value}"
        for key, value in body.items()
        if key != "subject" and isinstance(value, str | int) and len(str(value)) <= 72
    ]
    return " ".join(parts)


def _call(body: Mapping[str, Any]) -> str:
    """Write a step of a call as a sentence: what went where, by which rule, and how it ended."""
    went = f"{body['subject']} {body.get('step')}: {body.get('kind')} to {body.get('drafter')}"
    classes = body.get("classes")
    held = [f"{name} {n}" if n else name for name, n in classes.items()] if classes else []
    usage = body.get("usage") or {}
    parts = (
        f"{went} for {body.get('purpose')}",
        f"{body.get('ruling')} by {body.get('rule')}" if body.get("rule") else "",
        f"data: {', '.join(held)}" if held else "",
        f"yes of {body['consent']}" if body.get("consent") else "",
        "second attempt" if body.get("attempt") == 2 else "",
        f"answered by {body['answered_by']}" if body.get("answered_by") else "",
        f"{usage['tokens_out']} tokens out" if usage.get("tokens_out") is not None else "",
        str(body.get("error") or ""),
    )
    return "; ".join(filter(None, parts))


def verify(workspace: Workspace, allowed: str | None, *, now: datetime) -> LedgerReport:
    """Verify the chain from its stored bytes, and every checkpoint against it.

    A workspace with checkpoints but no ledger has lost it, and that is a trouble, not emptiness.
    """
    from undersign.ledger import checkpoint

    workspace.require_declared()
    sealed = len(list(workspace.checkpoints.glob("*.txt"))) if workspace.checkpoints.is_dir() else 0
    if not _begun(workspace):
        gone = ("the ledger is gone, but it was sealed",) if sealed else ()
        return LedgerReport(not gone, 0, sealed, gone, "no ledger here yet")
    signers = keyring.allowed_signers(workspace, allowed) if sealed or allowed else ""
    troubles = tuple(
        str(t)
        for t in checkpoint.verify(
            workspace.ledger_to_read, workspace.checkpoints, signers, now=now
        )
    )
    head = workspace.ledger_to_read.head()
    entries = head.seq if head else 0
    verdict = counted(len(troubles), "trouble") if troubles else "whole"
    unsealed = "no checkpoint yet: a cut tail cannot show"
    seals = counted(sealed, "signed checkpoint") if sealed else unsealed
    summary = f"{counted(entries, 'entry', 'entries')}, {seals}: {verdict}"
    return LedgerReport(not troubles, entries, sealed, troubles, summary)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun; without `many` the plural is made with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def checkpoint(
    workspace: Workspace,
    *,
    key: str | None,
    person: str,
    now: datetime,
    passphrase: Callable[[str], str] | None = None,
) -> Sealed:
    """Sign the head of the ledger and keep the checkpoint as files that belong into git."""
    from undersign.ledger.checkpoint import Sealer, seal

    if not _begun(workspace):
        raise NoWorkspace("the ledger is empty: there is nothing to seal yet")
    by = Sealer(
        principal=person,
        key=keyring.key(workspace, key, passphrase),
        origin=f"undersign/{workspace.root.name}",
    )
    done = seal(workspace.ledger, workspace.checkpoints, by, now=now)
    path = workspace.checkpoints / f"{done.size}.txt"
    return Sealed(
        path=path.relative_to(workspace.root).as_posix(),
        size=done.size,
        root=done.root.hex(),
        signer=person,
    )
