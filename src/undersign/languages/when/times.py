"""Dates and times in prose: RFC 3339, `21 September 2020 at 6:27 PM PDT`, `10:41`, `HH:mm`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from undersign.languages.when.zones import offset_of, zone_after
from undersign.records.evidence import Precision

_MONTHS = {
    name: n
    for n, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"), 1
    )
    for name in names.split()
}  # fmt: skip
_DAYS = "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday"  # noqa: E501
_DAY_NUMBER = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(sorted(_DAYS.split(), key=len, reverse=True))})\.?,?\s+)?"
_ORDINAL = r"(?:st|nd|rd|th)?"

_DATES = (
    r"(?P<y1>\d{4})-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})(?!\d)",
    r"(?P<y2>\d{4})/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?![\d/])",
    rf"(?P<d3>\d{{1,2}}){_ORDINAL}[\s-]+(?:of\s+)?(?P<m3>{_MONTH})\b\.?(?:,?[\s-]+(?P<y3>\d{{4}})\b)?",
    rf"(?P<m4>{_MONTH})\b\.?\s+(?P<d4>\d{{1,2}}){_ORDINAL}\b(?!:\d)(?:,?\s+(?P<y4>(?:19|20)\d{{2}})\b(?!:))?",
    r"(?P<d5>\d{1,2})\.(?P<m5>\d{1,2})\.(?P<y5>\d{4})(?!\d)",
    r"(?P<d6>\d{1,2})/(?P<m6>[A-Z][a-z]{2})/(?P<y6>\d{4})",
)
_CLOCK = (
    r"(?P<h>\d{1,2})[:.](?P<mi>\d{2})(?::(?P<s>\d{2})(?P<frac>[.,]\d{1,9})?)?"
    r"(?!\d|:\d)(?:\s?(?P<ap>[ap]\.?m\b\.?))?"
)
_HOUR = r"(?P<h2>\d{1,2})\s?(?P<ap2>[ap]\.?m\b\.?)"
_MILITARY = (
    r"(?P<hm>[012]\d[0-5]\d)(?=\s?(?:hrs\b|h\b|UTC\b|GMT\b|Z\b|CES?T\b|BST\b))(?:\s?(?:hrs|h)\b)?"
)
_DATE = re.compile(rf"(?<![\w.:/-]){_WEEKDAY}(?:{'|'.join(_DATES)})", re.IGNORECASE)
_TIME = re.compile(rf"(?:{_CLOCK}|{_HOUR}|{_MILITARY})", re.IGNORECASE)
_ALONE = re.compile(
    rf"(?<![\w.:,/+\-$%#@])~?(?:{_CLOCK.replace('[:.]', ':')}|{_HOUR}|{_MILITARY})", re.IGNORECASE
)
_BETWEEN = re.compile(r"(?:[T_]|[\s,]*(?:\bat\b|@|-|\u2013|:)?[\s,~]*)", re.IGNORECASE)
_BEFORE = re.compile(r",?\s+\(?(?:on\s+)?(?:the\s+)?", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?<![\w-])(?:YYYY[-/]MM[-/]DD(?:[ T]HH:MM)?|(?:\d{4}[-/](?:\d\d|\?\?)[-/](?:\d\d|\?\?)[ T])?"
    r"(?:HH:mm|hh:mm|HH:MM|XX:XX|xx:xx|\?\?:\?\?)|\d{4}[-/](?:\?\?|XX|MM)(?:[-/](?:\?\?|XX|DD))?)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class When:
    """A date, a time, or both, as written."""

    start: int
    end: int
    date: dt.date | None = None
    time: dt.time | None = None
    precision: Precision = Precision.MINUTE
    zone: str = ""
    """As written directly behind it; empty when nothing is."""
    offset: int | None = None
    """Minutes east of UTC; None when no zone is written or it needs a date that is not there."""
    year_known: bool = True
    placeholder: bool = False
    """`HH:mm`, `YYYY-MM-DD`: a place that nobody filled in."""
    impossible: str = ""
    """Why no calendar has it: `hour 25`, `30 February`; then date or time is None."""
    weekday: int | None = None
    """As written, Monday is 0."""

    @property
    def local(self) -> dt.datetime | None:
        """Date and time together, without a zone; None when either is missing."""
        if self.date is None or self.time is None:
            return None
        return dt.datetime.combine(self.date, self.time)

    def utc(self, otherwise: int | None = None) -> dt.datetime | None:
        """Return it in UTC; `otherwise` is the offset in minutes when it names no zone itself."""
        local, offset = self.local, self.offset if self.offset is not None else otherwise
        if local is None or offset is None:
            return None
        return (local - dt.timedelta(minutes=offset)).replace(tzinfo=dt.UTC)


def times(text: str) -> tuple[When, ...]:
    """Return every date and time in a text, in order; a date and its time are one.

    A month and day without a year have `year_known` False and the year 2000, a leap year.
    """
    found: list[When] = []
    taken = [False] * (len(text) + 1)

    def take(one: When) -> None:
        taken[one.start : one.end] = [True] * (one.end - one.start)
        found.append(one)

    for match in _PLACEHOLDER.finditer(text):
        take(When(match.start(), match.end(), placeholder=True))
    for match in _DATE.finditer(text):
        if not any(taken[match.start() : match.end()]):
            take(_dated(match, text))
    for match in _ALONE.finditer(text):
        if not any(taken[match.start() : match.end()]) and _is_time(match, text):
            take(_timed(match, text))
    return tuple(_joined(sorted(found, key=lambda one: one.start), text))


def _joined(found: list[When], text: str) -> Iterator[When]:
    """Join a time to the date directly behind it: `17:22 UTC on 18 August`."""
    held: When | None = None
    for one in found:
        if held is not None:
            joins = one.date is not None and one.time is None and not one.placeholder
            if joins and _BEFORE.fullmatch(text, held.end, one.start):
                yield _together(held, one)
                held = None
                continue
            yield held
            held = None
        if one.date is None and one.time is not None:
            held = one
        else:
            yield one
    if held is not None:
        yield held


def _together(time: When, date: When) -> When:
    assert time.time is not None
    local = dt.datetime.combine(date.date, time.time) if date.date else None
    offset = offset_of(time.zone, local) if time.zone else None
    return replace(
        date, start=time.start, time=time.time, precision=time.precision, zone=time.zone,
        offset=offset, impossible=date.impossible or time.impossible,
    )  # fmt: skip


def _dated(match: re.Match[str], text: str) -> When:
    """Return a date, with the time directly behind it (or directly before it) when there is one."""
    date, year_known, wrong = _date(match)
    weekday = _DAY_NUMBER[match["weekday"][:2].lower()] if match["weekday"] else None
    between = _BETWEEN.match(text, match.end())
    behind = _TIME.match(text, between.end()) if between else None
    if behind is None or _is_range(text, match.end(), behind.start()):
        return When(
            match.start(), match.end(), date, None, Precision.DAY, "", None, year_known,
            impossible=wrong, weekday=weekday,
        )  # fmt: skip
    time, precision, bad = _time(behind)
    zone = zone_after(text, behind.end())
    name, end = (zone.name, zone.end) if zone else ("", behind.end())
    local = dt.datetime.combine(date, time) if date and time else None
    return When(
        match.start(), end, date, time, precision, name,
        offset_of(name, local) if name else None, year_known, impossible=wrong or bad,
        weekday=weekday,
    )  # fmt: skip


def _is_range(text: str, end: int, start: int) -> bool:
    """Tell whether a dash joins a date to a number that is no time of it: `2020-01-01 - 5.30`."""
    return "-" in text[end:start] and ":" not in text[start : start + 6]


def _timed(match: re.Match[str], text: str) -> When:
    time, precision, bad = _time(match)
    zone = zone_after(text, match.end())
    name, end = (zone.name, zone.end) if zone else ("", match.end())
    offset = offset_of(name) if name else None
    return When(match.start(), end, None, time, precision, name, offset, impossible=bad)


def _is_time(match: re.Match[str], text: str) -> bool:
    """Tell a time from a ratio, a port or a place in a file: `10:41`, not `auth.log:12`."""
    after = text[match.end() : match.end() + 1]
    if match["h"] is None:
        return True
    return not (after == "/" or (after.isalpha() and not match["ap"] and after not in "ZT"))


def _date(match: re.Match[str]) -> tuple[dt.date | None, bool, str]:
    groups = {k: v for k, v in match.groupdict().items() if v and k != "weekday"}
    parts = {key[0]: value for key, value in groups.items()}
    month_text, day = parts["m"].lower(), int(parts["d"])
    month = int(month_text) if month_text.isdigit() else _MONTHS.get(month_text, 0)
    year = int(parts["y"]) if "y" in parts else 2000
    try:
        return dt.date(year, month, day), "y" in parts, ""
    except ValueError:
        return None, "y" in parts, f"no calendar has a day {day} of month {month}"


def _time(match: re.Match[str]) -> tuple[dt.time | None, Precision, str]:
    groups = match.groupdict()
    if groups.get("hm"):
        hour, minute, second, fraction = int(groups["hm"][:2]), int(groups["hm"][2:]), 0, ""
    elif groups.get("h2"):
        hour, minute, second, fraction = int(groups["h2"]), 0, 0, ""
    else:
        hour, minute = int(groups["h"]), int(groups["mi"])
        second, fraction = int(groups["s"] or 0), (groups["frac"] or "")[1:]
    half = (groups.get("ap") or groups.get("ap2") or "").lower()[:1]
    precision = _precision(groups)
    if half and not 1 <= hour <= 12:
        return None, precision, f"there is no hour {hour} {half}m"
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    try:
        # A leap second is written 60, and Python's clock has none.
        return dt.time(hour, minute, min(second, 59), micro), precision, _odd(hour, minute, second)
    except ValueError:
        return None, precision, _odd(hour, minute, second) or f"no clock shows {hour}:{minute:02}"


def _odd(hour: int, minute: int, second: int) -> str:
    if hour == 24 and minute == 0:
        return "24:00 is 00:00 of the next day; write that"
    if hour > 23 or minute > 59 or second > 60:
        return f"no clock shows {hour}:{minute:02}" + (f":{second:02}" if second else "")
    return ""


def _precision(groups: dict[str, str | None]) -> Precision:
    if groups.get("frac"):
        return Precision.FINE
    return Precision.SECOND if groups.get("s") else Precision.MINUTE
