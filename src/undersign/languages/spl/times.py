"""Time modifiers such as `-24h@h`: what they mean, in UTC."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

_OFFSET = re.compile(r"([+-])(\d*)([a-z]+)", re.IGNORECASE)
_SNAP = re.compile(r"@([a-z]+\d?)", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNITS = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d", "w": "w", "week": "w", "weeks": "w",
    "mon": "mon", "month": "mon", "months": "mon",
    "q": "q", "qtr": "q", "qtrs": "q", "quarter": "q", "quarters": "q",
    "y": "y", "yr": "y", "yrs": "y", "year": "y", "years": "y",
}  # fmt: skip
_SPAN = re.compile(r"(\d+)\s*([a-z]*)$", re.IGNORECASE)
_STAMP = "%m/%d/%Y:%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a modifier: add `amount` units, or snap down to the unit when it is None."""

    unit: str
    """s, m, h, d, w, mon, q, y; a snap to a weekday is `w0` (Sunday) to `w6`."""
    amount: int | None


def steps(text: str) -> tuple[Step, ...] | None:
    """Read `-1d@d+8h`; None when it is no such modifier. `now` has no steps."""
    text = text.strip()
    if text.lower() in ("now", "now()", ""):
        return ()
    found: list[Step] = []
    at = 0
    while at < len(text):
        offset, snap = _OFFSET.match(text, at), _SNAP.match(text, at)
        step = _offset(offset) if offset else _snap(snap) if snap else None
        if step is None:
            return None
        found.append(step)
        at = (offset or snap).end()  # type: ignore[union-attr]
    return tuple(found)


def _offset(found: re.Match[str]) -> Step | None:
    unit = _UNITS.get(found[3].lower())
    if unit is None or len(found[2]) > 9:
        return None
    amount = int(found[2] or 1)
    return Step(unit, -amount if found[1] == "-" else amount)


def _snap(found: re.Match[str]) -> Step | None:
    name = found[1].lower()
    if re.fullmatch(r"w[0-7]", name):
        return Step("w0" if name == "w7" else name, None)
    unit = _UNITS.get(name)
    return Step("w0" if unit == "w" else unit, None) if unit else None


def resolve(text: str, now: dt.datetime) -> dt.datetime | None:
    """Return the time (UTC) that a modifier, an epoch or `MM/DD/YYYY:HH:MM:SS` means.

    None when it is none of these, or lies beyond the calendar.
    """
    try:
        if re.fullmatch(r"\d{1,12}(\.\d+)?", text):
            return dt.datetime.fromtimestamp(float(text), dt.UTC)
        if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}:\d{1,2}:\d{1,2}:\d{1,2}", text):
            return dt.datetime.strptime(text, _STAMP).replace(tzinfo=dt.UTC)
        found = steps(text)
        if found is None:
            return None
        for step in found:
            now = _add(now, step.unit, step.amount) if step.amount is not None else floor(now, step)
    except (ValueError, OverflowError):
        return None  # a time that no calendar has: what a hostile number gives
    return now


def _add(time: dt.datetime, unit: str, amount: int) -> dt.datetime:
    if unit in _SECONDS:
        return time + dt.timedelta(seconds=amount * _SECONDS[unit])
    months = amount * {"mon": 1, "q": 3, "y": 12}[unit] + time.year * 12 + time.month - 1
    year, month = divmod(months, 12)
    if not 0 < year < 10_000:
        raise ValueError("beyond the calendar")
    day = min(time.day, calendar.monthrange(year, month + 1)[1])
    return time.replace(year=year, month=month + 1, day=day)


def floor(time: dt.datetime, step: Step) -> dt.datetime:
    """Snap a time down to the unit of a step."""
    time = time.replace(microsecond=0)
    if step.unit in ("s", "m", "h"):
        minute = 0 if step.unit == "h" else time.minute
        return time.replace(minute=minute, second=time.second if step.unit == "s" else 0)
    day = time.replace(hour=0, minute=0, second=0)
    if step.unit.startswith("w"):
        back = (day.isoweekday() % 7 - int(step.unit[1])) % 7
        return day - dt.timedelta(days=back)
    if step.unit == "d":
        return day
    if step.unit == "y":
        return day.replace(day=1, month=1)
    month = day.month if step.unit == "mon" else day.month - (day.month - 1) % 3
    return day.replace(day=1, month=month)


def seconds_before(text: str) -> float | None:
    """Return how far before now a modifier lies, snaps aside; None when it is no offset."""
    found = steps(text)
    if not found or found[0].amount is None:
        return 0.0 if found == () else None
    lengths = {**_SECONDS, "mon": 30 * 86400, "q": 91 * 86400, "y": 365 * 86400}
    return float(-sum(s.amount * lengths[s.unit] for s in found if s.amount is not None))


def span(text: str) -> tuple[int, str] | None:
    """Read a span such as `5m` or `1mon` into a number and a unit; None when it is none."""
    found = _SPAN.match(text.strip())
    unit = _UNITS.get(found[2].lower() or "s") if found else None
    if found is None or unit is None or len(found[1]) > 9 or int(found[1]) == 0:
        return None
    return int(found[1]), unit


def span_seconds(text: str) -> float | None:
    """Return a span's length in seconds; None for months and longer, or when it is none."""
    found = span(text)
    return float(found[0] * _SECONDS[found[1]]) if found and found[1] in _SECONDS else None
