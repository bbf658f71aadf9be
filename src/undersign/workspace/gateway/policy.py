"""The policy a running gateway judges by, taken up anew when one of its files changes.

Every request asks `Standing.now`, which looks at the files' times and sizes: no more than that
while nothing changes. A policy that cannot be used any more stops every request until it is mended.
It is never replaced by the one before it, nor by the built-in one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from undersign.errors import BadInput, UndersignError
from undersign.workspace.config import CONFIG_NAME
from undersign.workspace.policing import POLICY_NAME, detector_of, policy_of
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.policy.guard import Guard
    from undersign.policy.policy import Policy
    from undersign.policy.vault import Vault

_SAME_TIME = 2.0
"""Seconds after a change in which the files' contents are compared, and not their times alone: two
changes can fall into one tick of a disk's clock (two seconds on FAT)."""
_AGAIN = 1.0
"""Seconds between attempts to read a policy that could not be used: what it misses may be a file
that nobody knew of before."""
_STEADY = 5
"""Attempts to read files that change while they are read."""

Contents = Mapping[Path, str]
"""Hex SHA-256 of each file that a policy is made of; empty where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Policing:
    """One policy, and what judges and hides by it."""

    guard: Guard
    policy: Policy
    lists: str
    """Hex SHA-256 of what it reads besides `policy.yml`: files it names, ranges of [estate]; empty
    for none."""


class Unusable(Exception):
    """The policy cannot be used: nothing may leave. Says where, without a word of the policy."""


class Standing:
    """Keeps the policy of a workspace up to date; safe for threads.

    `tell` hands the operator one line whenever the policy was taken up or cannot be used.
    """

    def __init__(self, workspace: Workspace, vault: Vault, tell: Callable[[str], None]) -> None:
        """Read the policy; raises BadInput when it cannot be used."""
        self.vault = vault
        self._root = workspace.root
        self._tell = tell
        self._lock = Lock()
        self._needed: frozenset[Path] = frozenset()
        self._broken: str | None = None
        """What clients are told while the policy cannot be used."""
        self._told = ""
        self._again = 0.0
        self.last, self._contents = self._read()
        """The last policy that could be used: to name clients by, never to judge by."""
        self._marks = _marks(self._contents)
        self._compare_until = time.monotonic() + _SAME_TIME
        self._needed = frozenset(path for path, digest in self._contents.items() if digest)

    def now(self) -> Policing:
        """Return the policy as it is on the disk; blocks while a changed one is read.

        Raises Unusable when there is none that could be judged by.
        """
        with self._lock:
            if self._changed():
                self._take_up()
            if self._broken is not None:
                raise Unusable(self._broken)
            return self.last

    def _changed(self) -> bool:
        marks, now = _marks(self._contents), time.monotonic()
        if marks != self._marks:
            self._marks, self._compare_until = marks, now + _SAME_TIME
        elif self._broken is not None and now >= self._again:
            return True
        elif now >= self._compare_until:
            return False
        return _contents(self._contents) != self._contents

    def _take_up(self) -> None:
        before, self._again = self.last, time.monotonic() + _AGAIN
        try:
            self.last, self._contents = self._read()
        except (UndersignError, OSError) as error:
            self._contents = _contents(self._contents)
            self._stop(error)
            return
        self._marks = _marks(self._contents)
        self._compare_until = time.monotonic() + _SAME_TIME
        self._needed |= {path for path, digest in self._contents.items() if digest}
        if self._broken is not None or _named(before) != _named(self.last):
            self._tell(f"policy taken up: {told(self.last)}")
        self._broken, self._told = None, ""

    def _stop(self, error: UndersignError | OSError) -> None:
        line = str(error) if isinstance(error, UndersignError) else str(error.strerror)
        place = f", line {error.line}" if isinstance(error, BadInput) and error.line else ""
        name = Path(error.path).name if isinstance(error, BadInput) and error.path else POLICY_NAME
        self._broken = (
            f"the policy cannot be used any more ({name}{place}): nothing is sent until whoever "
            "runs this gateway has mended it"
        )
        if line != self._told:
            self._told = line
            self._tell(f"every request is refused until the policy is mended: {line}")

    def _read(self) -> tuple[Policing, Contents]:
        """Read everything, all of it as it was at one time."""
        for _ in range(_STEADY):
            # Anew: a workspace remembers its configuration.
            workspace = Workspace(self._root)
            self._require()
            contents = _contents(_files(self._root, policy_of(workspace)))
            policy = policy_of(workspace)
            policing = self._policing(workspace, policy, contents)
            if _contents(_files(self._root, policy)) == contents:
                return policing, contents
        raise BadInput("it changes all the time", path=str(self._root / POLICY_NAME))

    def _require(self) -> None:
        # Without its file the built-in policy would hold, or an estate without ranges: looser ones.
        for name in (POLICY_NAME, CONFIG_NAME):
            path = self._root / name
            if path in self._needed and not path.is_file():
                hint = "put it back, or start the gateway again to do without it"
                raise BadInput("is gone", path=str(path), hint=hint)

    def _policing(self, workspace: Workspace, policy: Policy, contents: Contents) -> Policing:
        from undersign.policy.guard import Guard

        guard = Guard(policy, detector_of(workspace, policy), self.vault.tokens)
        return Policing(guard, policy, _lists(workspace, contents))


def told(policing: Policing) -> str:
    """Name a policy for the operator by its digests."""
    lists = f" with lists {policing.lists}" if policing.lists else ""
    return f"{policing.policy.digest}{lists}"


def _named(policing: Policing) -> tuple[str, str, str]:
    return policing.policy.path, policing.policy.digest, policing.lists


def _files(root: Path, policy: Policy) -> Sequence[Path]:
    named = [name for names in policy.word_files.values() for name in names]
    lists = [root / name for name in (*named, policy.gitleaks) if name]
    return (root / POLICY_NAME, root / CONFIG_NAME, *dict.fromkeys(lists))


def _lists(workspace: Workspace, contents: Contents) -> str:
    from undersign.ledger.canonical import canonical

    own = (workspace.root / POLICY_NAME, workspace.root / CONFIG_NAME)
    files = {
        path.relative_to(workspace.root).as_posix(): digest
        for path, digest in contents.items()
        if path not in own
    }
    estate = workspace.config.estate
    ranges = [str(one) for one in estate.corporate] if estate else []
    return sha256(canonical([files, ranges])).hexdigest() if files or ranges else ""


def _contents(paths: Sequence[Path] | Contents) -> Contents:
    return {path: _digest(path) for path in paths}


def _digest(path: Path) -> str:
    try:
        # A pipe in its place would be waited for, and every request with it.
        return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


def _marks(paths: Contents) -> tuple[tuple[int, ...], ...]:
    return tuple(map(_mark, paths))


def _mark(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    times = (stat.st_mtime_ns, stat.st_ctime_ns)
    return (*times, stat.st_size, stat.st_ino, stat.st_dev, stat.st_mode)
