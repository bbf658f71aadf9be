"""Transcripts and on-call notes: lines that begin with a time, and lines that go on from them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from undersign.languages.when import When, times
from undersign.telemetry.channels.channel import ChannelTold, Findings, Message

_LIST = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_BEFORE = re.compile(r"[\s\[(<|*_`~]{0,8}")
_AFTER = re.compile(r"[\s\])>|*_`:–—-]{0,8}")
_AUTHOR = re.compile(
    r"(?:<(?P<irc>[^<>\n]{1,60})>\s*|(?P<name>[A-Za-z@][\w .'@()/-]{0,59}?)\s*(?::|>)\s+)"
)
_PASTED = re.compile(r"(?P<name>[A-Za-z][\w .'@()-]{0,59}?)\s{1,4}(?:\[|APP\s+)?$")
_RULE = re.compile(r"[-=*_\s#>|]*")
_MOST_CONTINUED = 2_000


@dataclass
class _Day:
    """The day that times without a date are of, and the time before."""

    date: dt.date | None
    last: dt.datetime | None = None
    assumed: bool = False
    rolled: int = 0


def looks_timed(text: str) -> float:
    """Return the share of the first lines that begin with a time, or go on from one that does."""
    lines = [line for line in text.split("\n")[:200] if line.strip()][:60]
    return sum(_head(line) is not None for line in lines) / max(len(lines), 1)


def read(text: str, told: ChannelTold) -> Findings:
    """Read a transcript; every line that is not empty is in some message or counted."""
    found = Findings()
    day = _Day(_first_day(text, told), assumed=True)
    zone = ZoneInfo(told.zone) if told.zone else dt.UTC
    current: list[str] = []
    head: tuple[dt.datetime | None, str, str] | None = None
    zoned = True

    def flush(number: int) -> None:
        nonlocal head, current
        if head is not None:
            when, author, words = head
            body = "\n".join([words, *current[1:]]).strip()
            found.messages.append(
                Message(when, author, body, "\n".join(current), order=len(found.messages))
            )
        elif current:
            found.reject(number - len(current), "stands before the first line with a time")
            found.rejects += len(current) - 1
        head, current = None, []

    pasted = ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        if (dated := _date_header(line)) is not None:
            flush(number)
            day.date, day.last, day.assumed = dated, None, False
            current = [line]
            head = (None, "", line.strip())
            flush(number)
            continue
        parsed = _head(line)
        if parsed is None:
            current.append(line)
            if len(current) > _MOST_CONTINUED:
                flush(number)
            continue
        when, rest = parsed
        flush(number)
        moment = _moment(when, day, zone)
        zoned = zoned and when.offset is not None
        author, words = _author(rest)
        pasted = _name_before(line, when)
        head = (moment, author or pasted, words)
        current = [line]
    flush(text.count("\n") + 2)
    _warn(found, told, day, zoned)
    return found


def _warn(found: Findings, told: ChannelTold, day: _Day, zoned: bool) -> None:
    if not zoned and told.zone is None:
        found.warnings.append("its times name no zone, and nobody stated one: read as UTC")
    if day.assumed and found.messages:
        said = f"{day.date} and on" if day.date else "none"
        found.warnings.append(f"its times name no date: read as {said}")
    if day.rolled:
        found.warnings.append(f"past midnight {day.rolled} times: the date was moved on")
    if found.rejects:
        found.warnings.append(f"{found.rejects} lines stand before the first time")


def _head(line: str) -> tuple[When, str] | None:
    """Return the time a line begins with, perhaps after a list mark or a name, and the rest."""
    start = match.end() if (match := _LIST.match(line)) else 0
    before = _BEFORE.match(line, start)
    start = before.end() if before else start
    piece = line[start : start + 60]
    found = next((w for w in times(piece) if w.time is not None), None)
    if found is None:
        return None
    if found.start > 0 and not _PASTED.fullmatch(piece[: found.start]):
        return None
    end = _AFTER.match(line, start + found.end)
    return found, line[end.end() if end else start + found.end :]


def _name_before(line: str, when: When) -> str:
    lead = line.lstrip(" \t[(<|*_`~")
    match = _PASTED.fullmatch(lead[: when.start]) if when.start else None
    return match["name"].strip() if match else ""


def _author(rest: str) -> tuple[str, str]:
    match = _AUTHOR.match(rest)
    if match is None:
        return "", rest.strip()
    return (match["irc"] or match["name"]).strip(" @"), rest[match.end() :].strip()


def _date_header(line: str) -> dt.date | None:
    """Return the date of a line that says a date and nothing else."""
    found = times(line)
    if len(found) != 1 or found[0].date is None or found[0].time is not None:
        return None
    rest = line[: found[0].start] + line[found[0].end :]
    return found[0].date if _RULE.fullmatch(rest) and found[0].year_known else None


def _first_day(text: str, told: ChannelTold) -> dt.date | None:
    if told.as_of is None:
        return None
    day = told.as_of.date()
    return day.replace(year=told.year) if told.year and (day.month, day.day) != (2, 29) else day


def _moment(when: When, day: _Day, zone: dt.tzinfo) -> dt.datetime | None:
    date = when.date
    if date is not None and not when.year_known:
        year = day.date.year if day.date else None
        date = date.replace(year=year) if year and (date.month, date.day) != (2, 29) else None
    if date is not None:
        day.date, day.assumed = date, False
    if day.date is None or when.time is None:
        return None
    local = dt.datetime.combine(day.date, when.time)
    # A time that jumps back by half a day and more, without a date, is of the next day.
    if when.date is None and day.last and (day.last - local) > dt.timedelta(hours=12):
        day.date += dt.timedelta(days=1)
        day.rolled += 1
        local += dt.timedelta(days=1)
    day.last = local
    if when.offset is not None:
        return (local - dt.timedelta(minutes=when.offset)).replace(tzinfo=dt.UTC)
    return local.replace(tzinfo=zone).astimezone(dt.UTC)
