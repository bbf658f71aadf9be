"""Syslog in its forms: RFC 3164, RFC 5424, and what rsyslog and journalctl write by default."""

from __future__ import annotations

import re
from collections.abc import Sequence

from undersign.telemetry.logbook.batch import Columns, Facts
from undersign.telemetry.logbook.clock import Clock
from undersign.telemetry.logbook.lines.said import facts_said
from undersign.telemetry.logbook.lines.share import columns, share

_PRI = r"(?:<\d{1,3}>)?"
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_STAMP = r"[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,6})?(?: \d{4})?"
_3164 = re.compile(rf"{_PRI}({_STAMP})(?::| \S+) (.*)", re.DOTALL)
_5424 = re.compile(rf"<\d{{1,3}}>1 (-|{_ISO}) \S+ (.*)", re.DOTALL)
_RFC3339 = re.compile(rf"{_PRI}({_ISO}) \S+ (.*)", re.DOTALL)
_STRICT_RFC3339 = re.compile(
    rf"{_PRI}{_ISO} [\w.:-]+ (?:[\w./@()-]+(?:\[\d+\])?: ?.*|\w+\[\d+\]: .*)"
)
_HOST = re.compile(rf"{_PRI}(?:1 )?(?:{_ISO}|{_STAMP}|-):? (?P<host>\S+) (?P<rest>.*)", re.DOTALL)
_TAG = re.compile(r"(?P<process>[^\s\[:]{1,64})(?:\[(?P<pid>\d+)\])?:\s?(?P<said>.*)", re.DOTALL)
_STRUCTURED = re.compile(
    r"(?P<app>\S+) \S+ \S+ (?:-|(?:\[[^\]]*\])+) ?(?:\ufeff)?(?P<said>.*)", re.DOTALL
)


def recognises_3164(sample: Sequence[str]) -> float:
    """Tell how much of a sample is RFC 3164: `Mar 11 19:26:39 host tag: text`."""
    return share(_3164, sample)


def recognises_5424(sample: Sequence[str]) -> float:
    """Tell how much of a sample is RFC 5424: `<34>1 2003-10-11T22:14:15Z host app ...`."""
    return share(_5424, sample)


def recognises_iso(sample: Sequence[str]) -> float:
    """Tell how much of a sample is syslog with RFC 3339 times: `2020-05-31T00:00:45Z host x:`."""
    return share(_STRICT_RFC3339, sample)


def columns_of_3164(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines of RFC 3164."""
    return columns(lines, _3164, clock.stamp)


def columns_of_5424(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines of RFC 5424; `-` is no time."""
    return columns(lines, _5424, clock.iso)


def columns_of_iso(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines with an RFC 3339 time."""
    return columns(lines, _RFC3339, clock.iso)


def facts(raw: str) -> Facts:
    """Return host and process, and what the message says that is known to say it."""
    found = _HOST.match(raw)
    if found is None:
        return Facts()
    roles: dict[str, tuple[str, ...]] = {"host": (found["host"],)}
    rest = found["rest"]
    tagged = _TAG.match(rest) if not raw.startswith("<") or ">1 " not in raw[:8] else None
    structured = None if tagged else _STRUCTURED.match(rest)
    said, process = rest, ""
    if tagged is not None:
        said, process = tagged["said"], tagged["process"]
    elif structured is not None:
        said, process = structured["said"], structured["app"]
    if process not in ("", "-"):
        roles["process"] = (process,)
    more = facts_said(process, said)
    return Facts({**roles, **more.roles}, more.outcome)
