"""What well-known programs say in syslog: message patterns -> roles and outcome.

The wordings are those of OpenSSH, sudo, shadow and PAM; facts about their log formats.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from undersign.records.evidence import ROLES
from undersign.telemetry.logbook.batch import Facts


class _Saying(NamedTuple):
    process: str
    pattern: re.Pattern[str]
    outcome: str
    action: str


def _saying(process: str, pattern: str, outcome: str, action: str) -> _Saying:
    return _Saying(process, re.compile(pattern), outcome, action)


_FROM = r"from (?P<address>[0-9A-Fa-f.:]+)(?: port \d+)?"
SAYINGS = (
    _saying("sshd", rf"Accepted \S+ for (?P<actor>\S+) {_FROM}", "success", "login"),
    _saying("sshd", rf"Failed \S+ for (?:invalid user |illegal user )?(?P<actor>\S*) {_FROM}",
            "failure", "login"),
    _saying("sshd", rf"Invalid user (?P<actor>\S*) {_FROM}", "failure", "login"),
    _saying("sshd", r"(?:Connection (?:closed|reset) by|Disconnected from|Received disconnect from)"
            r"(?: (?:authenticating|invalid) user (?P<actor>\S+)| user (?P<actor2>\S+))? "
            r"(?P<address>[0-9A-Fa-f.:]+)", "", "disconnect"),
    _saying("sshd", r"pam_unix\(sshd:auth\): authentication failure;.* rhost=(?P<address>\S+)"
            r"(?:\s+user=(?P<actor>\S+))?", "failure", "login"),
    _saying("", r"pam_unix\([^)]*:session\): session (?P<what>opened|closed) for user "
            r"(?P<actor>[^\s(]+)", "", "session"),
    _saying("sudo", r"\s*(?P<actor>\S+) : (?P<bad>(?:\d+ incorrect password attempts?|user NOT in "
            r"sudoers|command not allowed) ; )?TTY=\S+ ; PWD=.* ; USER=(?P<target>\S+) ; "
            r"COMMAND=(?P<file>\S+)", "", "sudo"),
    _saying("su", r"(?P<bad>FAILED SU|\(to )", "", "su"),
    _saying("useradd", r"new user: name=(?P<target>[^,\s]+)", "success", "useradd"),
    _saying("userdel", r"delete user '(?P<target>[^']+)'", "success", "userdel"),
    _saying("passwd", r"pam_unix\(passwd:chauthtok\): password changed for (?P<target>\S+)",
            "success", "passwd"),
    _saying("CRON", r"\((?P<actor>[^)]+)\) CMD \((?P<file>\S+)", "", "cron"),
)  # fmt: skip
"""Asked in this order; the first that matches tells. `process` empty is any."""


def facts_said(process: str, said: str) -> Facts:
    """Return what a message of a program says; nothing for one that is not known."""
    name = process.rpartition("/")[2]
    for one in SAYINGS:
        if one.process and one.process.lower() != name.lower():
            continue
        found = one.pattern.search(said[:2000])
        if found is not None:
            return _facts(one, found)
    return Facts()


def _facts(one: _Saying, found: re.Match[str]) -> Facts:
    roles: dict[str, tuple[str, ...]] = {"action": (one.action,)}
    for name, value in found.groupdict().items():
        role = name.rstrip("2")
        if role in ROLES and value:
            roles[role] = (value,)
    if found.groupdict().get("what"):
        roles["action"] = (f"session {found['what']}",)
    outcome = "failure" if found.groupdict().get("bad") else one.outcome
    return Facts(roles, outcome)
