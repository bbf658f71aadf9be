"""Source files at head, as a review reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def unsafe(path: str) -> str:
    """Say why a path that somebody else wrote may not be opened; empty when it may."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\\" in path or "\0" in path or ":" in parts[0]:
        return "its name is no relative path"
    if ".." in parts:
        return "its name leads outside the repository"
    if any(part.lower() == ".git" for part in parts):
        return "its name leads into git's own folder"
    return ""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One text file. Nothing in it is ever imported or run."""

    path: str
    """Relative to the root of the repository, with forward slashes."""
    text: str
    """Decoded as UTF-8 with every newline kept; bytes that are none became U+FFFD, and
    `problem` says so."""
    digest: str
    """Hex SHA-256 of its bytes."""
    language: str = ""
    """`python`, `javascript`, `typescript`, `tsx`, `go`, `java`; empty for any other."""
    labels: tuple[str, ...] = ()
    """`test`, `fixture`, `generated`, `vendored`, `documentation`: they are shown and hide nothing.
    """
    problem: str = ""
    """What of it cannot be read, in words; empty when all can."""


@dataclass(frozen=True, slots=True)
class Code:
    """The ground `Code`: the files that were read, and which others there are."""

    files: Mapping[str, SourceFile]
    paths: frozenset[str] = frozenset()
    """Every path at head, read or not."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Path -> why it was not read."""

    def file(self, path: str) -> SourceFile | None:
        """Return a file that was read."""
        return self.files.get(path)
