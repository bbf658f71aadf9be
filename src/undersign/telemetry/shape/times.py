"""Read the ways logs write a time; everything becomes UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"-?\d{1,20}(\.\d+)?\Z")
_DOT_NET = re.compile(r"/Date\((-?\d{1,16})([+-]\d{4})?\)/\Z")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s?(Z|z|UTC|[+-]\d\d:?\d\d)?\Z"
)
_SCALES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Numbers above the first are in units of which the second make a second: ns, us, ms."""


@dataclass(frozen=True, slots=True)
class Moment:
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
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return _epoch(value)
        if isinstance(value, datetime):
            return _moment(value)
        return _text(value.strip(), formats) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _text(text: str, formats: Iterable[str]) -> Moment | None:
    iso = _ISO.match(text)
    if iso:
        return _iso(*iso.groups())
    if _DIGITS.match(text):
        return _epoch(float(text) if "." in text else int(text))
    dot_net = _DOT_NET.match(text)
    if dot_net:
        return _epoch_exact(int(dot_net[1]) * 1000)
    for pattern in formats:
        try:
            return _moment(datetime.strptime(text, pattern))  # noqa: DTZ007 - zone comes after
        except ValueError:
            continue
    return None


def _iso(day: str, clock: str, fraction: str | None, offset: str | None) -> Moment:
    """Build a moment; a fraction finer than microseconds is cut, not rounded."""
    micros = f".{fraction[:6]:0<6}" if fraction else ""
    seconds = clock if len(clock) == 8 else f"{clock}:00"
    suffix = "" if offset is None else "+00:00" if offset in ("Z", "z", "UTC") else offset
    return _moment(datetime.fromisoformat(f"{day}T{seconds}{micros}{suffix}"))


def _moment(when: datetime) -> Moment:
    if when.tzinfo is None:
        return Moment(when, zoned=False)
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
