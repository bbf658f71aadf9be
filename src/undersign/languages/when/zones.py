"""Time zones as people write them: abbreviations, offsets, names of cities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OFFSETS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "IST": 330, "CET": 60,
    "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180, "SGT": 480, "HKT": 480, "AWST": 480,
    "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300,
    "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "SAST": 120,
}  # fmt: skip
"""Minutes east of UTC. Where an abbreviation has several meanings, the one incident reports use
most: BST is British, IST Indian, CST North American. IANA tz database 2026."""

SPOKEN = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "et": "America/New_York", "pt": "America/Los_Angeles",
    "uk": "Europe/London", "london": "Europe/London", "danish": "Europe/Copenhagen",
    "german": "Europe/Berlin", "japan": "Asia/Tokyo",
}  # fmt: skip

_ABBREVIATIONS = "|".join(sorted((k for k in OFFSETS if k != "Z"), key=len, reverse=True))
_SIGNED = r"(?:UTC|GMT)?\s?[+\u2212-](?:0\d|1[0-4]):?[0-5]\d|(?:UTC|GMT)\s?[+\u2212-]\d{1,2}"
_SPOKEN = r"(?:(?:Eastern|Central|Mountain|Pacific)(?:\s+(?:Standard|Daylight))?\s+[Tt]ime|ET|PT)"
_CITY = r"(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|US)/[A-Z][A-Za-z_/+-]+"
AFTER = re.compile(
    rf"\s*\(?(?:(?P<signed>{_SIGNED})|(?P<short>Z(?![\w-])|(?:{_ABBREVIATIONS})\b)|"
    rf"(?P<city>{_CITY})|(?P<spoken>{_SPOKEN})\b)"
)
"""A zone directly behind a time."""
_ANYWHERE = re.compile(
    rf"\b(?:(?P<short>{_ABBREVIATIONS})\b|(?P<city>{_CITY})|(?P<spoken>{_SPOKEN})\b|"
    rf"(?P<word>(?:UK|London|Danish|German|Japan)(?: local)? time)\b)"
)


class Zone(NamedTuple):
    """A zone that a text names."""

    start: int
    end: int
    name: str
    """As written; of a spoken one its IANA name."""


def zones(text: str) -> Iterator[Zone]:
    """Yield every zone that a text names, with or without a time before it."""
    for match in _ANYWHERE.finditer(text):
        yield Zone(match.start(), match.end(), _name(match))
    for match in re.finditer(r"\d(?P<signed>Z|[+-]\d\d:?\d\d)(?![\w:.])", text):
        yield Zone(match.start("signed"), match.end(), match["signed"])


def zone_after(text: str, at: int) -> Zone | None:
    """Return the zone that stands directly behind a time which ends at `at`."""
    match = AFTER.match(text, at)
    return Zone(match.start(), match.end(), _name(match)) if match else None


def offset_of(zone: str, on: datetime | None = None) -> int | None:
    """Return minutes east of UTC; `on` is the local time, which zones with seasons need.

    None when the zone is not known, or has seasons and no date says which.
    """
    written = zone.strip().upper().replace("\u2212", "-")
    if written in OFFSETS:
        return OFFSETS[written]
    signed = re.fullmatch(r"(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d\d)?", written)
    if signed:
        minutes = int(signed[2]) * 60 + int(signed[3] or 0)
        return -minutes if signed[1] == "-" else minutes
    if "/" not in zone or on is None:
        return None
    try:
        offset = on.replace(tzinfo=ZoneInfo(zone.strip())).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return None
    return None if offset is None else round(offset.total_seconds() / 60)


def _name(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if spoken := groups.get("spoken") or groups.get("word"):
        return SPOKEN[spoken.split()[0].lower()]
    return next(value for value in groups.values() if value)
