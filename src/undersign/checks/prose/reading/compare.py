"""A time, a name, a number or a length of a sentence against the evidence that it cites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from undersign.checks.prose.reading.cited import Cited, pieces
from undersign.checks.prose.reading.stated import Stated, Thing
from undersign.languages.when import Length, When
from undersign.records.evidence import Precision

_I = re.IGNORECASE
_ABOUT = re.compile(r"(?:~|\b(?:about|around|approx(?:imately)?\.?|roughly|circa|ca\.|nearly|"
                    r"almost|"
                    r"shortly (?:after|before)|just (?:after|before)))\s*$", _I)  # fmt: skip
_AFTER = re.compile(r"\b(?:after|since|starting|beginning|from .{0,10}on)\s*$", _I)
_BEFORE = re.compile(r"\b(?:before|until|till|by|up to|prior to|no later than)\s*$", _I)
_RANGE = re.compile(r"\b(?:between|from|during|within)\b", _I)
_SLACK = timedelta(minutes=15)
_ROUND = (0, 15, 30, 45)
_PERSON_ROLES = ("actor", "target", "account")
_OF_ROLE = {
    "from": ("address", "host", "region", "account", "file", "actor"),
    "user": _PERSON_ROLES,
    "account": _PERSON_ROLES,
    "principal": _PERSON_ROLES,
    "role": _PERSON_ROLES,
}
"""A word before a name -> the roles that the name may have then."""


def wrong_time(when: When, at: int, said: Stated, cited: Cited, offset: int) -> str | None:
    """Return what is wrong with one time of a sentence; None when the evidence bears it out.

    `at` is its place among the sentence's times, `offset` the zone of times without one, minutes
    east of UTC.
    """
    if when.placeholder or not cited.evidence:
        return None
    if not cited.times:
        return "no time"
    own = _offset(when, at, said.times, offset)
    if any(_equal(when, moment, own) for moment in cited.times):
        return None
    before = said.bare[max(0, when.start - 20) : when.start]
    if _is_loosely_right(when, before, cited.times, own) or _in_loose_range(
        when, at, said, cited.times, own
    ):
        return None
    return "; ".join(_written(m, when, own) for m in sorted(cited.times)[:3])


def _offset(when: When, at: int, every: Sequence[When], offset: int) -> int:
    """Return the zone of a time: its own, that of the time right behind it, or the document's."""
    if when.offset is not None:
        return when.offset
    behind = every[at + 1] if at + 1 < len(every) else None
    if behind is not None and behind.offset is not None and behind.start - when.end < 12:
        return behind.offset
    return offset


def _equal(when: When, moment: datetime, offset: int) -> bool:
    local = moment + timedelta(minutes=offset)
    if when.date is not None and not _same_day(when, local.date()):
        return False
    if when.time is None:
        return when.date is not None
    if (when.time.hour, when.time.minute) != (local.hour, local.minute):
        return False
    if when.precision is Precision.MINUTE:
        return True
    if when.time.second != local.second:
        return False
    if when.precision is not Precision.FINE:
        return True
    # Digits that were left out were cut off or rounded; one of the last digit is no difference.
    return abs(when.time.microsecond - local.microsecond) < 1_000


def _same_day(when: When, day: date) -> bool:
    assert when.date is not None
    if when.year_known:
        return when.date == day
    return (when.date.month, when.date.day) == (day.month, day.day)


def _moment(when: When, near: datetime, offset: int) -> datetime | None:
    """Return a time as a moment, on the day of a near one when it names no date."""
    if when.time is None:
        return None
    local = near + timedelta(minutes=offset)
    day = when.date if when.date is not None and when.year_known else local.date()
    if when.date is not None and not when.year_known:
        try:
            day = when.date.replace(year=local.year)
        except ValueError:
            return None
    naive = datetime.combine(day, when.time, tzinfo=near.tzinfo)
    return naive - timedelta(minutes=offset)


def _is_loosely_right(when: When, before: str, moments: Sequence[datetime], offset: int) -> bool:
    """Tell whether words that say so make a time right: about, after, before."""
    for moment in moments:
        stated = _moment(when, moment, offset)
        if stated is None:
            continue
        if _ABOUT.search(before) and abs(stated - moment) <= _SLACK:
            return True
        if _AFTER.search(before) and stated <= moment:
            return True
        if _BEFORE.search(before) and moment <= stated + timedelta(minutes=1):
            return True
    return False


def _in_loose_range(
    when: When, at: int, said: Stated, moments: Sequence[datetime], offset: int
) -> bool:
    """Tell whether a sentence gives round ends that hold all of the evidence: `from 10 to 11`."""
    if when.time is None or when.time.minute not in _ROUND or when.time.second:
        return False
    if len(said.times) < 2 or not _RANGE.search(said.bare[: said.times[0].start + 1]):
        return False
    low, high = said.times[0], said.times[1]
    if at > 1:
        return False
    begin = _moment(low, moments[0], _offset(low, 0, said.times, offset))
    end = _moment(high, moments[0], _offset(high, 1, said.times, offset))
    if begin is None or end is None:
        return False
    return all(begin <= m <= end + timedelta(minutes=1) for m in moments)


def _written(moment: datetime, when: When, offset: int) -> str:
    local = moment + timedelta(minutes=offset)
    form = "%Y-%m-%d" if when.date is not None else ""
    form += (
        ""
        if when.time is None
        else " %H:%M" + ("" if when.precision is Precision.MINUTE else ":%S")
    )
    return f"{local:{form.strip()}} {when.zone}".strip()


def is_grounded(thing: Thing, cited: Cited) -> bool:
    """Tell whether a name stands in the typed fields of the evidence, whole or as a piece."""
    value = thing.value.casefold()
    if value in cited.parts or value in cited.templates:
        return True
    if thing.kind == "event":
        return value in cited.by_role.get("event", ())
    arns = {one for values in cited.by_role.values() for one in values if one.startswith("arn:")}
    if value.startswith("arn:") and arns:
        return value in arns  # region and account are part of the name
    if thing.kind == "account" and _of_another_domain(value, cited):
        return False
    # `CORP\\alice` names the `alice` of the evidence, and the ARN of a user names the user.
    own = set(pieces(value))
    if len(own) > 1 and thing.kind in ("account", "arn", "domain", "email", "code", "quoted"):
        last = max(own - {value}, key=lambda piece: (value.rfind(piece) + len(piece), len(piece)))
        if last in cited.parts and len(last) > 2:
            return thing.kind != "domain" or value.startswith(last)
    return any(value in whole for values in cited.by_role.values() for whole in values
               if len(value) > 5 and thing.kind in ("hash", "path", "code", "quoted"))  # fmt: skip


def _of_another_domain(value: str, cited: Cited) -> bool:
    """Tell whether the evidence has this account, and of other domains or hosts alone."""
    domain, _, name = value.rpartition("\\")
    everything = (one.rpartition("\\") for values in cited.by_role.values() for one in values)
    domains = {of for of, mark, own in everything if mark and own == name}
    return bool(domains) and domain not in domains and domain not in cited.parts


def is_in_text(thing: Thing, cited: Cited) -> bool:
    """Tell whether a name stands anywhere in the raw lines, as a whole word."""
    if thing.kind == "quoted":
        return " ".join(thing.value.casefold().split()) in " ".join(cited.text.split())
    value = re.escape(thing.value.casefold())
    if thing.kind == "named":  # told by its place alone: a part of a name is enough to let it pass
        return re.search(rf"(?<!\w){value}(?!\w)", cited.text) is not None
    return re.search(rf"(?<![\w.-]){value}(?![\w-])", cited.text) is not None


def has_other_role(thing: Thing, cited: Cited) -> str | None:
    """Return the role a name has, when the word before it says another; None when they agree."""
    wanted = _OF_ROLE.get(thing.before)
    if wanted is None or thing.kind in ("event", "camel", "quoted"):
        return None
    value = thing.value.casefold()
    roles = [
        role
        for role, values in cited.by_role.items()
        if any(value in set(pieces(one)) for one in values)
    ]
    return None if not roles or set(roles) & set(wanted) else roles[0]


def wrong_length(length: Length, cited: Cited) -> bool:
    """Tell whether a length of time is none between two moments of the evidence."""
    seconds = sorted(m.timestamp() for m in cited.times)
    for claim in cited.claims:
        stated = claim.slots.get("seconds", "")
        if stated and abs(float(stated) - length.seconds) < _rounding(length):
            return False
    if len(seconds) < 2:
        return False  # nothing to measure: nobody can tell
    ends = [b - a for n, a in enumerate(seconds) for b in seconds[n + 1 :]]
    return not any(abs(one - length.seconds) < _rounding(length) for one in ends[:400])


def _rounding(length: Length) -> float:
    return max(length.unit, 60.0 if length.unit >= 60 else 1.0) * (3 if length.approximate else 1)
