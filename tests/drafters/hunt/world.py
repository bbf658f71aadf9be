"""A small workspace as a drafter sees it: cloud calls, logons and processes, with values seen."""

from __future__ import annotations

from undersign.records.query import Type
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

LANGUAGES = ("kql", "spl", "sql")


def _column(name: str, *examples: str, type_: Type = "string", fill: float = 1.0) -> VisibleColumn:
    return VisibleColumn(name, type_, name, fill, len(examples) or None, tuple(examples))


def _table(
    name: str,
    words: tuple[str, ...],
    roles: dict[str, tuple[str, ...]],
    *columns: VisibleColumn,
) -> VisibleTable:
    time = VisibleColumn("TimeGenerated", "timestamp")
    return VisibleTable(
        name,
        {c.name: c for c in (time, *columns)},
        time="TimeGenerated",
        rows=1000,
        roles=roles,
        words=words,
    )


CALLS = _table(
    "AWSCloudTrail",
    ("cloudtrail", "aws"),
    {
        "user": ("UserIdentityArn",),
        "source_address": ("SourceIpAddress",),
        "action": ("EventName",),
        "error": ("ErrorCode",),
        "user_agent": ("UserAgent",),
    },
    _column("EventName", "GetObject", "AssumeRole", "ConsoleLogin", "GetCallerIdentity",
            "CreateLoginProfile", "AssumeRoleWithSAML", "PutObject"),
    _column("EventSource", "s3.amazonaws.com", "sts.amazonaws.com", "signin.amazonaws.com"),
    _column("SourceIpAddress", "192.0.2.7", "ec2.amazonaws.com"),
    _column("UserIdentityArn", "arn:aws:iam::123456789012:user/a"),
    _column("UserAgent"),
    _column("ErrorCode", "AccessDenied", fill=0.1),
)  # fmt: skip
LOGONS = _table(
    "SigninLogs",
    ("sign-in", "logon", "entra"),
    {
        "user": ("UserPrincipalName",),
        "source_address": ("IPAddress",),
        "result": ("ResultType",),
        "country": ("Location",),
    },
    _column("UserPrincipalName", "a@example.org", "b@example.org"),
    _column("IPAddress", "192.0.2.7"),
    _column("ResultType", "0", "50126"),
    _column("Location", "SE", "DE"),
    _column("AppDisplayName", "Azure Portal"),
)
PROCESSES = _table(
    "DeviceProcessEvents",
    ("process", "process creation"),
    {
        "user": ("AccountName",),
        "host": ("DeviceName",),
        "process": ("FileName",),
        "parent_process": ("InitiatingProcessFileName",),
        "command_line": ("ProcessCommandLine",),
    },
    _column("AccountName", "alice", "SYSTEM"),
    _column("DeviceName", "SRV01", "WS02"),
    _column("FileName", "powershell.exe", "cmd.exe"),
    _column("InitiatingProcessFileName", "winword.exe", "explorer.exe"),
    _column("ProcessCommandLine"),
    VisibleColumn("ProcessId", "long"),
)


def visible(language: str = "kql") -> Visible:
    """Return the three tables as one language sees them."""
    return Visible(language, {t.name: t for t in (CALLS, LOGONS, PROCESSES)})
