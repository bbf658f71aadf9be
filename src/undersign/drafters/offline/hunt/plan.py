"""What a query shall do, before it is written in any language.

A plan holds names of `Visible` and literals only as values; the writers quote and escape them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from undersign.records.query import Type

Scalar: TypeAlias = str | int | float | bool
Shape: TypeAlias = OneOf["rows", "summary", "unusual", "rare", "first_seen", "spike", "sequence"]


@dataclass(frozen=True, slots=True)
class Ref:
    """A column that is really there."""

    name: str
    type: Type = "string"


@dataclass(frozen=True, slots=True)
class Test:
    """One column, or any of several, compared with constants; any of the values will do."""

    columns: tuple[Ref, ...]
    op: OneOf[
        "==", "!=", "<", "<=", ">", ">=", "contains", "has", "startswith", "endswith", "exists",
        "true", "cidr",
    ]  # fmt: skip
    values: tuple[Scalar, ...] = ()
    negated: bool = False
    any_case: bool = False
    """Compare texts without regard to case; for values that were never seen here."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """An address column restricted to one side of the network."""

    column: Ref
    scope: OneOf["external", "internal", "corporate", "non-corporate"]
    corporate: tuple[str, ...] = ()
    """Ranges that are the organisation's own."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day and days of the week in UTC; half-open, may run over midnight."""

    hours: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()
    """0 is Monday."""


Condition: TypeAlias = Test | Addresses | Hours


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is read."""

    seconds: float | None = None
    start: str | None = None
    end: str | None = None
    """RFC 3339 UTC; half-open."""
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One table, when, and which of its rows."""

    table: str
    time: Ref | None
    span: Span | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One aggregate."""

    function: OneOf["count", "dcount", "min", "max", "sum", "avg", "set"]
    column: Ref | None
    name: str


@dataclass(frozen=True, slots=True)
class Having:
    """A filter on a result of the aggregation."""

    name: str
    op: OneOf[">", ">=", "<", "<=", "==", "!="]
    value: float


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key: a column of the table or a measure."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """Two events of the same entity, the second after the first."""

    second: Side
    keys: tuple[tuple[Ref, Ref], ...]
    """(column of the first, column of the second) that must be equal."""
    changed: tuple[tuple[Ref, Ref], ...] = ()
    """Pairs that must differ."""
    shown: tuple[Ref, ...] = ()
    """Columns of both sides worth seeing, such as the action."""
    gap: float = 86400.0
    """Seconds between the two at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query without a language."""

    side: Side
    shape: Shape = "rows"
    groups: tuple[Ref, ...] = ()
    bin_seconds: float | None = None
    measures: tuple[Measure, ...] = ()
    having: tuple[Having, ...] = ()
    columns: tuple[Ref, ...] = ()
    """Columns to show; all when empty."""
    distinct: bool = False
    order: tuple[Order, ...] = ()
    limit: int | None = None
    recent: float = 86400.0
    """Seconds asked about, of `unusual`, `rare`, `first_seen` and `spike`."""
    history: float = 2592000.0
    """Seconds before them that say what is usual."""
    sequence: Sequence | None = None
