"""A question in English, read: what it asks for, each part with its place in the text.

`languages.question` reads it; checks hold a query against it, the offline drafter builds a query
from it. Only words are read here; what they mean in a workspace is `Links`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias
from typing import Literal as OneOf

Output: TypeAlias = OneOf[
    "rows", "count", "count_by", "distinct", "top", "bottom", "first_seen", "last_seen", "rare",
    "anomalous", "spike", "trend", "sequence",
]  # fmt: skip
"""`rows`: show, list, find events. `count`: how many in all. `count_by`: how many per something.
`distinct`: which users, list the hosts. `top`/`bottom`: most/least, with or without a number.
`anomalous`: unusual, suspicious, abnormal. `trend`: over time, per hour. `sequence`: two events of
which one follows the other or differs from it in a field."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a question: half-open character offsets from 0, and the words themselves."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """The time a question is about."""

    piece: Piece
    seconds: float | None = None
    """Length, for `in the last 24 hours`."""
    start: str | None = None
    """RFC 3339 UTC, for stated dates; half-open."""
    end: str | None = None
    hours: tuple[int, int] | None = None
    """Hours of day, half-open, for `between 22:00 and 06:00`, `outside working hours`."""
    weekdays: tuple[int, ...] = ()
    """0 is Monday; for `on weekends`."""
    zone: str | None = None
    """A time zone the question names."""
    calendar: str | None = None
    """What only a clock can place: `yesterday`, `today`, `this week`, `since monday`."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number the question compares a count or a field with."""

    piece: Piece
    op: OneOf[">", ">=", "<", "<=", "==", "!="]
    value: float
    of: str
    """What is counted or measured, as written beside it: `failed logons`, `bytes`; may be empty."""
    distinct: bool = False
    """`more than 5 different users`."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal the question names: an address, an event id, a quoted text, a file name."""

    piece: Piece
    value: str
    kind: OneOf[
        "address", "network", "host", "user", "email", "hash", "path", "file", "url", "domain",
        "registry", "event_id", "port", "number", "arn", "identifier", "quoted", "technique",
    ]  # fmt: skip
    negated: bool = False
    """Excluded: `except`, `other than`, `not`, `non-`."""


@dataclass(frozen=True, slots=True)
class Polarity:
    """Words that say which outcome is meant: failed, denied, successful, allowed."""

    piece: Piece
    failed: bool


@dataclass(frozen=True, slots=True)
class Network:
    """Words that say which addresses are meant."""

    piece: Piece
    scope: OneOf["external", "internal", "corporate", "non-corporate"]
    """`external`: public, from the internet. `internal`: private. `corporate`: the organisation's
    own ranges; `non-corporate`: public addresses outside of these."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """`per user`, `by country`, `for each host`, `per hour`."""

    piece: Piece
    word: str
    """Singular, lower case: `user`, `source ip`, `hour`."""
    bin_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Negation:
    """A word that turns what follows into its opposite, and what follows."""

    piece: Piece
    what: Piece


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order the question asks for: `latest`, `sorted by name in descending order`."""

    piece: Piece
    what: str
    """As written; `time` for latest, earliest, first and most recent."""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a question asks for, as far as words alone say it."""

    ground: ClassVar[str] = "Question"
    text: str
    output: Output = "rows"
    output_piece: Piece | None = None
    """The words that ask for it; None when `rows` is only assumed."""
    limit: int | None = None
    """`top 10`."""
    window: Window | None = None
    thresholds: tuple[Threshold, ...] = ()
    values: tuple[Value, ...] = ()
    polarity: tuple[Polarity, ...] = ()
    network: tuple[Network, ...] = ()
    groups: tuple[Grouping, ...] = ()
    negations: tuple[Negation, ...] = ()
    columns: tuple[Piece, ...] = ()
    """Output columns asked for by name: `show TimeGenerated, UserId`."""
    changed: tuple[Piece, ...] = ()
    """What must differ between two events: `source IP changed between ... and ...`."""
    events: tuple[Piece, ...] = ()
    """Of a sequence: the words for each of the two events, in order."""
    words: tuple[Piece, ...] = ()
    """Every telling word, in order; the drafter reports those it could not use."""
    within: Window | None = None
    """The time in which events are counted or follow each other: `5 failures within 10 minutes`."""
    sort: tuple[Sorting, ...] = ()
    notes: tuple[str, ...] = ()
    """What the reader did not read, such as the rest of an endless text."""


@dataclass(frozen=True, slots=True)
class Link:
    """Words of a question tied to something that really is in the workspace."""

    piece: Piece
    table: str
    column: str | None = None
    value: str | None = None
    """A value really seen in that column, or declared for it."""
    score: float = 1.0
    """0 to 1; 1 is the very name."""
    why: str = ""
    """`name`, `word of the log source`, `value seen 12 times`, `role source_address`."""


@dataclass(frozen=True, slots=True)
class Links:
    """What a question's words mean in one workspace and language."""

    ground: ClassVar[str] = "Question"
    question: Question
    tables: tuple[Link, ...] = ()
    """Sources the question names, best first; several may be meant at once."""
    columns: tuple[Link, ...] = ()
    values: tuple[Link, ...] = ()
    ambiguous: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    """Words with several equally good meanings."""
