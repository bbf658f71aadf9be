"""Constants of SQL: texts, numbers, times, and times that count from now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from undersign.languages.sql.places import Places
from undersign.records.query import Literal

if TYPE_CHECKING:
    from sqlglot import exp

_SECONDS = {
    "microsecond": 1e-6, "millisecond": 1e-3, "second": 1, "minute": 60, "hour": 3600,
    "day": 86_400, "week": 604_800, "month": 2_592_000, "quarter": 7_776_000, "year": 31_536_000,
}  # fmt: skip
_NOW = ("now", "current_timestamp", "get_current_timestamp", "transaction_timestamp",
        "current_localtimestamp", "localtimestamp", "getdate")  # fmt: skip


def literal(node: exp.Expr, places: Places) -> Literal | None:
    """Return a node as a constant; None when it is none, or none that can be told."""
    from sqlglot import exp

    span, text = places.span(node), places.written(node)
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Literal):
        return _plain(node, places)
    if isinstance(node, exp.Boolean):
        return Literal(bool(node.this), "boolean", span, text)
    if isinstance(node, exp.Null):
        return Literal(None, "null", span, text)
    if isinstance(node, exp.Neg):
        inner = literal(node.this, places)
        if inner and inner.kind in ("long", "double", "timespan"):
            assert isinstance(inner.value, int | float)
            return Literal(-inner.value, inner.kind, span, text)
        return None
    if isinstance(node, exp.Column):
        return Literal(node.name, "name", span, text)
    seconds = duration(node)
    if seconds is not None:
        return Literal(seconds, "timespan", span, text)
    moment = _moment(node)
    if moment:
        return Literal(moment, "timestamp", span, text)
    before = _ago(node)
    return None if before is None else Literal(before, "ago", span, text)


def as_time(written: Literal) -> Literal:
    """Return a text that is compared with a time as the time it names, when it names one."""
    moment = rfc3339(str(written.value)) if written.kind == "string" else None
    return Literal(moment, "timestamp", written.span, written.text) if moment else written


def duration(node: exp.Expr) -> float | None:
    """Return the seconds of an interval, a month being thirty days; None when it is none."""
    from sqlglot import exp

    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Interval):
        number = _number(node.this)
        unit = _SECONDS.get(str(node.args.get("unit") or "").lower().rstrip("s"))
        return None if number is None or unit is None else number * unit
    if isinstance(node, exp.ToDays):
        number = _number(node.this)
        return None if number is None else number * 86_400
    if isinstance(node, exp.Anonymous) and str(node.this).lower().startswith("to_"):
        unit = _SECONDS.get(str(node.this).lower()[3:].rstrip("s"))
        number = _number(node.expressions[0]) if len(node.expressions) == 1 else None
        return None if number is None or unit is None else number * unit
    return None


def rfc3339(text: str) -> str | None:
    """Return a written time as RFC 3339 UTC; one without a zone is UTC. None when it is no time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.isoformat().replace("+00:00", "Z")


def _plain(node: exp.Literal, places: Places) -> Literal:
    span, text = places.span(node), places.written(node)
    if node.is_string:
        return Literal(str(node.this), "string", span, text)
    number = _number(node)
    if isinstance(number, float) and not str(node.this).isdigit():
        return Literal(number, "double", span, text)
    return Literal(int(str(node.this)) if str(node.this).isdigit() else number, "long", span, text)


def _number(node: exp.Expr | None) -> float | None:
    from sqlglot import exp

    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    if not isinstance(node, exp.Literal):
        return None
    try:
        return float(str(node.this))
    except ValueError:
        return None


def _moment(node: exp.Expr) -> str | None:
    from sqlglot import exp

    if isinstance(node, exp.Cast | exp.TryCast) and isinstance(node.this, exp.Literal):
        kind = node.args["to"].sql().upper()
        if node.this.is_string and kind.startswith(("TIMESTAMP", "DATE")):
            return rfc3339(str(node.this.this))
    return None


def _ago(node: exp.Expr) -> float | None:
    """Return how many seconds before now a node means; None when it means no such thing."""
    from sqlglot import exp

    while isinstance(node, exp.Paren):
        node = node.this
    if is_now(node):
        return 0.0
    if isinstance(node, exp.Cast) and node.args["to"].sql().upper().startswith("TIMESTAMP"):
        return _ago(node.this)
    if isinstance(node, exp.Sub | exp.Add):
        before, by = _ago(node.this), duration(node.expression)
        if before is not None and by is not None:
            return before + (by if isinstance(node, exp.Sub) else -by)
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "ago":
        return duration(node.expressions[0]) if node.expressions else None
    return None


def is_now(node: exp.Expr) -> bool:
    """Tell whether a node reads the clock to the second."""
    from sqlglot import exp

    if isinstance(node, exp.CurrentTimestamp | exp.CurrentDatetime | exp.Localtimestamp):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in _NOW
