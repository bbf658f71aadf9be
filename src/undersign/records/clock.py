"""Regulatory clocks: what must be told to whom by when, counted from a claim a person signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """One duty of one instrument, with its date."""

    regime: str
    """Key, such as `gdpr`."""
    duty: str
    """Key within the regime, such as `authority`."""
    title: str
    """What must be done, and to whom."""
    anchor: str
    """What starts it, in the instrument's words: `awareness`, `classification`, `materiality`."""
    claim: str = ""
    """Id of the signed claim that says when; empty when there is none."""
    anchored_at: datetime | None = None
    """UTC."""
    due: datetime | None = None
    """UTC; None while the anchor is not signed."""
    reason: str = ""
    """How the date was reached, or why there is none."""
    instrument: str = ""
    """Citation of the rule: instrument and article."""
    version: str = ""
    """Of the rule as it is stored here."""
    verified: str = ""
    """ISO date on which a person last held the rule against the instrument's text."""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Clocks:
    """The deadlines of one incident."""

    incident: str
    timeline_digest: str = ""
    """Hex SHA-256 of the signed timeline whose claims are the anchors."""
    zone: str = "UTC"
    """IANA name of the zone in which days are counted."""
    country: str = ""
    """ISO 3166 code, perhaps with a subdivision, whose public holidays count; empty: none do."""
    anchors: tuple[tuple[str, str], ...] = ()
    """(anchor key `REGIME.ANCHOR`, claim id), as a person chose them."""
    deadlines: tuple[Deadline, ...] = ()
    problems: tuple[str, ...] = ()
    """What could not be read."""

    @property
    def unreadable(self) -> bool:
        """Whether the file could not be read, so that nothing can be said of it."""
        return bool(self.problems)


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """The claims of a timeline whose signature holds: a ground of truth."""

    ground = "a signed timeline"

    digest: str
    """Hex SHA-256 of the signed timeline.json."""
    signer: str
    times: Mapping[str, datetime | None]
    """Claim id -> when it says that something was so, UTC; None when it says no time."""


@dataclass(frozen=True, slots=True)
class Today:
    """The date on which a check runs: a ground of truth, since checks have no clock."""

    ground = "today's date"

    date: date
