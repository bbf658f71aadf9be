"""The artifact: one plain file of the user's repository, and who or what drafted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of an artifact's text. Lines and columns count from 1; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file under review: a rule, a query, a runbook."""

    path: str
    """Relative to the workspace, with forward slashes; absolute only when it lies outside."""
    kind: str
    """The name of a row of KINDS, such as `sigma`."""
    text: str
    """The whole file, newlines untouched, decoded as UTF-8."""

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the file's bytes; every outcome, verdict and signature is bound to it."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Draft:
    """The record kept beside a drafted artifact: who or what wrote it, from what."""

    path: str
    kind: str
    drafter: str
    """`offline`, `anthropic:MODEL`, `command:...` or `person:NAME`."""
    brief: str
    artifact_digest: str
    """Hex SHA-256 of the text as drafted; a person's later edits change the file, not this."""
    drafted_at: str
    """RFC 3339, UTC."""
    sources: tuple[str, ...] = ()
    """What the drafter leaned on: neighbouring rules, catalog entries; each with its licence."""
    open_questions: tuple[str, ...] = ()
    unused_words: tuple[str, ...] = ()
    """Words of the brief that shaped nothing in the draft."""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """What the drafter understood: technique, source, actor, filter, count, group-by, window."""
    calls: tuple[str, ...] = ()
    """Ids of the calls in the ledger that it came of; none for the offline drafter."""
    repaired: bool = False
    """Whether the drafter was asked once more with what was found in its first answer."""
