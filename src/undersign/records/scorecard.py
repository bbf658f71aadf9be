"""What became of drafts, and what that says of their drafters: figures with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of a draft."""

    SIGNED = "signed"
    REJECTED = "rejected"
    """A person said that it is not worth keeping, or withdrew the signature."""
    REPLACED = "replaced"
    """Drafted anew at the same path before anybody signed it."""
    ASKED = "asked"
    """A query that was asked in a hunt: nobody signs those one by one."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class DraftLife:
    """One draft from its brief to its end, as the ledger tells it; None is not recorded."""

    subject: str
    kind: str
    drafter: str
    at: datetime
    """When it was drafted, UTC."""
    artifact_digest: str
    findings: Mapping[str, int] | None = None
    """Severity -> findings of the first checks."""
    invented: int | None = None
    repaired: bool | None = None
    seconds: float | None = None
    """From the brief to the draft on disk."""
    tokens: int | None = None
    cost_usd: float | None = None
    fate: Fate = Fate.OPEN
    minutes_to_signature: float | None = None
    edit_distance: float | None = None
    """0: signed as drafted; 1: nothing of it was kept."""
    lines_changed: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure over some drafts."""

    name: str
    statistic: str
    """`share`, `mean` or `median`."""
    measured: int
    """Drafts that it rests on."""
    missing: int
    """Drafts for which nobody recorded it."""
    value: float | None = None
    """None when too few were measured to say."""
    low: float | None = None
    """Bounds of the 95% interval."""
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One drafter at one kind of artifact in one period."""

    drafter: str
    kind: str
    period: str
    """`2026-11`, `2026-W48`, or empty for all."""
    drafts: int
    fates: Mapping[str, int]
    """Fate -> drafts; every fate is there."""
    measures: tuple[Measure, ...]
    cost_usd: float | None
    """Sum over the drafts whose cost is known; None when none is."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two drafters at one kind of artifact, by one measure."""

    kind: str
    measure: str
    lower: str | None
    """The drafter with the lower figure; None when the interval of the difference holds 0."""
    first: str
    second: str
    difference: float
    """Figure of `first` less that of `second`, with its 95% interval."""
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The whole page."""

    rows: tuple[ScoreRow, ...]
    comparisons: tuple[Comparison, ...]
    drafts: int
    since: datetime | None = None
    until: datetime | None = None
