"""Hunt files on disk: found, read, and changed one writer at a time, so that no entry is lost."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from undersign.errors import BadInput, StorageError, UsageError
from undersign.records.hunt import Hunt
from undersign.surfaces.hunt import hunt_file
from undersign.surfaces.hunt.journal import slug
from undersign.workspace import files, ledgerbook
from undersign.workspace.workspace import Workspace

_LOCK = "hunts.lock"
_CURRENT = "current_hunt"
_PATIENCE = 20.0
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """A hunt and its file."""

    hunt: Hunt
    path: str
    """As `files.relative` names it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a hunt, and what the ledger says of it."""

    did: str
    """One word: `new`, `ask`, `note`, `close`, `handoff`, `rerun`, `import`."""
    make: Callable[[Hunt], Hunt]
    now: datetime
    body: Mapping[str, Any]


class _Moved(Exception):
    """Somebody saved the file while it was being changed."""


def paths(workspace: Workspace) -> tuple[Path, ...]:
    """Return the hunt files of the workspace, by name."""
    folder = workspace.config.hunts
    return tuple(sorted(folder.glob(f"*{hunt_file.SUFFIX}"))) if folder.is_dir() else ()


def find(workspace: Workspace, named: str | None) -> Path:
    """Return the file of the hunt called `named` (its id, or its path), else of the current one.

    Raises UsageError when there is none, or several of this id.
    """
    if named is None:
        path = current(workspace)
        if path is None:
            raise UsageError(
                "no hunt is open here", hint="begin one with: undersign hunt new TITLE"
            )
        return path
    direct = Path(named)
    if named.endswith(hunt_file.SUFFIX) and direct.is_file():
        return direct
    wanted = named.zfill(4) if named.isdecimal() else named
    found = [p for p in paths(workspace) if _id_of(p).lower() == wanted.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(files.relative(p, workspace.root) for p in found)
        raise UsageError(f"several hunts have the id {wanted}: {names}", hint="name the file")
    raise UsageError(f"no hunt is called {named!r}", hint="list them with: undersign hunt list")


def _id_of(path: Path) -> str:
    return path.name.partition("-")[0].removesuffix(hunt_file.SUFFIX)


def read(workspace: Workspace, path: Path) -> Kept:
    """Read one hunt. Raises BadInput, located, when it cannot be read."""
    name = files.relative(path, workspace.root)
    return Kept(hunt_file.read(files.read_text(path), name), name)


def current(workspace: Workspace) -> Path | None:
    """Return the file of the hunt that new entries go to; None when there is none."""
    try:
        name = (workspace.state / _CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):  # none was opened on this machine
        return None
    path = workspace.root / name
    return path if name and path.is_file() else None


def make_current(workspace: Workspace, path: Path) -> None:
    """Send new entries to this hunt from now on, on this machine."""
    files.write(workspace.state / _CURRENT, files.relative(path, workspace.root) + "\n")


def add(workspace: Workspace, make: Callable[[str], Hunt], now: datetime) -> Kept:
    """Keep a new hunt under the next free number, which `make` is handed."""
    workspace.require_declared()
    with _only_writer(workspace):
        taken = [int(i) for i in map(_id_of, paths(workspace)) if i.isdecimal()]
        hunt = make(f"{max(taken, default=0) + 1:04}")
        path = path_of(workspace, hunt)
        kept = Kept(hunt, files.relative(path, workspace.root))
        text = _bounded(hunt, kept.path)
        change = Change("new", lambda same: same, now, {"title": hunt.title})
        files.write_all({path: text}, lambda: _tell(workspace, kept, text, change))
    return kept


def add_all(workspace: Workspace, hunts: Iterable[Hunt], now: datetime) -> tuple[Kept, ...]:
    """Keep hunts that have ids already, all or none; those whose id is taken are left out."""
    workspace.require_declared()
    with _only_writer(workspace):
        taken = {_id_of(path).lower() for path in paths(workspace)}
        fresh = {h.id.lower(): h for h in hunts if h.id.lower() not in taken}
        texts = {path_of(workspace, h): h for h in fresh.values()}
        kept = tuple(Kept(h, files.relative(p, workspace.root)) for p, h in texts.items())
        if kept:
            body = {"did": "import", "hunts": len(kept), "first": kept[0].hunt.id}
            files.write_all(
                {p: _bounded(h, p.name) for p, h in texts.items()},
                lambda: ledgerbook.note(workspace, "hunt", body, now=now),
            )
    return kept


def path_of(workspace: Workspace, hunt: Hunt) -> Path:
    """Return where a new hunt is kept."""
    return workspace.config.hunts / f"{hunt.id}-{slug(hunt.title)}{hunt_file.SUFFIX}"


def change(
    workspace: Workspace, path: Path, what: Change, beside: Mapping[Path, str] | None = None
) -> Kept:
    """Change a hunt and write it whole or not at all, with files `beside` it or none of them.

    The file is read again when somebody else saved it meanwhile. Raises what `what.make` raises,
    StorageError when the disk is full or another process does not let go of the hunts.
    """
    workspace.require_declared()
    with _only_writer(workspace):
        for _ in range(_TRIES):
            before = files.read_text(path)
            name = files.relative(path, workspace.root)
            kept = Kept(what.make(hunt_file.read(before, name)), name)
            text = _bounded(kept.hunt, name)
            writer = _Confirm(workspace, path, before, kept, text, what)
            try:
                files.write_all({**(beside or {}), path: text}, writer)
            except _Moved:
                continue
            return kept
    raise StorageError(f"{path}: is being saved by something else over and over")


@dataclass(frozen=True, slots=True)
class _Confirm:
    """Lets a write through only when the file is still the one that was read."""

    workspace: Workspace
    path: Path
    before: str
    kept: Kept
    text: str
    what: Change

    def __call__(self) -> None:
        if files.read_text(self.path) != self.before:
            raise _Moved
        _tell(self.workspace, self.kept, self.text, self.what)


def tell(
    workspace: Workspace, path: Path, did: str, body: Mapping[str, Any], now: datetime
) -> None:
    """Note in the ledger what was done with a hunt that did not change it."""
    name = files.relative(path, workspace.root)
    ledgerbook.note(workspace, "hunt", {"subject": name, "did": did, **body}, now=now)


def _tell(workspace: Workspace, kept: Kept, text: str, what: Change) -> None:
    digest = sha256(text.encode()).hexdigest()
    body = {"subject": kept.path, "did": what.did, **what.body, "artifact_digest": digest}
    ledgerbook.note(workspace, "hunt", body, now=what.now)


def _bounded(hunt: Hunt, name: str) -> str:
    text = hunt_file.write(hunt)
    if len(text.encode()) > files.MAX_ARTIFACT_BYTES:
        raise BadInput(
            f"would grow beyond {files.MAX_ARTIFACT_BYTES // 1024 // 1024} MiB",
            path=name,
            hint="close this hunt and begin another",
        )
    return text


@contextmanager
def _only_writer(workspace: Workspace) -> Iterator[None]:
    path = workspace.state / _LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    with lock:
        _wait_for(lock)
        yield


def _wait_for(lock: IO[str]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            if time.monotonic() >= deadline:
                raise StorageError(
                    "another process is writing hunts", hint="wait for it to end and run this again"
                ) from busy
            time.sleep(0.02)
        else:
            return
