"""Security English: words that name the same thing, and what plays which role in an event.

Facts of language, kept as tables; nothing here knows a table or a column of any product.
"""

from __future__ import annotations

import re

from undersign.languages.question.words import stem

COMPOUNDS = {
    ("sign", "in"): "signin", ("signed", "in"): "signin", ("signs", "in"): "signin",
    ("sign", "ins"): "signin", ("signing", "in"): "signin", ("log", "on"): "logon",
    ("log", "in"): "login", ("logged", "on"): "logon", ("logged", "in"): "login",
    ("logging", "in"): "login", ("log", "ins"): "login", ("log", "ons"): "logon",
    ("e", "mail"): "email", ("e", "mails"): "email", ("user", "agent"): "useragent",
    ("command", "line"): "commandline", ("command", "lines"): "commandline",
    ("geo", "location"): "location", ("work", "station"): "workstation",
    ("end", "point"): "endpoint", ("att", "ck"): "attack", ("time", "stamp"): "timestamp",
    ("i", "p"): "ip", ("pass", "word"): "password", ("sub", "net"): "subnet",
}  # fmt: skip
"""Words written apart that are one."""

_GROUPS = (
    "signin login logon authentication authenticate",
    "email mail message",
    "ip address ipaddr",
    "country location region geo",
    "host device computer machine endpoint server workstation hostname pc",
    "user account username identity upn principal",
    "process executable program binary image",
    "commandline command cmdline cmd",
    "url link website uri",
    "severity priority",
    "hash sha checksum",
    "folder directory path",
    "result status outcome",
    "operation action activity",
    "remote destination target dest dst",
    "source src client local",
    "sender from",
    "recipient receiver to",
    "initiating parent",
    "os platform",
    "registry regkey",
    "timestamp time date generated",
    "domain fqdn",
    "file document attachment",
    "application app",
    "alert incident detection",
    "network connection traffic",
    "software program application",
    "description message text",
    "assume assumption",
    "create creation",
    "delete deletion remove removal",
    "phishing phish",
    "dns resolve resolution resolver lookup query",
    "virtual vm",
)
NEAR: dict[str, frozenset[str]] = {}
"""Stem -> stems that may stand for it; filled once below."""
for _group in _GROUPS:
    _stems = frozenset(stem(word) for word in _group.split())
    for _one in _stems:
        NEAR[_one] = NEAR.get(_one, frozenset()) | _stems

GENERIC = frozenset(
    stem(word)
    for word in (
        "logs", "log", "events", "event", "info", "information", "table", "beta", "cl", "data",
        "is", "the", "of", "or", "by", "in", "v", "details", "detail", "records", "type", "value",
        "name", "id", "date", "time", "preview", "azure", "aws", "microsoft",
    )
)  # fmt: skip
"""Parts of names that tell little on their own."""

ROLE_WORDS: dict[str, str] = {
    word: role
    for role, words in {
        "user": "user users account accounts identity identities principal principals username "
        "usernames who whom caller callers person people actor actors admin admins administrator "
        "administrators employee employees",
        "host": "host hosts device devices computer computers machine machines endpoint endpoints "
        "server servers workstation workstations hostname hostnames system systems",
        "source_address": "ip ips address addresses source_ip client_ip",
        "country": "country countries location locations region regions",
        "process": "process processes program programs executable executables binary binaries",
        "command_line": "commandline commandlines",
        "file": "file files",
        "domain": "domain domains",
        "url": "url urls website websites link links",
        "port": "port ports",
        "user_agent": "useragent useragents browser",
        "action": "action actions operation operations activity activities api",
        "application": "application applications app apps",
        "role_assumed": "role roles",
    }.items()
    for word in words.split()
}
"""English noun -> the role it plays in an event."""

CALL = re.compile(
    r"(?:Get|List|Put|Create|Delete|Describe|Assume|Attach|Detach|Update|Modify|Run|Start|Stop|Batch"
    r"|Copy|Add|Remove|Set|Enable|Disable|Invoke|Send|Register|Deregister|Terminate|Authorize"
    r"|Revoke|Console|Decrypt|Encrypt|Generate|Import|Export|Lookup|Head|Upload|Download|Restore"
    r"|Switch|Associate|Reset)(?=[A-Z])[A-Za-z0-9]{2,60}\Z"
)
"""What the name of a call of a cloud's interface looks like: a verb and its object."""

ROLE_STEMS = frozenset(
    stem(word) for word in ("user", "account", "identity", "principal", "host", "computer")
)
"""Words that say little about which table is meant."""

ROLE_NAMES: dict[str, tuple[str, ...]] = {
    "user": (
        "user principal name", "account upn", "account name", "user name", "user", "account",
        "target user name", "subject user name", "account display name", "user display name",
        "user id", "caller", "identity", "user identity arn", "actor", "account object id",
        "service principal name", "initiating process account name", "recipient email address",
    ),
    "host": (
        "device name", "computer", "host name", "hostname", "host", "computer name", "device id",
        "machine name", "dvc hostname", "workstation name", "device", "server name",
    ),
    "source_address": (
        "ip address", "source ip address", "source ip", "src ip", "client ip", "caller ip address",
        "client ip address", "remote ip", "sender ipv 4", "ip", "callerip", "computer ip",
        "local ip", "public ip", "address",
    ),
    "target_address": (
        "destination ip", "destination ip address", "dst ip", "remote ip", "dest ip", "target ip",
    ),
    "country": ("country", "location", "country code", "country or region", "region"),
    "process": (
        "file name", "process name", "new process name", "image", "initiating process file name",
        "process", "display name", "executable name",
    ),
    "command_line": ("process command line", "command line", "initiating process command line"),
    "parent_process": (
        "initiating process file name", "parent process name", "parent image", "parent process",
        "parent name",
    ),
    "parent_path": (
        "initiating process folder path", "parent process path", "parent image",
    ),
    "file": ("file name", "target filename", "file", "object name", "file path"),
    "path": ("folder path", "file path", "initiating process folder path", "object name", "uri"),
    "hash": ("sha 256", "sha 1", "md 5", "file hash", "hash", "hashes"),
    "domain": (
        "remote url", "domain", "domain name", "query", "url domain", "sender from domain",
        "account domain", "destination domain", "dns query",
    ),
    "url": ("url", "remote url", "request url", "uri", "http url"),
    "port": ("remote port", "destination port", "dst port", "dest port", "local port", "port"),
    "email": (
        "sender from address", "sender mail from address", "recipient email address", "email",
        "user principal name", "account upn", "sender", "recipient", "mail",
    ),
    "event_id": ("event id", "event code", "id"),
    "registry": ("registry key", "target object", "registry value name", "object name"),
    "action": (
        "event name", "action type", "operation name", "operation", "activity", "action",
        "event type", "activity type", "request type", "method",
    ),
    "object": ("object name", "resource", "resource id", "resources", "bucket name", "target"),
    "result": (
        "result", "status", "result type", "outcome", "event result", "result signature",
        "activity status", "status code", "action type", "logon status", "conn state",
    ),
    "error": ("error code", "error", "failure reason", "error message", "status code"),
    "user_agent": ("user agent", "http user agent"),
    "application": ("app display name", "application", "app name", "app id"),
    "severity": ("severity", "alert severity", "level", "risk level"),
}  # fmt: skip
"""Role -> names of columns that play it, words apart, best first; for tables without roles."""
