"""Read the ways logs write a time; everything becomes UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"\d{9,19}(\.\d+)?\Z", re.ASCII)
"""A text counts as seconds since 1970 (or finer units) from nine digits on: `2026` is no time."""
_DOT_NET = re.compile(r"/Date\((-?\d{1,16})([+-]\d{4})?\)/\Z", re.ASCII)
_MINUTES = len("2026-01-31T23:59")
_SCALES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Numbers above the first are in units of which the second make a second: ns, us, ms."""


class Moment(NamedTuple):
    """A time as written: UTC when its zone is known, else without a zone."""

    when: datetime
    zoned: bool


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Return an IANA time zone.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: Nobody knows the name.
    """
    return UTC if name == "UTC" else ZoneInfo(name)


def read_time(value: object, formats: Iterable[str] = ()) -> Moment | None:
    """Read a time from RFC 3339, epoch numbers (s, ms, us, ns), `/Date(ms)/` or `formats`.

    Returns None when the value is none of these or out of the calendar.
    """
    try:
        if isinstance(value, str):
            return _text(value.strip(), formats)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _epoch(value)
        return _moment(value) if isinstance(value, datetime) else None
    except (ValueError, OverflowError):
        return None


def _text(text: str, formats: Iterable[str]) -> Moment | None:
    if text[4:5] == "-" and text[7:8] == "-" and len(text) >= _MINUTES:
        return _iso(text)
    if _DIGITS.match(text):
        return _epoch(float(text) if "." in text else int(text))
    dot_net = _DOT_NET.match(text)
    if dot_net:
        return _epoch_exact(int(dot_net[1]) * 1000)
    for pattern in formats:
        try:
            return _moment(datetime.strptime(text, pattern))
        except ValueError:
            continue
    return None


def _iso(text: str) -> Moment:
    """Read RFC 3339, also with a space for the T; digits finer than microseconds are cut."""
    if text.endswith(" UTC"):
        text = f"{text.removesuffix(' UTC')}+00:00"
    if text[16:19] == ":60":
        # A leap second: Python's calendar has none, so it is the second after :59.
        before = _moment(datetime.fromisoformat(f"{text[:16]}:59{text[19:]}"))
        return Moment(before.when + timedelta(seconds=1), before.zoned)
    return _moment(datetime.fromisoformat(text))


def _moment(when: datetime) -> Moment:
    if when.tzinfo is None:
        return Moment(when, zoned=False)
    if when.tzinfo is UTC:
        return Moment(when, zoned=True)
    return Moment(when.astimezone(UTC), zoned=True)


def _epoch(number: float) -> Moment | None:
    """Read seconds, or finer units told apart by size (dates before 1973 in ms are not)."""
    if number != number or number in (float("inf"), float("-inf")):
        return None
    for above, units in _SCALES:
        if abs(number) >= above:
            if isinstance(number, int):
                return _epoch_exact(number * 1_000_000 // int(units))
            return _epoch_exact(round(number * 1_000_000 / units))
    return _epoch_exact(round(number * 1_000_000))


def _epoch_exact(microseconds: int) -> Moment:
    return Moment(_EPOCH + timedelta(microseconds=microseconds), zoned=True)
