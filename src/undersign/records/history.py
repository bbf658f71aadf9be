"""What a rule did on real history: the measured result of `baseline`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Rate:
    """Matches per day with a 95% interval."""

    mean: float
    low: float
    high: float
    method: str
    """`poisson`: the exact interval of Garwood for counts."""


@dataclass(frozen=True, slots=True)
class Contributor:
    """One value of one field and how many of the matches carry it."""

    field: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A filter that would quieten a rule, and what it would cost."""

    field: str
    value: str
    removes: int
    """Matches of the history it would remove."""
    loses: tuple[str, ...]
    """True-positive events (names of test cases) that it would lose; empty is what one wants."""


@dataclass(frozen=True, slots=True)
class ThresholdProposal:
    """A correlation threshold derived from history, never invented."""

    value: int
    percentile: float
    """The percentile of per-group, per-window counts it came from, e.g. 99.9."""
    observed_max: int
    groups: int
    windows: int
    alerts_per_day: float
    """How often the proposed threshold would have fired on this history."""
    distribution: tuple[tuple[int, int], ...] = ()
    """(count, windows of a group that had exactly so many), by count; the percentile is of it."""


@dataclass(frozen=True, slots=True)
class History:
    """A rule measured over the lake. `unmeasured` is not zero: a field or source was not there."""

    path: str
    title: str
    artifact_digest: str
    status: str
    """`measured` or `unmeasured`."""
    missing: tuple[str, ...] = ()
    """Fields or sources that history lacks, and what could not be evaluated, each a sentence."""
    matches: int = 0
    per_day: Mapping[str, int] = field(default_factory=dict)
    """ISO date (UTC) -> matches; events without a time count under `undated`."""
    per_host: Mapping[str, int] = field(default_factory=dict)
    rate_per_day: Rate | None = None
    events: int = 0
    """Events of the rule's log source that were looked at."""
    days: float = 0.0
    """Length of the looked-at history in days, at least 1."""
    first: str | None = None
    last: str | None = None
    top: tuple[Contributor, ...] = ()
    sample: tuple[str, ...] = ()
    """Ids of some matching events, earliest first."""
    threshold: ThresholdProposal | None = None
    exclusions: tuple[Exclusion, ...] = ()
    selection_matches: Mapping[str, int] = field(default_factory=dict)
    """Events matched by each named selection of the rule on its own."""
    previous: Mapping[str, Any] = field(default_factory=dict)
    """Matches of the last signed version and the difference: {digest, matches, added, removed}."""
    snapshot: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Histories:
    """The histories of one file's documents: the ground `History` of checks."""

    ground: ClassVar[str] = "History"
    """What people and `needs` call this ground."""
    by_document: Mapping[int, History] = field(default_factory=dict)
    """Index of a document in its file, from 0 -> its history; filters have none."""
