"""Any line that begins with a time, or has one near its beginning: the last resort."""

from __future__ import annotations

import re
from collections.abc import Sequence

from undersign.telemetry.logbook.batch import NAT, Columns, Facts
from undersign.telemetry.logbook.clock import Clock
from undersign.telemetry.logbook.lines.share import share

_ISO = (
    r"(?P<iso>\d{4}[-/]\d\d[-/]\d\d[T _:]\d\d[:.]\d\d[:.]\d\d(?:[.,]\d{1,9})?"
    r"(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?)"
)
_WEB = r"(?P<web>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)"
_DAY_MONTH = (
    r"(?P<stamp>(?:[A-Z][a-z]{2},? )?(?:[A-Z][a-z]{2} [ \d]?\d|\d{1,2}[- ][A-Z][a-z]{2})"
    r"(?:[, -]+\d{4})? \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?)"
)
_GLOG = r"(?P<glog>[IWEFD]\d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?)"
_EPOCH = r"(?P<epoch>1\d{9}(?:\.\d{1,9}|\d{3}|\d{6})?)(?=[\s:|,\]])"
_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_LINE = re.compile(
    rf"(?P<before>[^\d]{{0,40}}?|[^\n]{{0,60}}?[\s\[(|])"
    rf"(?:{_ISO}|{_WEB}|{_DAY_MONTH}|{_GLOG}|{_EPOCH})[\])]?[:,|]?\s*"
)


def recognises(sample: Sequence[str]) -> float:
    """Tell how much of a sample has a time near its beginning."""
    return share(_LINE, sample)


def columns(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines; the message is what is left without the time."""
    times, messages = [], []
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            times.append(NAT)
            messages.append(line)
        else:
            times.append(_time(found, clock))
            messages.append((found["before"] + line[found.end() :]).strip())
    return Columns(times, messages)


def facts(raw: str) -> Facts:
    """Return nothing: a line of no known format has no typed fields."""
    return Facts()


def _time(found: re.Match[str], clock: Clock) -> int:
    if text := found["iso"]:
        return clock.iso(text)
    if text := found["web"]:
        return clock.web(text)
    if text := found["stamp"]:
        return clock.stamp(
            re.sub(r"(\d)-([A-Z])", r"\1 \2", text).replace("-", " ").replace(",", "")
        )
    if text := found["glog"]:
        month, day = int(text[1:3]), text[3:5]
        return (
            clock.stamp(f"{_NAMES[4 * month - 4 : 4 * month - 1]} {day} {text[6:]}")
            if 1 <= month <= 12
            else NAT
        )
    digits = found["epoch"].partition(".")
    scale = 10 ** (len(digits[0]) - 10)
    return clock.epoch(float(found["epoch"]) / scale)
