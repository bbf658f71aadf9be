"""The Linux audit daemon's text: `type=SYSCALL msg=audit(1364481363.243:24287): arch=...`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.lines import TooLong, lines, why_not_utf8
from undersign.telemetry.readers.stream import Stream

_LINE = re.compile(
    r"(?:node=(?P<node>\S+) )?type=(?P<type>\S+) "
    r"msg=audit\((?P<timestamp>\d+(?:\.\d+)?):(?P<serial>\d+)\): ?(?P<rest>.*)\Z"
)
_HEAD = re.compile(rb"\s*(node=\S+ )?type=\S+ msg=audit\(")
_PAIR = re.compile(r"""([A-Za-z_][\w.\[\]-]*)=("[^"]*"|'[^']*'|[^\s\x1d]*)""")
_HEX = re.compile(r"(?:[0-9A-F]{2})+\Z")
_ENCODED = {"proctitle", "comm", "exe", "name", "cwd", "acct", "cmd", "key", "path", "data"}
_ENCODED |= {"file", "dir", "new-acct", "old-acct"}
"""Fields that the kernel writes in hexadecimal, without quotes, when they hold anything odd.

Source: audit_log_untrustedstring in the Linux kernel."""
_ARGUMENT = re.compile(r"a\d+\Z")


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether the first line is an audit record."""
    return _HEAD.match(head) is not None


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read an audit log, one record a line; records of one event share their `serial`."""
    for number, line in lines(stream):
        if isinstance(line, TooLong):
            yield Reject(stream.path, number, str(line))
            continue
        wrong = why_not_utf8(line)
        match = None if wrong else _LINE.match(line.decode())
        if match is None:
            yield Reject(stream.path, number, wrong or "no audit record: msg=audit(...) is missing")
        else:
            yield Record(number, line.decode(), _fields(match))


def _fields(match: re.Match[str]) -> dict[str, str]:
    *_, rest = match.groups()
    data = {k: v for k, v in match.groupdict().items() if k != "rest" and v is not None}
    for name, value in _pairs(rest):
        encoded = name in _ENCODED or (data["type"] == "EXECVE" and _ARGUMENT.match(name))
        data.setdefault(name, _decoded(value) if encoded else value.strip("\"'"))
    return data


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value as written; those inside `msg='...'` stand beside the others."""
    for name, value in _PAIR.findall(text):
        if name == "msg" and value.startswith("'"):
            yield from _PAIR.findall(value[1:-1])
        else:
            yield name, value


def _decoded(value: str) -> str:
    """Return a text the kernel quoted or wrote in hexadecimal; NUL separates its words."""
    if value.startswith('"'):
        return value.strip('"')
    if not _HEX.match(value):
        return value
    return bytes.fromhex(value).rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
