"""What a check says: found, clean, or not run because something it needs is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from undersign.records.artifact import Span


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """The artifact does not do what it says; a person must give a verdict before signing."""
    WARNING = "warning"
    """It probably does not do what its author wants."""
    NOTE = "note"
    """Worth a look; never changes an exit code."""


class Status(StrEnum):
    """The three outcomes of a check; there is no fourth."""

    FOUND = "found"
    CLEAN = "clean"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a check found, before it is tied to an artifact; what check functions yield."""

    message: str
    span: Span | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able proof: counts, sample values, event ids."""
    suggestion: str | None = None
    severity: Severity | None = None
    """Overrides the check's own severity when this one case is better or worse."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw that speaks for the claim it verifies; it may be yielded beside faults."""

    message: str
    span: Span | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able proof: the steps of a path, where a name is defined."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one artifact, with an id that a verdict can name."""

    id: str
    check: str
    code: str
    severity: Severity
    message: str
    span: Span | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check said of one artifact."""

    check: str
    code: str
    status: Status
    needs: tuple[str, ...] = ()
    """Grounds that were missing, such as `History`; only when not run."""
    reason: str | None = None
    """Why the check could not run, in one sentence with the next step; only when not run."""
    findings: tuple[Finding, ...] = ()
    seen: tuple[Seen, ...] = ()
    """What speaks for the claim; a clean outcome may have some."""

    @property
    def words(self) -> str:
        """What it found and saw, in one line; why it could not tell when it did not run."""
        said = [*(f.message for f in self.findings), *(s.message for s in self.seen)]
        return "; ".join(said) or self.reason or ""


def finding_id(path: str, check: str, message: str, nth: int = 0) -> str:
    """Name a finding so that it survives edits elsewhere in the file: ten hex digits.

    `nth` tells apart findings of one check with the same message.
    """
    return sha256("\x1f".join((path, check, message, str(nth))).encode()).hexdigest()[:10]
