"""What kind of thing a column holds, by its role in the table or by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.records.visible import VisibleTable

_ROLES = {
    "user": "user", "target_user": "user", "account": "user", "actor": "user",
    "host": "host", "device": "host", "target_host": "host",
    "source_address": "address", "target_address": "address", "address": "address",
    "process": "process", "parent_process": "process", "file": "file", "hash": "hash",
}  # fmt: skip
_BY_NAME = (
    ("address", r"ip$|ip_?addr|ipaddress|^ip|src_ip|dest_ip|_ip|clientip|remoteip"),
    ("hash", r"sha1|sha256|md5|filehash|hash$"),
    ("address", r"address$"),
    ("time", r"time(?:generated|stamp)?$|timestamp|^_time$|date$"),
    ("user", r"user_?(?:principal)?_?name|upn$|^user(?:id)?$|account_?name|accountupn|^account$"
             r"|(?:subject|target)user|sid$|caller$|initiatedby|^identity$|objectid$"),
    ("host", r"computer_?name|device_?(?:name|id)|host_?name|^computer$|^host$|machine|^dvc"),
    ("process", r"process(?:command|id|name)|commandline|^image$"),
    ("file", r"file_?name|folder_?path|file_?path"),
    ("domain", r"domain|url$|fqdn"),
)  # fmt: skip
_WORDS = {
    "user": ("user", "account", "identity", "person", "employee", "upn", "caller", "actor",
             "principal", "admin", "sender", "recipient", "mailbox", "member"),
    "host": ("host", "device", "computer", "machine", "endpoint", "server", "workstation",
             "system", "client"),
    "address": ("ip", "address", "source ip", "ip address", "source", "destination"),
    "process": ("process", "program", "executable", "command", "application", "binary"),
    "file": ("file", "document", "filename"),
    "time": ("hour", "day", "week", "month", "minute", "time", "date", "year"),
    "domain": ("domain", "url", "site", "website", "fqdn"),
    "hash": ("hash", "sha1", "sha256", "md5"),
}  # fmt: skip
"""English for each kind of thing."""


def entity_of(column: str, table: VisibleTable | None = None) -> str | None:
    """Return user, host, address, process, file, hash, domain, time; None if nobody can tell."""
    if table is not None:
        for role, columns in table.roles.items():
            if role in _ROLES and column in columns:
                return _ROLES[role]
    lowered = column.lower()
    for entity, pattern in _BY_NAME:
        if re.search(pattern, lowered):
            return entity
    return None


def entity_of_word(word: str) -> str | None:
    """Return the kind of thing an English word names."""
    last = word.lower().strip()
    for entity, words in _WORDS.items():
        if last in words or last.rpartition(" ")[2] in words:
            return entity
    return None


def split_name(name: str) -> frozenset[str]:
    """Return the words within a column name, lower case: `SrcIpAddr` -> src, ip, addr."""
    pieces = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return frozenset(p.lower() for p in pieces)


def speaks_of(word: str, names: Iterable[str]) -> bool:
    """Say whether any of the names holds the word, singular or plural."""
    wanted = [w.rstrip("s") for w in re.findall(r"[a-z]+", word.lower()) if len(w) > 1]
    for name in names:
        flat = name.lower()
        if wanted and any(w and w in flat for w in wanted):
            return True
    return False
