"""How a log source appears in a query language: its view's name, columns and rows.

A view is data. Each column says where its value comes from, in one of a small closed set of ways;
`telemetry.views` turns them into SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

ViewKind: TypeAlias = OneOf["kql", "spl", "cim", "ocsf"]
"""KQL table, SPL sourcetype, CIM dataset (SPL too), OCSF class (SQL)."""


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of these lake columns that has a value; of several, `-` counts as none."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """These lake columns with a text between them; those without a value are left out."""

    columns: tuple[str, ...]
    separator: str


@dataclass(frozen=True, slots=True)
class Packed:
    """One JSON object of several lake columns; those without a value are left out."""

    prefix: str = ""
    """Columns that begin with this, under the rest of their name, dots nesting (`Status.`)."""
    columns: tuple[str, ...] = ()
    """These columns, when there is no prefix."""
    leaving: tuple[str, ...] = ()
    """All columns but these and those that begin with `_` or `@`, when there is neither."""


@dataclass(frozen=True, slots=True)
class FromRaw:
    """A value inside the raw event, when that is JSON: the first of these dotted paths."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every row."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Empty:
    """A column that the product documents and this source has nothing for: null in every row."""


@dataclass(frozen=True, slots=True)
class ByRow:
    """The first of these columns whose rows it is; the last one is for all other rows."""

    cases: tuple[tuple[Mapping[str, tuple[str, ...]], ViewColumn], ...]
    """(lake column -> accepted values, as in a view's `where`; the column), in order."""


Origin: TypeAlias = FirstOf | Joined | Packed | FromRaw | Constant | Empty | ByRow


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a text; a text without the mark is kept whole by `*_last` and `before`."""

    after: str = ""
    """Drop everything up to the first of these; without one there is no value."""
    after_last: str = ""
    before: str = ""
    """Drop everything from the first of these on."""
    before_last: str = ""


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column of a view."""

    name: str
    origin: Origin
    type: str | None = None
    """A type of `records.query.Type`; None for that of the lake column."""
    cut: Cut | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """Value (as text, compared without case, `*` is any text) -> what is shown instead; `""`
    stands for no value."""
    otherwise: str | None = None
    """Shown for values that `values` does not list; None keeps them."""
    starts: Mapping[str, str] = field(default_factory=dict)
    """Beginning of a text (compared without case) -> what stands there instead; first that fits."""


def read_fields(column: ViewColumn) -> Iterator[str]:
    """Yield the lake columns that a column names."""
    origin = column.origin
    if isinstance(origin, ByRow):
        for where, inner in origin.cases:
            yield from (*where, *read_fields(inner))
    elif isinstance(origin, FirstOf | Joined | Packed):
        yield from origin.columns


@dataclass(frozen=True, slots=True)
class View:
    """How (part of) a log source appears in one language."""

    kind: ViewKind
    name: str
    where: Mapping[str, tuple[str, ...]]
    """Lake column -> accepted values, as in a Sigma route; `*` is any value."""
    unless: Mapping[str, tuple[str, ...]]
    """Rows that do not belong, written alike; empty when all do."""
    columns: Mapping[str, ViewColumn]
    rest: bool = False
    """Every lake column that is not shown yet is shown under its own name."""
    closed: bool = False
    """The product documents its columns, so that what `rest` adds is this workspace's own."""
    also: tuple[str, ...] = ()
    """Other names of the table: further sourcetypes that carry the same events."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> columns of this view, before those that follow from the source's own roles."""
    words: tuple[str, ...] = ()
    """English that names this table beside what names the source."""

    @property
    def time(self) -> str | None:
        """The first column that shows the event's time."""
        shown = FirstOf(("_time",))
        return next((c.name for c in self.columns.values() if c.origin == shown), None)
