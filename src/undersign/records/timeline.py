"""A timeline: the entries of one incident in order, its milestones, and what is missing from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from undersign.records.claim import Claim, Entry
from undersign.records.evidence import Source


class Mark(StrEnum):
    """A milestone of an incident, in the order they usually come."""

    BEGAN = "began"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    DECLARED = "declared"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone, and the claim that shows it; or why none is named."""

    mark: Mark
    claim: str | None = None
    """Id of the claim; None when the rules abstain."""
    time: datetime | None = None
    """UTC."""
    reason: str = ""
    """The words that show it, or why nobody could tell."""
    by: str = "offline"
    """`person:NAME` when a person set it, which no rule overrules."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of an incident in which a source, or every source, says nothing."""

    source: str
    """Name of a source; empty for all of them."""
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known of an incident, each claim with its evidence."""

    ground = "a timeline"

    incident: str
    """Short name; its folder."""
    title: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    """By start, then by address."""
    claims: tuple[Claim, ...] = ()
    """Claims that stand at no line of their own: derived measures, inferences, judgements."""
    milestones: tuple[Milestone, ...] = ()
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()
    duplicates: int = 0
    """Lines that say the same as another of the same moment, told once."""
    left_out: int = 0
    """Lines outside `--since`, `--until`; they were read and are in no entry."""
    evidence_digest: str = ""
    """Hex SHA-256 of the bytes of `evidence.jsonl` beside it."""
    drafter: str = "offline"

    def every_claim(self) -> Iterator[Claim]:
        """Yield the claims of the entries, then the others."""
        for entry in self.entries:
            yield entry.claim
        yield from self.claims

    def claim(self, claim_id: str) -> Claim | None:
        """Return a claim by its id."""
        return next((one for one in self.every_claim() if one.id == claim_id), None)

    def time_of(self, claim_id: str) -> datetime | None:
        """Return when a claim says that something was so, UTC: its entry's start, or its slot.

        None for a claim that says no time.
        """
        for entry in self.entries:
            if entry.claim.id == claim_id:
                return entry.start
        claim = self.claim(claim_id)
        written = claim.slots.get("time", "") if claim else ""
        try:
            found = datetime.fromisoformat(written)
        except ValueError:
            return None
        return found.astimezone(UTC) if found.tzinfo else None


@dataclass(frozen=True, slots=True)
class TimelineFile:
    """A timeline as it was read from its file."""

    timeline: Timeline
    problems: tuple[str, ...] = ()
    """What could not be read, each with its place in the file."""

    @property
    def unreadable(self) -> bool:
        """Whether part of the file could not be read."""
        return bool(self.problems)
