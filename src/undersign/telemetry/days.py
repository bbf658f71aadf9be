"""Times of a history as days: how long it is, and a count for each day of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

DAY = 86_400_000_000
"""Microseconds of a day."""
UNDATED_DAY = "undated"
_FILLED = 400
"""Longer histories are scattered samples: their empty days say nothing and are left out."""


def days_of(first: int | None, last: int | None) -> float:
    """Return the length in days of a history from its first to its last event, at least 1."""
    return 1.0 if first is None or last is None else max(1.0, (last - first) / DAY)


def every_day(counts: Mapping[str, int], first: int | None, last: int | None) -> dict[str, int]:
    """Return the counts by ISO date (UTC) with the days without a match filled in."""
    days = set(counts)
    if first is not None and last is not None and last // DAY - first // DAY < _FILLED:
        days |= {date_of(day) for day in range(first // DAY, last // DAY + 1)}
    return {day: counts.get(day, 0) for day in sorted(days)}


def date_of(day: int) -> str:
    """Return the ISO date of a day counted from 1970."""
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def rfc3339(micros: int | None) -> str | None:
    """Write microseconds since 1970 UTC; None stays None."""
    if micros is None:
        return None
    return datetime.fromtimestamp(micros / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def micros(written: str | None) -> int | None:
    """Read what `rfc3339` wrote."""
    return int(datetime.fromisoformat(written).timestamp() * 1_000_000) if written else None
