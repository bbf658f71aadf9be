"""Claims: what is said of an incident, typed by how it is known, and the entries made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from undersign.records.evidence import Precision


class ClaimKind(StrEnum):
    """How a claim is known."""

    OBSERVED = "observed"
    """Its slots stand in the evidence it cites; its words are rendered from them."""
    DERIVED = "derived"
    """Computed from other claims: a duration, a count. Nobody types it."""
    INFERENCE = "inference"
    """Somebody's or something's conclusion; marked as such until a person signs."""
    JUDGEMENT = "judgement"
    """A person's assessment: severity, awareness, materiality. Never a machine's."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing said."""

    id: str
    """`C1`, `C2` ... unique in the incident."""
    kind: ClaimKind
    evidence: tuple[str, ...] = ()
    """Addresses of what shows it."""
    claims: tuple[str, ...] = ()
    """Ids of the claims it is derived or concluded from."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """For observed: roles of `records.evidence.ROLES`, `time` (RFC 3339), `outcome`, `count`,
    `author`, `quote`. For derived: `measure` (`ttd`, `tta`, `ttm`, `ttr`), `seconds`, `count`."""
    text: str = ""
    """Free words, of inferences and judgements only; attacker-controlled."""
    by: str = "offline"
    """`offline`, a drafter's name or `person:NAME`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline: when, and the claim that is told there."""

    claim: Claim
    start: datetime
    """UTC."""
    end: datetime | None = None
    """The last time, when the entry stands for many lines."""
    precision: Precision = Precision.SECOND
    count: int = 1
    """Lines it stands for."""
    template: str = ""
    """The lines with what varies in them masked as `<*>`; empty for an entry of one line."""
    sources: tuple[str, ...] = ()
    phase: str = ""
    """`before`, `detection`, `response`, `mitigation`, `recovery`, `after`, or empty: not told."""
    entities: tuple[tuple[str, str], ...] = ()
    """(role, value) of what it is about; at most some dozens."""
