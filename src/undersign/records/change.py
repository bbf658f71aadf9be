"""What a change did to which files: the ground that a finding of a review must stand on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileStatus(StrEnum):
    """What became of a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    """Under another name, and perhaps with other lines."""
    COPIED = "copied"
    MODE = "mode"
    """Nothing but its mode: made executable, or turned into a link."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a change."""

    path: str
    """At head, relative to the root of the repository, with forward slashes; of a deleted file
    the path it had."""
    status: FileStatus
    old_path: str | None = None
    """Of a renamed or copied file."""
    added: tuple[tuple[int, int], ...] = ()
    """First and last line, both inclusive, of every run of lines that are new at head, in order."""
    removed: int = 0
    """Lines that are gone."""
    binary: bool = False
    mode: str = ""
    """`100644 -> 100755` when the mode changed."""
    remark: str = ""
    """What of it cannot be looked at, and why; empty when all can."""

    def has(self, first: int, last: int) -> bool:
        """Say whether any line from `first` to `last` is new."""
        return any(low <= last and first <= high for low, high in self.added)

    @property
    def added_count(self) -> int:
        """How many lines are new."""
        return sum(high - low + 1 for low, high in self.added)


@dataclass(frozen=True, slots=True)
class Change:
    """A diff between two states of a repository."""

    base: str
    """What it is compared with: a revision, or `-` for a diff that does not say."""
    head: str
    """A revision, or words for what is not committed."""
    files: tuple[FileChange, ...]
    remarks: tuple[str, ...] = ()
    """What of the diff could not be read, each with its place in it."""

    def file(self, path: str) -> FileChange | None:
        """Return what became of the file that has this path at head."""
        return next((f for f in self.files if f.path == path), None)
