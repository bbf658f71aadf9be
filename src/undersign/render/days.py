"""Matches per day with the days without any filled in, and their sparkline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from undersign.records.history import History

UNDATED = "undated"
_BLOCKS = "▁▂▃▄▅▆▇█"
_NONE = "·"
_MOST_DAYS = 3660


def daily(history: History) -> list[tuple[str, int]]:
    """Return (ISO date, matches) for every day from the first looked at to the last, zeros too.

    Undated matches are left out; a range over ten years keeps only the days with matches.
    """
    counts = {day: n for day, n in history.per_day.items() if day != UNDATED}
    known = [_day(text) for text in (*counts, history.first or "", history.last or "")]
    days = [day for day in known if day]
    if not days:
        return []
    first, last = min(days), max(days)
    if (last - first).days > _MOST_DAYS:
        return sorted(counts.items())
    span = ((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
    return [(day, counts.get(day, 0)) for day in span]


def sparkline(counts: Sequence[int], columns: int = 30) -> str:
    """Draw counts as blocks of eight heights, a dot for none; neighbours are summed to fit."""
    step = -(-len(counts) // columns) if counts else 1
    summed = [sum(counts[n : n + step]) for n in range(0, len(counts), step)]
    most = max(summed, default=0)
    return "".join(_BLOCKS[(n * 8 - 1) // most] if n > 0 else _NONE for n in summed)


def fewest_digits(value: float) -> str:
    """Write a rate with no more digits than it deserves: 0.14, 4.0, 128."""
    if value and value < 0.01:
        return f"{value:.1g}"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def hosts(history: History, limit: int = 10) -> list[tuple[str, int]]:
    """Return the hosts with most matches, most first, the rest summed as `N more hosts`."""
    ranked = sorted(history.per_host.items(), key=lambda pair: (-pair[1], pair[0]))
    rest: Mapping[str, int] = dict(ranked[limit:])
    more = [(f"{len(rest)} more hosts", sum(rest.values()))] if rest else []
    return ranked[:limit] + more


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
