"""The condition of a Sigma rule as a tree of atoms, each knowing where in the file it stands.

A tree is what every room works on: the matcher compiles it, `why` shows it, checks read it.
Text comparison is case-insensitive unless `cased`. A field is absent when the event lacks it or
holds null; every atom but `Null` and `Exists(False)` is false on an absent field, and NOT is plain
two-valued negation (a rule `not Image: x` matches an event without Image).
A list value matches when any of its elements does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from undersign.records.artifact import Span


class Place(StrEnum):
    """Where a literal must stand inside a value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTSWITH = "startswith"
    ENDSWITH = "endswith"


@dataclass(frozen=True, slots=True)
class Text:
    """A literal without inner wildcards. `value` keeps the case it was written in."""

    place: Place
    value: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A literal with wildcards: `parts` are texts with None for `*` and "" (empty) for `?`."""

    parts: tuple[str | None, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, searched (not anchored), in the PCRE-like dialect of the Sigma spec."""

    pattern: str
    ignore_case: bool = False
    multiline: bool = False
    dotall: bool = False


@dataclass(frozen=True, slots=True)
class Cidr:
    """An IPv4 or IPv6 network; a value that is no address does not match."""

    network: str


@dataclass(frozen=True, slots=True)
class Number:
    """Equality with a number, by value: 4, "4" and 4.0 are equal; "0x4" is text.

    Both sides are compared as 64-bit floats, which tell whole numbers apart up to 2**53.
    """

    value: int | float


@dataclass(frozen=True, slots=True)
class Boolean:
    """Equality with a boolean: true, "true" and "True" are equal; 1 is not."""

    value: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """A numeric comparison; a value that is no number does not match."""

    operator: str
    """One of `<`, `<=`, `>`, `>=`."""
    value: int | float


@dataclass(frozen=True, slots=True)
class TimePart:
    """A part of the value read as a time: minute, hour, day, week, month or year equals `value`."""

    part: str
    value: int


@dataclass(frozen=True, slots=True)
class Null:
    """The field is absent or null. An empty text is not null."""


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is present and not null (or the opposite)."""

    expected: bool = True


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The value equals (or contains, starts, ends with) the value of another field."""

    other: str
    place: Place = Place.EQUALS
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that cannot be evaluated here; the whole rule is then reported, never skipped."""

    reason: str


Test: TypeAlias = (
    Text
    | Pattern
    | Regex
    | Cidr
    | Number
    | Boolean
    | Compare
    | TimePart
    | Null
    | Exists
    | FieldRef
    | Unsupported
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison. `field` None is a keyword: the test holds for any value of the event."""

    field: str | None
    test: Test
    span: Span | None = None
    written: str = ""
    """As the author wrote it: `CommandLine|contains: -enc`."""


@dataclass(frozen=True, slots=True)
class And:
    """All hold. Empty is true."""

    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one holds. Empty is false."""

    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The argument does not hold."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Selection:
    """A named selection used in a condition; kept in the tree so that people can recognise it."""

    name: str
    arg: Node
    span: Span | None = None


Node: TypeAlias = And | Or | Not | Selection | Atom
