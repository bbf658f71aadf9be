"""The time that a query reads of each of its tables, as far as literals say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from undersign.checks.reading.query_filters import conjuncts, opaques
from undersign.checks.reading.sources import Leaf, leaves
from undersign.records.artifact import Span
from undersign.records.query import Comparison, Condition, Literal, Or, Query, comparisons
from undersign.records.question import Window
from undersign.records.visible import Visible

DAY = 86_400.0
_TIMES = frozenset({"timegenerated", "timestamp", "_time", "time", "event_time", "eventtime"})
"""Event times of tables that nobody declared."""
_BELOW = frozenset({">", ">="})
_ABOVE = frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class ReadWindow:
    """What bounds the time of one table's rows."""

    leaf: Leaf
    lower: Literal | None = None
    upper: Literal | None = None
    spans: tuple[Span, ...] = ()
    opaque: bool = False
    """Time is limited in a way that cannot be read off: computed, compared with a column."""

    @property
    def bounded(self) -> bool:
        """Whether something keeps old rows out."""
        return self.lower is not None or self.opaque

    @property
    def span(self) -> Span:
        """Where to point: the bound, or else the table."""
        return self.spans[0] if self.spans else self.leaf.source.span

    @property
    def seconds(self) -> float | None:
        """Length in seconds; None when unbounded, or when it depends on the clock."""
        if self.lower is None or self.opaque:
            return None
        if self.lower.kind == "ago" and isinstance(self.lower.value, int | float):
            later = self.upper.value if self.upper and self.upper.kind == "ago" else 0.0
            if self.upper and self.upper.kind != "ago":
                return None
            return float(self.lower.value) - float(later or 0)
        start, end = moment(self.lower), moment(self.upper)
        return (end - start).total_seconds() if start and end else None

    def start(self, now: datetime | None) -> datetime | None:
        """Return the earliest moment that is read."""
        if self.lower is None:
            return None
        if self.lower.kind == "ago" and now and isinstance(self.lower.value, int | float):
            return datetime.fromtimestamp(now.timestamp() - self.lower.value, UTC)
        return moment(self.lower)


def windows(query: Query, visible: Visible | None) -> tuple[ReadWindow, ...]:
    """Return the window of every table with a time of its own that the query reads."""
    found = (_window(leaf) for leaf in leaves(query, visible))
    return tuple(w for w in found if w is not None)


def moment(literal: Literal | str | None) -> datetime | None:
    """Return a literal point in time, in UTC; None when it is none."""
    value = literal.value if isinstance(literal, Literal) else literal
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def spell(seconds: float) -> str:
    """Write a length of time as a person says it: `90 minutes`, `7 days`."""
    for unit, name in ((DAY, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second")):
        if seconds >= unit and (seconds % unit == 0 or unit == 1.0 or seconds >= 4 * unit):
            number = seconds / unit
            return f"{number:g} {name}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"


def _window(leaf: Leaf) -> ReadWindow | None:
    if leaf.table is not None and leaf.table.time is None:
        return None
    window = ReadWindow(leaf)
    for stage in leaf.stages:
        for condition in conjuncts(stage.condition):
            window = _narrowed(window, condition)
    return window


def _narrowed(window: ReadWindow, condition: Condition) -> ReadWindow:
    if isinstance(condition, Comparison):
        return _bound(window, condition) if _is_time(window.leaf, condition) else window
    inside = {o for opaque in opaques(condition) for o in opaque.columns}
    in_or = isinstance(condition, Or) and any(
        _is_time(window.leaf, c) for c in comparisons(condition)
    )
    if in_or or any(name.lower() in _names(window.leaf) for name in inside):
        return ReadWindow(window.leaf, window.lower, window.upper, window.spans, opaque=True)
    return window


def _names(leaf: Leaf) -> frozenset[str]:
    time = leaf.table.time if leaf.table else None
    return _TIMES | {time.lower()} if time else _TIMES


def _is_time(leaf: Leaf, comparison: Comparison) -> bool:
    if comparison.table is not None and comparison.table_column is not None:
        same = comparison.table.lower() == leaf.name.lower()
        return same and comparison.table_column.lower() in _names(leaf)
    return comparison.column.lower() in _names(leaf)


def _bound(window: ReadWindow, comparison: Comparison) -> ReadWindow:
    lower, upper, values = window.lower, window.upper, comparison.values
    plain = all(v.kind in ("ago", "timestamp") for v in values) and values
    if not plain or comparison.functions or comparison.negated:
        return ReadWindow(window.leaf, lower, upper, (*window.spans, comparison.span), opaque=True)
    if comparison.op in _BELOW:
        lower = _later(lower, values[0])
    elif comparison.op in _ABOVE:
        upper = values[0]
    elif comparison.op == "between" and len(values) == 2:
        lower, upper = _later(lower, values[0]), values[1]
    elif comparison.op == "==":
        lower = upper = values[0]
    spans = (*window.spans, comparison.span)
    return ReadWindow(window.leaf, lower, upper, spans, window.opaque)


def _later(one: Literal | None, other: Literal) -> Literal:
    """Return the narrower of two lower bounds of one kind; of mixed kinds the newer one."""
    if one is None or one.kind != other.kind or one.value is None or other.value is None:
        return other
    if one.kind == "ago" and isinstance(one.value, int | float):
        return one if one.value <= float(other.value) else other
    return max(one, other, key=lambda v: str(v.value))


def asked_seconds(window: Window) -> float | None:
    """Return the length of the time a question names, in seconds."""
    if window.seconds is not None:
        return window.seconds
    start, end = moment(window.start), moment(window.end)
    return (end - start).total_seconds() if start and end else None
