"""Web servers: access logs (CLF, combined), error logs of Apache and nginx, IIS W3C.

W3C extended log file format: https://www.w3.org/TR/WD-logfile.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from undersign.telemetry.logbook.batch import NAT, Columns, Facts
from undersign.telemetry.logbook.clock import Clock
from undersign.telemetry.logbook.lines.share import columns, share

_CLF = re.compile(
    r"(?:[\w.:-]+ )?[\w.:%-]+ \S+ .{1,200}? ?"
    r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (.*)"
)
_REQUEST = re.compile(r'"([A-Z-]{1,20}) ([^\s?"]*)[^"]*" (\d{3})')
_CLF_FACTS = re.compile(
    r"(?:(?P<vhost>[\w.-]+(?::\d+)?) )?(?P<address>[0-9A-Fa-f.:]+|[\w.-]+) \S+ "
    r'(?P<actor>.{1,200}?) \[[^\]]+\] "(?P<method>[A-Z-]{1,20}) (?P<file>\S+)[^"]*" '
    r"(?P<status>\d{3})"
)
_ERROR = re.compile(
    r"(?:\[)?([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}|"
    r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)(?:\])? "
    r"(\[(?:[\w:]+:)?(?:emerg|alert|crit|error|warn|notice|info|debug)\S*\] .*)"
)
_ERROR_CLIENT = re.compile(r"(?:\[client |client: )\[?(?P<address>[0-9A-Fa-f.:]+?)(?::\d+)?[\],]")
_W3C_LINE = re.compile(
    r"#(?:Software|Version|Date|Fields|Remark)|(?:\d{4}-\d\d-\d\d[ \t])?\d\d:\d\d:\d\d[ \t]"
)
_W3C_HEAD = re.compile(r"#(?:Software|Version|Date|Fields)")


def recognises_clf(sample: Sequence[str]) -> float:
    """Tell how much of a sample is an access log: `192.0.2.1 - - [04/Mar/2026:...] "GET ..."`."""
    return share(_CLF, sample)


def columns_of_clf(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines of an access log."""
    times, messages = columns(lines, _CLF, clock.web)
    return Columns(times, [_request(message) for message in messages])


def _request(message: str) -> str:
    """Return what was asked and answered; the status within a word, so that it is no number."""
    found = _REQUEST.match(message)
    return f"{found[1]} {found[2]} HTTP{found[3]}" if found else message


def facts_of_clf(raw: str) -> Facts:
    """Return client, user, method, path and status; a status from 400 on is a failure."""
    found = _CLF_FACTS.match(raw)
    if found is None:
        return Facts()
    roles = {
        "address": found["address"], "actor": found["actor"], "action": found["method"],
        "file": found["file"], "status": found["status"], "host": found["vhost"],
    }  # fmt: skip
    kept = {k: (v,) for k, v in roles.items() if v and v != "-"}
    return Facts(kept, outcome_of(found["status"]))


def outcome_of(status: str) -> str:
    """Return what an HTTP status says: below 400 success, else failure."""
    if not status.isdigit():
        return ""
    return "failure" if int(status) >= 400 else "success"


def recognises_error(sample: Sequence[str]) -> float:
    """Tell how much of a sample is an error log of Apache or nginx."""
    return share(_ERROR, sample)


def columns_of_error(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines of an error log, whose times name no zone."""

    def read(text: str) -> int:
        return clock.iso(text) if text[4:5] == "/" else clock.stamp(text)

    return columns(lines, _ERROR, read)


def facts_of_error(raw: str) -> Facts:
    """Return the client; that it is an error does not say which outcome a request had."""
    found = _ERROR_CLIENT.search(raw)
    return Facts({"address": (found["address"],)} if found else {})


def recognises_w3c(sample: Sequence[str]) -> float:
    """Tell how much of a sample is W3C extended: it begins with `#Fields:` or its like."""
    if not any(_W3C_HEAD.match(line) for line in sample[:5]):
        return 0.0
    return sum(_W3C_LINE.match(line) is not None for line in sample) / max(len(sample), 1)


def columns_of_w3c(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines of W3C extended; the fields and, without a date column, the day stand in heads."""
    times: list[int] = []
    messages: list[str] = []
    for line in lines:
        if line.startswith("#"):
            _w3c_head(line, clock)
            times.append(NAT)
            messages.append(line)
            continue
        words = line.split()
        named = dict(zip(_w3c_fields(clock), words, strict=False))
        day = named.get("date") or _w3c_day(clock)
        at = named.get("time", "")
        times.append(clock.iso(f"{day} {at}Z") if day and at[2:3] == ":" else NAT)
        keys = ("cs-method", "cs-uri-stem", "sc-status")
        messages.append(" ".join(named.get(k, "") for k in keys).strip() or line)
    return Columns(times, messages)


def facts_of_w3c(raw: str) -> Facts:
    """Return what a line shows by its form; the head that names its words is not in it."""
    found = re.search(r"\s([1-5]\d\d)(?:\s\d+){2,}", raw)
    address = re.findall(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", raw)
    roles: dict[str, tuple[str, ...]] = {"status": (found[1],)} if found else {}
    if address:
        roles["address"] = tuple(dict.fromkeys(address))
    method = re.search(r"\s(GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH)\s(\S+)", raw)
    if method:
        roles |= {"action": (method[1],), "file": (method[2],)}
    return Facts(roles, outcome_of(found[1]) if found else "")


def _w3c_head(line: str, clock: Clock) -> None:
    name, _, value = line[1:].partition(":")
    if name in ("Fields", "Date"):
        clock.head[name] = value.strip()


def _w3c_fields(clock: Clock) -> list[str]:
    return clock.head.get("Fields", "date time").split()


def _w3c_day(clock: Clock) -> str:
    return clock.head.get("Date", "")[:10]
