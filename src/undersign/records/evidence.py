"""Evidence: one raw line of a log or one message of a channel, at an address anybody can open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[1-9][0-9]{0,11}")
"""`SOURCE:N`: the source's name in this incident, and the line, record or message number in it."""

_CITED = rf"(?:{ADDRESS.pattern}|C[1-9][0-9]{{0,6}})"
CITATION = re.compile(rf"\[({_CITED}(?:\s*,\s*{_CITED})*)\]")
"""What a sentence cites: `[auth.log:12]`, `[auth.log:12, chat:7]`, or claims by id: `[C12]`."""


class Medium(StrEnum):
    """What a piece of evidence is of."""

    LOG = "log"
    MESSAGE = "message"
    """Evidence that somebody wrote it, and not that it is so."""
    NOTE = "note"
    """A line of on-call notes or of a transcript; like a message, it shows what was written."""
    SCREENSHOT = "screenshot"
    """Read from a picture by a machine; to be confirmed by a person."""


class Precision(StrEnum):
    """To what a time was written down."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"
    FINE = "fine"
    """Finer than a second."""


ROLES = (
    "actor",
    "target",
    "address",
    "host",
    "region",
    "account",
    "action",
    "event",
    "error",
    "process",
    "file",
    "hash",
    "service",
    "status",
)
"""The typed fields of evidence, by role. `actor` did it (user, principal, role), `target` had it
done (user, bucket, resource), `action` is the name of what was done (`GetObject`), `event` an
event's number (`4625`), `error` the code of a failure, `status` a response code (`403`)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of one source."""

    id: str
    """`SOURCE:N`, as in ADDRESS."""
    source: str
    line: int
    time: datetime | None
    """UTC, after the source's zone and skew; None when the line has no readable time."""
    raw: str
    """The line as it stands in the source; undecodable bytes as U+FFFD. Attacker-controlled."""
    medium: Medium = Medium.LOG
    precision: Precision = Precision.SECOND
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> values as written in the line; roles are those of ROLES."""
    outcome: str = ""
    """`success`, `failure` or empty when the line does not say."""
    author: str = ""
    """Who wrote the message, as people are shown in the channel."""
    text: str = ""
    """The message's words; empty for logs."""
    thread: str = ""
    """Address of the message that this one replies to."""
    edited: bool = False
    """Whether the message was changed after it was posted; its first words are rarely exported."""
    deleted: bool = False
    confirmed: bool = True
    """False for what a machine read from a picture and no person confirmed."""

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield (role, value) of every typed field."""
        for role, values in self.facts.items():
            for value in values:
                yield role, value


@dataclass(frozen=True, slots=True)
class Source:
    """One file of logs, or one channel, as it was read."""

    name: str
    """Short, unique in the incident; the first half of its addresses."""
    path: str
    """Where it was read from, as the person named it."""
    digest: str
    """Hex SHA-256 of the file's bytes (of the folder's files in order, for a folder)."""
    format: str
    medium: Medium = Medium.LOG
    zone: str = "UTC"
    zone_known: str = "written"
    """`written` in the lines, `stated` by a person, or `assumed` because nobody said."""
    skew: float = 0.0
    """Seconds that a person said the source's clock runs ahead; taken off every time."""
    year_known: str = "written"
    """`written`, `stated`, or `assumed` for formats that leave the year out."""
    lines: int = 0
    untimed: int = 0
    """Lines without a readable time; they are kept in order but stand at no time."""
    rejected: tuple[tuple[int, str], ...] = ()
    """(line, why) of the first that could not be read at all."""
    rejects: int = 0
    first: datetime | None = None
    last: datetime | None = None
    disordered: int = 0
    """Lines whose time is more than a second before that of the line above."""
    warnings: tuple[str, ...] = ()
    """What a reader must know: an ambiguous hour, an assumed year, a leap second."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The evidence at hand for one incident: a ground of truth."""

    ground = "the evidence"

    sources: Mapping[str, Source]
    evidence: Mapping[str, Evidence]
    """By address: everything that a claim of the incident cites, and what was kept beside it."""
    digest: str = ""
    """Hex SHA-256 of the file it was read from."""
    problems: tuple[str, ...] = ()
    """What could not be read of it."""
    timeline_digest: str = ""
    """Hex SHA-256 of the timeline.json beside it."""

    def get(self, address: str) -> Evidence | None:
        """Return the evidence at an address, or None when nothing is there."""
        return self.evidence.get(address)
