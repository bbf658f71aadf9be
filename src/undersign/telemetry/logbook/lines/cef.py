"""CEF and LEEF, bare or behind a syslog head: a bar-separated head and key=value fields.

Names of fields: ArcSight Common Event Format 25, IBM QRadar LEEF 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from undersign.telemetry.logbook.batch import NAT, Columns, Facts
from undersign.telemetry.logbook.clock import Clock
from undersign.telemetry.logbook.lines.share import share

_CEF = re.compile(r".{0,200}?CEF:\s?\d+\|")
_LEEF = re.compile(r".{0,200}?LEEF:\s?[12]\.\d\|")
_HEAD = re.compile(
    r"(?:<\d{1,3}>)?(?:1 )?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\S+)"
)
_BAR = re.compile(r"(?<!\\)\|")
_CEF_PAIR = re.compile(
    r"(?:^|\s)([A-Za-z0-9_.\[\]-]+)=((?:\\.|[^\\=])*?)(?=\s+[A-Za-z0-9_.\[\]-]+=|\s*$)"
)
_TIMES = ("rt", "devTime", "end", "start")
_STAMP = re.compile(r"[A-Z][a-z]{2} \d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?")
_ROLES = {
    "suser": "actor", "usrName": "actor", "duser": "target", "src": "address", "dst": "address",
    "shost": "host", "dhost": "host", "dvchost": "host", "dvc": "host", "fname": "file",
    "filePath": "file", "resource": "file", "fileHash": "hash", "sproc": "process",
    "dproc": "process", "app": "service", "act": "action", "reason": "error",
}  # fmt: skip
_GOOD = ("success", "succeeded", "allow", "allowed", "permit", "permitted", "/success")
_BAD = ("failure", "failed", "fail", "deny", "denied", "block", "blocked", "drop", "/failure")


def recognises_cef(sample: Sequence[str]) -> float:
    """Tell how much of a sample is CEF."""
    return share(_CEF, sample)


def recognises_leef(sample: Sequence[str]) -> float:
    """Tell how much of a sample is LEEF."""
    return share(_LEEF, sample)


def columns(lines: Sequence[str], clock: Clock) -> Columns:
    """Read lines: the event's own time, else that of the syslog head before it."""
    times, messages = [], []
    for line in lines:
        head, fields = _read(line)
        times.append(_time(line, fields, clock))
        messages.append(" ".join(part for part in head[1:6] if part) or line)
    return Columns(times, messages)


def facts_of_cef(raw: str) -> Facts:
    """Return the roles of a CEF line; its name is what was done, its signature id the event."""
    head, fields = _read(raw)
    return _facts(head, fields, name=5)


def facts_of_leef(raw: str) -> Facts:
    """Return the roles of a LEEF line; its event id is the event."""
    head, fields = _read(raw)
    return _facts(head, fields, name=4)


def _facts(head: Sequence[str], fields: Mapping[str, str], *, name: int) -> Facts:
    roles: dict[str, tuple[str, ...]] = {}
    if len(head) > 4 and head[4]:
        roles["event"] = (head[4],)
    if len(head) > name and head[name]:
        roles["action"] = (head[name],)
    for key, value in fields.items():
        role = _ROLES.get(key)
        if role and value:
            roles[role] = tuple(dict.fromkeys((*roles.get(role, ()), value)))
    said = (fields.get("outcome") or fields.get("act") or "").lower()
    outcome = "success" if said in _GOOD else "failure" if said in _BAD else ""
    return Facts(roles, outcome)


def _read(line: str) -> tuple[list[str], dict[str, str]]:
    start = max(line.find("CEF:"), line.find("LEEF:"))
    if start < 0:
        return [], {}
    body = line[start:]
    is_leef = body.startswith("LEEF:")
    bars = 6 if body.startswith("LEEF:2") else 5 if is_leef else 7
    head = _BAR.split(body, bars)
    rest = head.pop() if len(head) > bars else ""
    if is_leef:
        mark = _delimiter(head[5]) if len(head) > 5 else "\t"
        pairs = (piece.partition("=") for piece in rest.split(mark))
        return head, {key.strip(): value.strip() for key, _, value in pairs if key.strip()}
    found = {key: value.replace("\\=", "=").strip() for key, value in _CEF_PAIR.findall(rest)}
    return head, found


def _delimiter(written: str) -> str:
    if written.lower().startswith(("x", "0x")):
        try:
            return chr(int(written.lower().removeprefix("0").removeprefix("x"), 16))
        except ValueError:
            return "\t"
    return written or "\t"


def _time(line: str, fields: Mapping[str, str], clock: Clock) -> int:
    for key in _TIMES:
        value = fields.get(key, "")
        if value.isdigit() and len(value) in (10, 13):
            return clock.epoch(int(value) / (1000 if len(value) == 13 else 1))
        if _STAMP.match(value):
            return clock.stamp(value)
        if value[4:5] == "-" and value[10:11] in ("T", " "):
            return clock.iso(value)
    head = _HEAD.match(line)
    if head is None:
        return NAT
    return clock.iso(head[1]) if head[1][4:5] == "-" else clock.stamp(head[1])
