"""Times of a log to UTC: zones, years that are left out, seasons, leap seconds, skew."""

from __future__ import annotations

import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from undersign.telemetry.logbook.batch import NAT, Told

_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = {_NAMES[n : n + 3]: n // 4 + 1 for n in range(0, len(_NAMES), 4)}
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_MOST_KEPT = 200_000
_AHEAD = timedelta(days=2)
"""A line without a year may be this much later than `as_of`: clocks differ, zones too."""
_HALF_A_YEAR = 6
_SECOND = 1_000_000


class Clock:
    """Turns the times of one log into UTC, in the order of its lines, and counts what was odd."""

    def __init__(self, told: Told) -> None:
        self._zone = ZoneInfo(told.zone) if told.zone and told.zone != "UTC" else None
        self._told = told
        self._skew = round(told.skew * _SECOND)
        self._kept: dict[str, int] = {}
        self._year = told.year
        self._month = 0
        self._last = NAT
        self.odd: Counter[str] = Counter()
        """What was odd -> how many lines."""
        self.guessed_zone = False
        """Whether a time named no zone."""
        self.head: dict[str, str] = {}
        """What heads within the log said last, such as the fields of W3C."""
        self.guessed_year = False
        """Whether a time named no year."""

    def iso(self, text: str) -> int:
        """Read RFC 3339, also with a space or `_` for T, a comma before fractions, no zone."""
        at = self._kept.get(text[:19]) if len(text) > 19 and text[19:20] in ".," else None
        if at is not None and text.endswith("Z"):
            return at + _fraction(text[20:-1])
        return self._remembered(text, self._iso)

    def stamp(self, text: str) -> int:
        """Read `Mar 11 19:26:39`, with or without a year before or behind it."""
        return self._remembered(text, self._stamp)

    def web(self, text: str) -> int:
        """Read `04/Mar/2026:10:41:07 +0000`."""
        return self._remembered(text, self._web)

    def parts(self, parts: tuple[int, int, int, int, int, int], micro: int = 0) -> int:
        """Read year, month, day, hour, minute, second in the zone of the log."""
        return self._local(*parts, micro=micro)

    def epoch(self, seconds: float) -> int:
        """Read seconds since 1970, UTC."""
        try:
            return round(seconds * _SECOND) - self._skew
        except (OverflowError, ValueError):
            return NAT

    def micros(self, microseconds: int) -> int:
        """Read microseconds since 1970, UTC."""
        return microseconds - self._skew if abs(microseconds) < 1 << 62 else NAT

    def warnings(self) -> Iterator[str]:
        """Yield what a reader must know of these times."""
        for what, count in sorted(self.odd.items()):
            yield f"{count:,} line{'' if count == 1 else 's'} {what}"
        if self.guessed_zone and self._told.zone is None:
            yield "its times name no zone, and nobody stated one: read as UTC"
        if self.guessed_year and self._told.year is None:
            yield f"its times name no year: read as {self._year} at its end"

    @property
    def year(self) -> int | None:
        """The year that the last line without one was given."""
        return self._year

    def _remembered(self, text: str, read: object) -> int:
        kept = self._kept.get(text)
        if kept is not None:
            return kept
        before = self.odd.total()
        try:
            found: int = read(text)  # type: ignore[operator]
        except (ValueError, OverflowError, KeyError):
            self.odd["have a time that no calendar has; they stand at no time"] += 1
            return NAT
        # What was odd is not remembered: the next line with the same text may mean another hour.
        if self.odd.total() == before:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[text] = found
            self._last = found
        return found

    def _iso(self, text: str) -> int:
        day, clock = text[:10].replace("/", "-"), text[11:19].replace(".", ":")
        year, month, dom = (int(p) for p in day.split("-"))
        hour, minute, second = (int(p) for p in clock.split(":"))
        rest = text[19:].replace(",", ".").strip()
        digits = re.match(r"\.(\d+)", rest)
        micro = _fraction(digits[1]) if digits else 0
        zone = rest[digits.end() :].strip() if digits else rest
        return self._at((year, month, dom, hour, minute, second), micro, zone)

    def _stamp(self, text: str) -> int:
        words = text.split()
        year = next((int(w) for w in words if len(w) == 4 and w.isdigit()), None)
        month = _MONTHS[next(w for w in words if w[:3] in _MONTHS)[:3]]
        day = int(next(w for w in words if len(w) <= 2 and w.isdigit()))
        clock, _, rest = next(w for w in words if ":" in w).partition(".")
        hour, minute, second = (int(p) for p in clock.split(":"))
        dated = year if year is not None else self._year_of(month, day)
        return self._at((dated, month, day, hour, minute, second), _fraction(rest), "")

    def _web(self, text: str) -> int:
        day, month, year = int(text[:2]), _MONTHS[text[3:6]], int(text[7:11])
        hour, minute, second = int(text[12:14]), int(text[15:17]), int(text[18:20])
        return self._at((year, month, day, hour, minute, second), 0, text[20:].strip())

    def _at(self, parts: tuple[int, int, int, int, int, int], micro: int, zone: str) -> int:
        if not zone:
            return self._local(*parts, micro=micro)
        offset = _offset(zone)
        if parts[5] == 60:
            parts = (*parts[:5], 59)
            micro += _SECOND
            self.odd["are of a leap second: read as the second after :59"] += 1
        datetime(*parts)
        return (timegm((*parts, 0, 0, 0)) - offset) * _SECOND + micro - self._skew

    def _local(self, *parts: int, micro: int) -> int:
        self.guessed_zone = True
        if parts[5] == 60:
            parts = (*parts[:5], 59)
            micro += _SECOND
            self.odd["are of a leap second: read as the second after :59"] += 1
        local = datetime(*parts, tzinfo=self._zone or UTC)  # type: ignore[misc, arg-type]
        if self._zone is not None:
            local = self._in_season(local, micro)
        return timegm(local.utctimetuple()) * _SECOND + micro - self._skew

    def _in_season(self, local: datetime, micro: int) -> datetime:
        """Return a local time in the right season where the clock was turned."""
        later = local.replace(fold=1)
        if local.utcoffset() == later.utcoffset():
            return local
        back = local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None)
        if back != local.replace(tzinfo=None):
            self.odd["are of an hour that the clock skipped; read as if it had not"] += 1
            return local
        self.odd["are of an hour that the clock showed twice; told apart by their order"] += 1
        # The order of lines tells: the clock does not run back but for the change itself.
        first = timegm(local.utctimetuple()) * _SECOND + micro - self._skew
        chosen = later if self._last not in (NAT,) and first < self._last else local
        self._last = timegm(chosen.utctimetuple()) * _SECOND + micro - self._skew
        return chosen

    def _year_of(self, month: int, day: int) -> int:
        """Return the year of a line without one: as told, or the latest before `as_of`, and on."""
        self.guessed_year = True
        if self._year is None:
            self._year = self._latest_year(month, day)
        elif self._month - month >= _HALF_A_YEAR:
            self._year += 1  # December, then January
        elif month - self._month >= _HALF_A_YEAR and self._month:
            return self._year - 1  # a late line of December among those of January
        self._month = month
        return self._year

    def _latest_year(self, month: int, day: int) -> int:
        if self._told.as_of is None:
            raise ValueError("no year, and nobody said when this was read")
        limit = self._told.as_of + _AHEAD
        for year in range(limit.year, limit.year - 8, -1):
            try:
                if datetime(year, month, day, tzinfo=UTC) <= limit:
                    return year
            except ValueError:
                continue  # 29 February of another year
        raise ValueError("no year has that day")


def _fraction(digits: str) -> int:
    return int(digits[:6].ljust(6, "0")) if digits else 0


def _offset(zone: str) -> int:
    """Return seconds east of UTC of `Z`, `UTC`, `GMT`, `+02:00`; ValueError for another."""
    if zone in ("Z", "z", "UTC", "GMT", "+0000", "+00:00"):
        return 0
    match = _OFFSET.fullmatch(zone)
    if match is None:
        raise ValueError(f"unknown zone {zone!r}")
    minutes = int(match[2]) * 60 + int(match[3])
    timezone(timedelta(minutes=minutes))  # raises for a day or more
    return -60 * minutes if match[1] == "-" else 60 * minutes
