"""The Linux audit log: `type=USER_LOGIN msg=audit(1364481363.243:24287): pid=1 ...`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from undersign.telemetry.logbook.batch import Columns, Facts
from undersign.telemetry.logbook.clock import Clock
from undersign.telemetry.logbook.lines.share import columns as by_pattern
from undersign.telemetry.logbook.lines.share import share

_LINE = re.compile(
    r"(?:node=\S+ )?(?=type=\S+ msg=audit\()type=\S+ msg=audit\((\d+(?:\.\d+)?):\d+\): ?(.*)"
)
_TYPED = re.compile(r"(?:node=(?P<node>\S+) )?type=(?P<type>\S+) ")
_PAIR = re.compile(r"""\b([A-Za-z_][\w-]*)=("[^"]*"|[^\s'")]+)""")
_ROLES = {
    "acct": "actor", "addr": "address", "hostname": "host", "exe": "process", "comm": "process",
    "name": "file", "syscall": "action", "op": "action",
}  # fmt: skip
_EMPTY = ("?", "(null)", "", "unset")


def recognises(sample: Sequence[str]) -> float:
    """Tell how much of a sample are audit records."""
    return share(_LINE, sample)


def columns(lines: Sequence[str], clock: Clock) -> Columns:
    """Read audit records; their times are seconds since 1970."""
    return by_pattern(lines, _LINE, lambda text: clock.epoch(float(text)))


def facts(raw: str) -> Facts:
    """Return account, address, program, file and what was done; `res=` and `success=` tell."""
    typed = _TYPED.match(raw)
    roles: dict[str, tuple[str, ...]] = {}
    if typed is not None:
        roles["event"] = (typed["type"],)
        if typed["node"]:
            roles["host"] = (typed["node"],)
    outcome = ""
    for name, value in _PAIR.findall(raw):
        bare = _decoded(name, value)
        if name in ("res", "success"):
            outcome = "success" if bare in ("success", "yes", "1") else "failure"
        elif (role := _ROLES.get(name)) and bare not in _EMPTY:
            roles[role] = tuple(dict.fromkeys((*roles.get(role, ()), bare)))
    return Facts(roles, outcome)


def _decoded(name: str, value: str) -> str:
    if value.startswith('"'):
        return value.strip('"')
    if name in ("acct", "exe", "comm", "name") and re.fullmatch(r"(?:[0-9A-F]{2})+", value):
        return bytes.fromhex(value).replace(b"\0", b" ").decode(errors="replace")
    return value
