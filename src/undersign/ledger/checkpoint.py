"""Signed checkpoints: what makes a cut or rewritten ledger visible.

1. A checkpoint of size n is the RFC 6962 tree hash over the digests of entries 1 to n.
2. It is a text note after C2SP's tlog-checkpoint (origin, size, root, then lines of our own),
   with an SSH signature beside it: `N.txt` and `N.sig`.
3. The note and its signature also stand in the ledger, as entry of kind `checkpoint`.
4. Every note, from wherever, must be signed and its root must recompute from today's chain.
5. A note without an entry, or an entry without a note, is a trouble too.
6. Entries after the newest checkpoint have the chain alone. Checkpoints that nobody copied out
   of reach (a commit, a colleague) fall with the ledger: whoever can delete both hides a cut.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from undersign.errors import StorageError, UsageError, VerificationFailed
from undersign.ledger import signing
from undersign.ledger.canonical import read_rfc3339, rfc3339
from undersign.ledger.event_log import EventLog, Trouble
from undersign.ledger.keys import Key
from undersign.ledger.merkle import Tree

_SIZE = re.compile(r"[1-9][0-9]{0,17}")
_HEAD = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says of the ledger."""

    origin: str
    """Names the ledger, one line: `undersign/WORKSPACE`."""
    size: int
    """Entries covered, from the first."""
    root: bytes
    """RFC 6962 tree hash, 32 bytes."""
    head: str
    """Hex digest of the last entry covered."""
    time: str
    """RFC 3339, UTC."""
    signer: str
    """Principal of the allowed signers file."""

    def note(self) -> str:
        """Return the text that is signed."""
        root = base64.b64encode(self.root).decode()
        own = (f"time {self.time}", f"head {self.head}", f"signer {self.signer}")
        return "\n".join((self.origin, str(self.size), root, *own, ""))


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who seals the ledger."""

    principal: str
    key: Key
    origin: str


class _Note(NamedTuple):
    source: str
    text: str
    signature: str


def read_note(text: str) -> Checkpoint:
    """Read a checkpoint's note; raises VerificationFailed for anything `note` does not write."""
    lines = text.split("\n")
    try:
        origin, size, root, time, head, signer, end = lines
        found = Checkpoint(
            origin=origin,
            size=int(size) if _SIZE.fullmatch(size) else 0,
            root=base64.b64decode(root, validate=True),
            head=head.removeprefix("head "),
            time=time.removeprefix("time "),
            signer=signer.removeprefix("signer "),
        )
        read_rfc3339(found.time)
    except (ValueError, binascii.Error) as odd:
        raise VerificationFailed(f"the checkpoint is malformed: {odd}") from odd
    whole = not end and found.size and len(found.root) == 32 and _HEAD.fullmatch(found.head)
    printable = found.origin.isprintable() and found.signer.isprintable()
    if not whole or not printable or found.note() != text:
        raise VerificationFailed("the checkpoint is malformed")
    return found


def seal(log: EventLog, folder: Path, by: Sealer, *, now: datetime) -> Checkpoint:
    """Sign a checkpoint over every entry so far, keep it as files and enter it in the ledger.

    Raises UsageError for an empty ledger and StorageError when a file cannot be written.
    """
    for name in (by.origin, by.principal):
        if not name.strip() or not name.isprintable():
            raise UsageError(f"{name!r} cannot stand in a checkpoint")
    found = _measure(log, by, now)
    note = found.note()
    signature = signing.sign(note.encode(), by.key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The signature first: a note is never there without it.
        _write_whole(folder / f"{found.size}.sig", signature)
        _write_whole(folder / f"{found.size}.txt", note)
    except OSError as error:
        raise StorageError(f"cannot keep the checkpoint in {folder}: {error.strerror}") from error
    log.append("checkpoint", {"size": found.size, "note": note, "signature": signature}, now=now)
    return found


def verify(
    log: EventLog, folder: Path, allowed_signers: str, *, now: datetime
) -> Iterator[Trouble]:
    """Yield everything wrong with the chain and with every checkpoint, in files or in the ledger.

    Keys must have been valid at the time a checkpoint names, which must not be after `now`. Raises
    StorageError when a file cannot be read and BadInput for a bad allowed signers line.
    """
    yield from log.verify()
    files, entries = dict(_from_files(folder)), list(_from_entries(log))
    yield from _unpaired(folder)
    yield from _compared(files, entries)
    good: list[Checkpoint] = []
    for size, note in (*files.items(), *entries):
        try:
            good.append(_checked(size, note, allowed_signers, now))
        except VerificationFailed as wrong:
            yield Trouble(f"checkpoint {size}", f"{note.source}: {wrong}")
    yield from _against_chain(log, good)


def _measure(log: EventLog, by: Sealer, now: datetime) -> Checkpoint:
    tree, head = Tree(), b""
    for head in log.digests():
        tree.add(head)
    if not tree.size:
        raise UsageError("the ledger is empty: there is nothing to seal yet")
    time = rfc3339(now)
    return Checkpoint(by.origin, tree.size, tree.root(), head.hex(), time, by.principal)


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _from_files(folder: Path) -> Iterator[tuple[int, _Note]]:
    for path in sorted(folder.glob("*.txt")):
        beside = path.with_suffix(".sig")
        if _SIZE.fullmatch(path.stem) and beside.is_file():
            yield int(path.stem), _Note(path.name, _read(path), _read(beside))


def _from_entries(log: EventLog) -> Iterator[tuple[int, _Note]]:
    for entry in log.entries("checkpoint"):
        size, note, signature = (entry.body.get(k) for k in ("size", "note", "signature"))
        source = f"entry {entry.seq}"
        yield (
            size if isinstance(size, int) else 0,
            _Note(source, _text(note), _text(signature)),
        )


def _unpaired(folder: Path) -> Iterator[Trouble]:
    for path in sorted((*folder.glob("*.txt"), *folder.glob("*.sig"))):
        other = path.with_suffix(".sig" if path.suffix == ".txt" else ".txt")
        if not _SIZE.fullmatch(path.stem):
            yield Trouble("ledger", f"{path.name} is no checkpoint and should not be there")
        elif not other.is_file():
            yield Trouble(f"checkpoint {path.stem}", f"{other.name} is missing")


def _compared(files: dict[int, _Note], entries: list[tuple[int, _Note]]) -> Iterator[Trouble]:
    known: dict[int, set[str]] = {}
    for size, note in entries:
        known.setdefault(size, set()).add(note.text)
    for size in sorted(files.keys() | known.keys()):
        where = f"checkpoint {size}"
        if size not in known:
            yield Trouble(
                where,
                f"the ledger does not know it: entries from {size + 1} on were removed, or making "
                "it was interrupted (then make it again)",
            )
        elif size not in files:
            yield Trouble(where, f"its file {size}.txt is missing")
        elif files[size].text not in known[size]:
            yield Trouble(where, "its file and its entry in the ledger differ")


def _checked(size: int, note: _Note, allowed_signers: str, now: datetime) -> Checkpoint:
    found = read_note(note.text)
    at = read_rfc3339(found.time)
    data = note.text.encode()
    signing.verify(data, note.signature, allowed_signers, at=at, principal=found.signer)
    if found.size != size:
        raise VerificationFailed(f"it is of size {found.size}: it stands in the wrong place")
    if at > now:
        raise VerificationFailed(f"it says it was made at {found.time}, which is yet to come")
    return found


def _against_chain(log: EventLog, checkpoints: Iterable[Checkpoint]) -> Iterator[Trouble]:
    wanted: dict[int, list[Checkpoint]] = {}
    for found in checkpoints:
        wanted.setdefault(found.size, []).append(found)
    tree = Tree()
    for digest in log.digests():
        tree.add(digest)
        for found in wanted.pop(tree.size, ()):
            if (tree.root(), digest.hex()) != (found.root, found.head):
                message = "the entries it covers were rewritten: its root does not recompute"
                yield Trouble(f"checkpoint {found.size}", message)
    for size in sorted(wanted):
        cut = f"the ledger was cut: it covers {size} entries, only {tree.size} are left"
        yield Trouble(f"checkpoint {size}", cut)


def _read(path: Path) -> str:
    try:
        # Bytes, not text mode: a changed line end is a change.
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
