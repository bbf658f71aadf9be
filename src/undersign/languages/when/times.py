"""Dates and times in prose: RFC 3339, `21 September 2020 at 6:27 PM PDT`, `10:41`, `HH:mm`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from undersign.languages.when.zones import Zone, offset_of, zone_after
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
    rf"(?:(?<![\w.:,/+\-$%#@])|(?<=\d-)|(?<=m-))~?"
    rf"(?:{_CLOCK.replace('[:.]', ':')}|{_HOUR}|{_MILITARY})",
    re.IGNORECASE,
)
_DOTTED = re.compile(
    r"(?:(?<=\bat )|(?<=\bkl )|(?<=\bkl\. ))(?P<h>[012]?\d)\.(?P<mi>[0-5]\d)"
    r"(?![\w%]|\.\d|\s?(?:[kKMGT]i?B|ms|s|x|req|percent)\b)|"
    r"(?<![\w.:,/+\-$%#@])(?P<h3>[012]?\d)\.(?P<mi3>[0-5]\d)(?= (?:UTC|GMT|CES?T|BST)\b)"
)
"""`at 10.41`, `10.41 UTC`: a dot alone is a decimal."""
_SLASHED = re.compile(r"(?<![\w./:-])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>(?:19|20)\d{2})(?![\w/])")
"""Day or month first: read when one of the two can be no month."""
_NO_TIME = re.compile(
    r"\b(?:lines?|scores?|scored|won|lost|ratio|odds|ports?|columns?|col|chapter|verse|version)\W{1,3}$",
    re.IGNORECASE,
)
_MAYBE = re.compile(r"\d|\?\?|HH|hh|XX|xx|YYYY")
"""What no text with a time is without."""
_LINE = 400
_WORDS_TOO = ("may", "mar", "march", "dec", "sat", "sun")
"""Names that are words as well: they count in capitals, or with a year."""
_BETWEEN = re.compile(r"(?:[T_]|[\s,]*(?:\bat\b|@|-|\u2013|:)?[\s,~]*)", re.IGNORECASE)
_BEFORE = re.compile(r",?\s+\(?(?:on\s+)?(?:the\s+)?", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?<![\w-])(?:YYYY[-/]MM[-/]DD(?:[ T]HH:MM)?|(?:\d{4}[-/]\d\d[-/]\d\d[ T])?\d\d:\?\?|"
    r"(?:\d{4}[-/](?:\d\d|\?\?)[-/](?:\d\d|\?\?)[ T])?"
    r"(?:HH:mm|hh:mm|HH:MM|XX:XX|xx:xx|\?\?:\?\?)|\d{4}[-/](?:\?\?|XX|MM)(?:[-/](?:\?\?|XX|DD))?|"
    r"\d{4}[-/]\d\d[-/](?:\?\?|XX|DD))(?!\w)"
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
    ambiguous: bool = False
    """Whether its date, such as 3/4/2023, can be read two ways; then `date` is None."""

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
        try:
            return (local - dt.timedelta(minutes=offset)).replace(tzinfo=dt.UTC)
        except OverflowError:  # a minute beyond the first or the last year
            return None


def times(text: str) -> tuple[When, ...]:
    """Return every date and time in a text, in order; a date and its time are one.

    A month and day without a year have `year_known` False and the year 2000, a leap year.
    """
    if _MAYBE.search(text) is None:
        return ()
    return _times_of_a_line(text) if len(text) <= _LINE else tuple(_times(text))


@lru_cache(maxsize=8192)
def _times_of_a_line(text: str) -> tuple[When, ...]:
    """Return the times of a short text; several checks ask for those of the same line."""
    return tuple(_times(text))


def _times(text: str) -> Iterator[When]:
    found: list[When] = []
    taken = [False] * (len(text) + 1)

    def take(one: When) -> None:
        taken[one.start : one.end] = [True] * (one.end - one.start)
        found.append(one)

    for match in _PLACEHOLDER.finditer(text):
        take(When(match.start(), match.end(), placeholder=True))
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if not any(taken[match.start() : match.end()]):
                one = read(match, text)
                if one is not None:
                    take(one)
    yield from _joined(sorted(found, key=lambda one: one.start), text)


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


class _Day(NamedTuple):
    """A date as it was read."""

    date: dt.date | None
    wrong: str = ""
    year_known: bool = True
    weekday: int | None = None


def _dated(match: re.Match[str], text: str) -> When | None:
    month = match["m3"] or match["m4"] or ""
    if month in _WORDS_TOO and not (match["y3"] or match["y4"]):
        return None
    date, year_known, wrong = _date(match)
    weekday = _DAY_NUMBER[match["weekday"][:2].lower()] if match["weekday"] else None
    return _with_time(match, text, _Day(date, wrong, year_known, weekday))


def _slashed(match: re.Match[str], text: str) -> When:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if max(first, second) <= 12 and first != second:
        return _with_time(match, text, _Day(None))
    month, day = (second, first) if first > 12 else (first, second)
    try:
        return _with_time(match, text, _Day(dt.date(year, month, day)))
    except ValueError:
        return _with_time(match, text, _Day(None, f"no calendar has a day {day} of month {month}"))


def _with_time(match: re.Match[str], text: str, day: _Day) -> When:
    """Return a date, with the time directly behind it when there is one."""
    ambiguous = day.date is None and not day.wrong
    between = _BETWEEN.match(text, match.end())
    behind = _TIME.match(text, between.end()) if between else None
    if behind is None or _is_range(text, match.end(), behind.start()):
        return When(
            match.start(), match.end(), day.date, None, Precision.DAY, "", None, day.year_known,
            impossible=day.wrong, weekday=day.weekday, ambiguous=ambiguous,
        )  # fmt: skip
    time, precision, bad = _time(behind)
    zone = _zone(text, behind, "T" in (between[0] if between else ""))
    name, end = (zone.name, zone.end) if zone else ("", behind.end())
    date, weekday = day.date, day.weekday
    if date is not None and date < dt.date.max and _is_midnight(behind):
        date, weekday = date + dt.timedelta(days=1), None
    local = dt.datetime.combine(date, time) if date and time else None
    return When(
        match.start(), end, date, time, precision, name,
        offset_of(name, local) if name else None, day.year_known, impossible=day.wrong or bad,
        weekday=weekday, ambiguous=ambiguous,
    )  # fmt: skip


def _is_midnight(match: re.Match[str]) -> bool:
    """Tell 24:00, which ISO 8601 has for the end of a day."""
    groups = match.groupdict()
    return groups.get("h") == "24" and groups.get("mi") == "00" and not int(groups.get("s") or 0)


def _zone(text: str, time: re.Match[str], machine: bool) -> Zone | None:
    """Return the zone behind a time; the `-10:41` of `10:15-10:41` is the end of a range."""
    zone = zone_after(text, time.end())
    if zone is None or machine or time.groupdict().get("s"):
        return zone
    written = text[zone.start : zone.end]
    return None if re.fullmatch(r"\s?[\u2212-]\d\d:\d\d", written) else zone


def _is_range(text: str, end: int, start: int) -> bool:
    """Tell whether a dash joins a date to a number that is no time of it: `2020-01-01 - 5.30`."""
    return "-" in text[end:start] and ":" not in text[start : start + 6]


def _alone(match: re.Match[str], text: str) -> When | None:
    return _timed(match, text) if _is_time(match, text) else None


def _timed(match: re.Match[str], text: str) -> When:
    time, precision, bad = _time(match)
    zone = _zone(text, match, machine=False)
    name, end = (zone.name, zone.end) if zone else ("", match.end())
    offset = offset_of(name) if name else None
    return When(match.start(), end, None, time, precision, name, offset, impossible=bad)


def _is_time(match: re.Match[str], text: str) -> bool:
    """Tell a time from a ratio, a port or a place in a file: `10:41`, not `auth.log:12`."""
    after = text[match.end() : match.end() + 1]
    if match["h"] is None:
        return True
    if _NO_TIME.search(text, max(0, match.start() - 16), match.start()):
        return False
    if after == "h" and not text[match.end() + 1 : match.end() + 2].isalnum():
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
    elif groups.get("h3"):
        hour, minute, second, fraction = int(groups["h3"]), int(groups["mi3"] or 0), 0, ""
    else:
        hour, minute = int(groups["h"] or 0), int(groups["mi"] or 0)
        second, fraction = int(groups.get("s") or 0), (groups.get("frac") or "")[1:]
    half = (groups.get("ap") or groups.get("ap2") or "").lower()[:1]
    precision = _precision(groups)
    if half and not 1 <= hour <= 12:
        return None, precision, f"there is no hour {hour} {half}m"
    if _is_midnight(match):
        hour = 0
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    try:
        # A leap second is written 60, and Python's clock has none.
        return dt.time(hour, minute, min(second, 59), micro), precision, _odd(hour, minute, second)
    except ValueError:
        return None, precision, _odd(hour, minute, second) or f"no clock shows {hour}:{minute:02}"


def _odd(hour: int, minute: int, second: int) -> str:
    if hour > 23 or minute > 59 or second > 60:
        return f"no clock shows {hour}:{minute:02}" + (f":{second:02}" if second else "")
    return ""


def _precision(groups: dict[str, str | None]) -> Precision:
    if groups.get("frac"):
        return Precision.FINE
    return Precision.SECOND if groups.get("s") else Precision.MINUTE


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], When | None]], ...] = (
    (_DATE, _dated),
    (_SLASHED, _slashed),
    (_DOTTED, _timed),
    (_ALONE, _alone),
)
"""The first that reads a piece of the text takes it."""
