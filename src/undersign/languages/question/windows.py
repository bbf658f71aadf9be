"""The time a question is about: lookbacks, dates, hours of the day, days of the week."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from undersign.languages.question.sheet import NUMBER, Sheet, number
from undersign.records.question import Window

SECONDS = {
    "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "o": 2592000, "q": 7776000, "y": 31536000,
}  # fmt: skip
"""Length of a unit of time by its first letter, months by `o`."""
UNIT = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|quarters?|years?|yrs?"
    r"|[smhdw])"
)
_LAST = r"(?:last|past|previous|recent|latest|prior|preceding|trailing|most recent)"
_LOOKBACK = re.compile(
    rf"\b(?:(?:in|over|for|during|within|from|of|since|across)\s+)?(?:the\s+|these\s+)?{_LAST}\s*"
    rf"({NUMBER})[\s-]*({UNIT})\b",
    re.IGNORECASE,
)
_LAST_ONE = re.compile(
    rf"\b(?:(?:in|over|for|during|within|from|of|since)\s+)?(?:the\s+)?{_LAST}\s+"
    r"(hour|day|week|month|quarter|year)\b",
    re.IGNORECASE,
)
_AGO = re.compile(
    rf"\b(?:since|from|after|starting)\s+({NUMBER}|an?)\s*({UNIT})\s+ago\b", re.IGNORECASE
)
_BARE = re.compile(
    rf"\b(in|over|for|during|within|per|every|inside|of)\s+(?:a\s+|an\s+|any\s+|the\s+|one\s+)?"
    rf"(?:span\s+of\s+|period\s+of\s+|window\s+of\s+)?"
    rf"({NUMBER})?[\s-]*({UNIT})\b(?![\s-]*(?:bins?|buckets?))"
    r"(?:\s+(?:time\s+)?(?:windows?|periods?|intervals?|spans?))?",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    r"\b(?:(?:from|in|during|for|of)\s+)?(yesterday|today|this (?:week|month|year|morning)|"
    r"since (?:last )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday"
    r"|midnight|this morning)|last (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|night|weekend)|overnight|tonight)\b",
    re.IGNORECASE,
)
_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_CLOCK = r"(?:(?:\s*[T,]\s*|\s+(?:at\s+)?)\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?)?"
_DATE = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}{_CLOCK}"
    rf"|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}{_CLOCK}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?,?\s+\d{{4}}{_CLOCK})"
    r"(?:\s*(?:Z|UTC|GMT)\b)?"
)
_DATES = re.compile(
    rf"\b(?:(?:between|from|in)\s+)?['\"]?({_DATE})['\"]?\s*(?:-|–|and|to|until|till|through|\.\.)\s*"
    rf"['\"]?({_DATE})['\"]?",
    re.IGNORECASE,
)
_EDGE = re.compile(
    rf"\b(on or after|since|after|from|starting(?: from| on)?|on or before|before|until|till|up to"
    rf"|prior to|on|at|of|for|dated)\s+(?:the\s+)?['\"]?({_DATE})['\"]?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[\sT,at]*(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.I
)
_NAMED = re.compile(
    rf"(?:({_MONTH})\.?\s+(\d{{1,2}})|(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH}))\D*?(\d{{4}})"
    r"(?:[\sT,at]*(\d{1,2}):(\d{2})(?::(\d{2}))?)?",
    re.IGNORECASE,
)
_TIME = r"(\d{1,2})(?::(\d{2}))?\s*(am|pm|h)?"
_HOURS = re.compile(
    rf"\b(outside(?: of)?\s+)?(?:between|from)\s+{_TIME}\s*(?:and|to|-|–|until)\s*{_TIME}"
    r"(?:\s*o'clock)?\b",
    re.IGNORECASE,
)
_OFF_HOURS = re.compile(
    r"\b(?:(?:outside|out|not during|not in|off)[ -](?:of |the |normal |regular )*"
    r"(?:business|office|working|work|core|normal)?[ -]?hours|after[ -]hours|off[ -]hours"
    r"|out[ -]of[ -]hours|non[ -](?:business|working|office)[ -]hours)\b",
    re.IGNORECASE,
)
_ON_HOURS = re.compile(r"\b(?:during|in|within) (?:business|office|working|work)[ -]?hours\b", re.I)
_NIGHT = re.compile(r"\b(?:at|during the|by|late at) nights?\b", re.IGNORECASE)
_WEEKENDS = re.compile(
    r"\b(?:(?:on|at|over|during|in) )?(?:the |a )?(weekends?|weekdays|workdays|working days)\b",
    re.IGNORECASE,
)
_ZONE = re.compile(r"\b(UTC|GMT|CET|CEST|EST|EDT|PST|PDT|CST|IST|JST|BST|[A-Z][a-z]+/[A-Z]\w+)\b")
WORKDAY = (8, 18)
"""Hours taken as working hours when a question says no more than that."""
NIGHT = (22, 6)


def window(sheet: Sheet) -> Window | None:
    """Read the time a question is about; None when it names none.

    Must run before the thresholds, which would take `7` of `last 7 days`.
    """
    span = _dates(sheet) or _lookback(sheet) or _edges(sheet) or _calendar(sheet)
    for part in (_hours(sheet), _weekdays(sheet)):
        if part and span:
            span = replace(
                span, hours=part.hours or span.hours, weekdays=part.weekdays or span.weekdays
            )
        span = span or part
    if span is None:
        return None
    zone = _ZONE.search(sheet.rest)
    if zone:
        sheet.take_match(zone)
        return replace(span, zone=zone.group(1))
    named = re.search(r"\b(UTC|GMT)\b", span.piece.text)
    return replace(span, zone=named.group(1)) if named else span


def within(sheet: Sheet) -> Window | None:
    """Read the time in which events are counted or follow each other: `within 10 minutes`."""
    for match in _BARE.finditer(sheet.rest):
        word, count, unit = match.groups()
        if word.lower() in {"per", "every", "of", "for", "during"} and not count:
            continue
        if count or word.lower() in {"within", "in"}:
            length = seconds(count or "one", unit)
            return Window(sheet.take_match(match), seconds=length)
    return None


def seconds(count: str, unit: str) -> float:
    """Return the length of so many units in seconds; a month is 30 days, a year 365."""
    key = "o" if unit.lower().startswith("mo") else unit[0].lower()
    return number(count) * SECONDS[key]


def _lookback(sheet: Sheet) -> Window | None:
    match = _LOOKBACK.search(sheet.rest) or _AGO.search(sheet.rest)
    if match:
        count = match.group(1)
        length = seconds("one" if count.lower() in {"a", "an"} else count, match.group(2))
        return Window(sheet.take_match(match), seconds=length)
    match = _LAST_ONE.search(sheet.rest)
    if match:
        return Window(sheet.take_match(match), seconds=seconds("one", match.group(1)))
    return None


def _calendar(sheet: Sheet) -> Window | None:
    match = _CALENDAR.search(sheet.rest)
    if match is None:
        return None
    said = " ".join(match.group(1).lower().split())
    return Window(sheet.take_match(match), calendar=said)


def _dates(sheet: Sheet) -> Window | None:
    match = _DATES.search(sheet.rest)
    if match is None:
        return None
    first, last = _moment(match.group(1)), _moment(match.group(2))
    if first is None or last is None:
        return None
    end = last[0] if last[1] else last[0] + timedelta(days=1)
    return Window(sheet.take_match(match), start=_text(first[0]), end=_text(end))


def _edges(sheet: Sheet) -> Window | None:
    """Read one-sided dates; two of them (`after A ... before B`) make one window."""
    found: Window | None = None
    for match in list(_EDGE.finditer(sheet.rest)):
        moment = _moment(match.group(2))
        if moment is None:
            continue
        start, end = _sides(match.group(1).lower(), *moment)
        piece = sheet.take_match(match)
        if found is None:
            found = Window(piece, start=start, end=end)
        else:
            found = replace(found, start=found.start or start, end=found.end or end)
    return found


def _sides(word: str, moment: datetime, timed: bool) -> tuple[str | None, str | None]:
    day_after = moment if timed else moment + timedelta(days=1)
    if word == "after":
        return _text(day_after), None
    if word in {"before", "prior to"}:
        return None, _text(moment)
    if word in {"on or before", "until", "till", "up to"}:
        return None, _text(day_after)
    if word in {"on", "at", "of", "for", "dated"}:
        return _text(moment), _text(moment + timedelta(minutes=1) if timed else day_after)
    return _text(moment), None


def _moment(text: str) -> tuple[datetime, bool] | None:
    """Read a date; the flag says whether it came with a time of day."""
    iso, named = _ISO.search(text), _NAMED.search(text)
    if iso:
        year, month, day, *clock = iso.groups()
        number_of_month = int(month)
    elif named:
        m1, d1, d2, m2, year, *clock = named.groups()
        day = d1 or d2
        number_of_month = _MONTHS.index((m1 or m2)[:3].lower()) + 1
    else:
        return None
    hour, minute, second = (int(part or 0) for part in clock)
    try:
        moment = datetime(int(year), number_of_month, int(day), hour, minute, second, tzinfo=UTC)
        # The day after must exist as well: 9999-12-31 has none.
        moment + timedelta(days=1)
    except (ValueError, OverflowError):  # no such day
        return None
    return moment, clock[0] is not None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _hours(sheet: Sheet) -> Window | None:
    for pattern, hours in ((_OFF_HOURS, WORKDAY[::-1]), (_ON_HOURS, WORKDAY), (_NIGHT, NIGHT)):
        match = pattern.search(sheet.rest)
        if match:
            return Window(sheet.take_match(match), hours=(hours[0], hours[1]))
    match = _HOURS.search(sheet.rest)
    if match is None:
        return None
    outside, h1, m1, half1, h2, m2, half2 = match.groups()
    if not (m1 or m2 or half1 or half2):
        return None
    start, end = _hour(h1, half1 or half2), _hour(h2, half2)
    if start is None or end is None:
        return None
    return Window(sheet.take_match(match), hours=(end, start) if outside else (start, end))


def _hour(text: str, half: str | None) -> int | None:
    hour = int(text)
    if half and half.lower() == "pm" and hour < 12:
        hour += 12
    elif half and half.lower() == "am" and hour == 12:
        hour = 0
    return hour % 24 if hour <= 24 else None


def _weekdays(sheet: Sheet) -> Window | None:
    match = _WEEKENDS.search(sheet.rest)
    if match is None:
        return None
    days = (5, 6) if match.group(1).lower().startswith("weekend") else (0, 1, 2, 3, 4)
    return Window(sheet.take_match(match), weekdays=days)
