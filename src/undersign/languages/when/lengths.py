"""Lengths of time in prose: `4h 27m`, `2 hours and 5 minutes`, `about half an hour`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = {
    "w": 604_800, "week": 604_800, "weeks": 604_800, "wk": 604_800, "wks": 604_800,
    "d": 86_400, "day": 86_400, "days": 86_400,
    "h": 3_600, "hr": 3_600, "hrs": 3_600, "hour": 3_600, "hours": 3_600,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
}  # fmt: skip
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_NUMBER = r"\d{1,6}(?:[.,]\d{1,2})?"
_LONG = r"weeks?|wks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?"
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_ONE = (
    rf"(?:{_NUMBER}(?:\s?|-)(?:{_LONG})\b|{_NUMBER}\s?[wdhms]\b|(?:{_WORD})(?:\s+|-)(?:{_LONG})\b)"
)
_JOINED = rf"(?:{_NUMBER}(?:{_LONG}|[wdhms])){{2,4}}\b"  # 4h27m
_HALF = (
    r"(?:half\s+an?\s+(?P<half>hour|day|minute))\b|"
    r"(?P<more>an?|one|two|three|\d+)\s+and\s+a\s+half\s+(?P<unit>hours?|days?|minutes?)\b|"
    r"(?P<one>an?|one)\s+(?P<unit1>hour|day|minute)\s+and\s+a\s+half\b|"
    r"(?P<thirds>(?:a\s+quarter|three\s+quarters)\s+of\s+an\s+hour)\b"
)
_LENGTH = re.compile(
    rf"(?<![\w.,:/+-])(?:(?P<joined>{_JOINED})|{_HALF}|"
    rf"(?P<sum>{_ONE}(?:(?:\s*,?\s*(?:and\s+)?){_ONE})*))",
    re.IGNORECASE,
)
_PART = re.compile(rf"({_NUMBER}|(?:{_WORD})(?=[\s-]))[\s-]*({_LONG}|[wdhms])", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:~|\u2248|\b(?:about|around|approx(?:imately)?\.?|roughly|nearly|almost|some|circa|over|"
    r"under|more than|less than|up to|at least|at most|within|every|last|past|next|first)|"
    r"\d\s*(?:to|or|-|\u2013))\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time as written."""

    start: int
    end: int
    seconds: float
    approximate: bool
    """Whether words before it say that it is not meant exactly: `about`, `over`, `every`."""
    unit: float
    """Seconds of its smallest unit: what it is exact to."""


def lengths(text: str) -> tuple[Length, ...]:
    """Return every length of time that a text states, in order."""
    found = []
    for match in _LENGTH.finditer(text):
        measured = _measured(match)
        if measured is None:
            continue
        seconds, unit = measured
        before = text[max(0, match.start() - 24) : match.start()]
        found.append(Length(match.start(), match.end(), seconds, bool(_ABOUT.search(before)), unit))
    return tuple(found)


def _measured(match: re.Match[str]) -> tuple[float, float] | None:
    if match["half"]:
        whole = _UNITS[match["half"].lower()]
        return whole / 2, whole / 2
    if match["more"]:
        whole = _UNITS[match["unit"].lower()]
        return (_number(match["more"]) + 0.5) * whole, whole / 2
    if match["one"]:
        return 1.5 * _UNITS[match["unit1"].lower()], _UNITS[match["unit1"].lower()] / 2
    if match["thirds"]:
        return (900.0, 900.0) if "quarter " in match["thirds"].lower() else (2_700.0, 900.0)
    parts = [(_number(n), _UNITS[u.lower()]) for n, u in _PART.findall(match[0])]
    units = [unit for _, unit in parts]
    # `5 m 3 h` is no length: units go down, each once.
    if not parts or units != sorted(set(units), reverse=True):
        return None
    return sum(n * unit for n, unit in parts), float(units[-1])


def _number(text: str) -> float:
    lowered = text.lower()
    return float(_WORDS[lowered]) if lowered in _WORDS else float(text.replace(",", "."))
