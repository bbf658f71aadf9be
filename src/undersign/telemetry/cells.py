"""Cells of a result as plain values: what JSON, text and digests are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_DAY = 86_400


def plain_rows(table: pa.Table) -> list[list[Any]]:
    """Return the rows as lists of JSON-able values, in the order of the columns."""
    columns = [[plain(value) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def plain(value: Any) -> Any:
    """Return one cell as JSON has it.

    Times are RFC 3339 UTC, durations text as `1.02:03:04.5`, whole decimals integers, bytes hex,
    numbers that are not finite text.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | set) or type(value) is tuple:
        return [plain(inner) for inner in value]
    return _duration(value)


def _duration(value: Any) -> str:
    """Write a duration of days, hours, minutes and seconds; months stand before it as months."""
    months = getattr(value, "months", 0)
    if isinstance(value, timedelta):
        whole = value.days * _DAY + value.seconds + value.microseconds / 1e6
    elif hasattr(value, "nanoseconds"):
        whole = value.days * _DAY + value.nanoseconds / 1e9
    else:
        return str(value)
    sign, rest = "-" if whole < 0 else "", abs(whole)
    days, rest = divmod(rest, _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    shown = f"{sign}{int(days)}.{int(hours):02}:{int(minutes):02}:{_seconds(seconds)}"
    return f"{months} months {shown}" if months else shown


def _seconds(seconds: float) -> str:
    return f"{seconds:09.6f}".rstrip("0").rstrip(".")
