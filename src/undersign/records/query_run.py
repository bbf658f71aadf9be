"""What a query did on real history: rows after every stage, and what lies just beside its filters.

The evidence of the critique, gathered by `telemetry` before any check runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from undersign.records.artifact import Span


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many rows came out of one stage."""

    text: str
    span: Span
    rows: int | None
    """None when it could not be counted; `reason` says why."""
    reason: str = ""
    pipeline: str = ""
    """Empty for the main pipeline; a let or CTE name; `join at line N` for a subquery."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One comparison of a filter, counted on the rows of the table it reads, window applied."""

    span: Span
    """Of the comparison."""
    rows: int
    """Rows of the table within the query's window."""
    matches: int
    """Rows for which it holds as written, negation included."""
    any_case: int | None = None
    """Rows for which it would hold if case did not matter."""
    contains: int | None = None
    """Rows for which it would hold if text anywhere in the value counted, case aside."""
    nulls: int = 0
    """Rows without a value."""
    empties: int = 0
    """Rows with an empty text."""
    near: tuple[tuple[str, int], ...] = ()
    """Values really seen that a literal without any match resembles, with their counts."""


@dataclass(frozen=True, slots=True)
class Near:
    """A threshold on an aggregate, and how the aggregate is distributed."""

    span: Span
    """Of the comparison."""
    column: str
    op: str
    value: float
    groups: int
    """Groups before the threshold."""
    kept: int
    distribution: tuple[tuple[float, int], ...] = ()
    """(value, groups with it), by value, at most some dozens, the ones near the threshold kept."""


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """What history holds of one visible table."""

    table: str
    rows: int
    first: str | None
    last: str | None
    """RFC 3339 UTC."""
    in_window: int | None = None
    """Rows within the window that the query puts on this table; None when it puts none."""


@dataclass(frozen=True, slots=True)
class QueryRun:
    """A query run over one snapshot of the lake. What could not be run says so in `refused`."""

    ground: ClassVar[str] = "History"
    as_of: str = ""
    """RFC 3339 UTC: what `now` meant."""
    snapshot: str = ""
    stages: tuple[StageCount, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    """(name, type) of the result."""
    sample: tuple[Mapping[str, Any], ...] = ()
    """The first rows of the result, at most some hundreds."""
    rows: int | None = None
    """Rows of the result."""
    rows_without_limit: int | None = None
    """Rows there would be without the query's own last limit; None when it has none."""
    probes: tuple[Probe, ...] = ()
    thresholds: tuple[Near, ...] = ()
    sources: Mapping[str, SourceSpan] = field(default_factory=dict)
    """By visible table name."""
    public_addresses: Mapping[str, int] = field(default_factory=dict)
    """Kind of address in the address columns of the result -> rows: public, private, loopback,
    cgnat, link_local, ipv6_local, corporate, not_an_address."""
    refused: str = ""
    """Why nothing was run, in one sentence with the operator; empty when it was."""
    seconds: float = 0.0
