"""The tape on which events are noted in any order and played back in order, numbered per log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from undersign.telemetry.sample_history.estate import Host

SECURITY = "Security"
SYSTEM = "System"
SYSMON = "Microsoft-Windows-Sysmon/Operational"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"

_AUDITING = "Microsoft-Windows-Security-Auditing"
_SUCCESS, _FAILURE, _PLAIN = "0x8020000000000000", "0x8010000000000000", "0x8080000000000000"


class Header(NamedTuple):
    """What every event of one kind carries in its System section."""

    channel: str
    event_id: int
    provider: str
    task: int
    keywords: str
    level: int = 0


HEADERS = {
    "log cleared": Header(
        SECURITY, 1102, "Microsoft-Windows-Eventlog", 104, "0x4020000000000000", 4
    ),
    "logon": Header(SECURITY, 4624, _AUDITING, 12544, _SUCCESS),
    "failed logon": Header(SECURITY, 4625, _AUDITING, 12544, _FAILURE),
    "logoff": Header(SECURITY, 4634, _AUDITING, 12545, _SUCCESS),
    "object access": Header(SECURITY, 4662, _AUDITING, 14080, _SUCCESS),
    "privileges": Header(SECURITY, 4672, _AUDITING, 12548, _SUCCESS),
    "new process": Header(SECURITY, 4688, _AUDITING, 13312, _SUCCESS),
    "tgt": Header(SECURITY, 4768, _AUDITING, 14339, _SUCCESS),
    "ticket": Header(SECURITY, 4769, _AUDITING, 14337, _SUCCESS),
    "preauth failed": Header(SECURITY, 4771, _AUDITING, 14339, _FAILURE),
    "ntlm": Header(SECURITY, 4776, _AUDITING, 14336, _SUCCESS),
    "service installed": Header(SYSTEM, 7045, "Service Control Manager", 0, _PLAIN, 4),
    "service state": Header(SYSTEM, 7036, "Service Control Manager", 0, _PLAIN, 4),
    "process": Header(SYSMON, 1, "Microsoft-Windows-Sysmon", 1, "0x8000000000000000", 4),
    "connection": Header(SYSMON, 3, "Microsoft-Windows-Sysmon", 3, "0x8000000000000000", 4),
    "file": Header(SYSMON, 11, "Microsoft-Windows-Sysmon", 11, "0x8000000000000000", 4),
    "registry": Header(SYSMON, 13, "Microsoft-Windows-Sysmon", 13, "0x8000000000000000", 4),
    "dns": Header(SYSMON, 22, "Microsoft-Windows-Sysmon", 22, "0x8000000000000000", 4),
    "script": Header(POWERSHELL, 4104, "Microsoft-Windows-PowerShell", 2, "0x0", 5),
}


class Entry(NamedTuple):
    """One event, not yet numbered. `at` is milliseconds since the epoch, UTC."""

    at: int
    order: int
    host: Host
    kind: str
    data: dict[str, Any]


class Numbered(NamedTuple):
    """An event with the record number its log gave it."""

    entry: Entry
    record: int


@dataclass(slots=True)
class Tape:
    """Collects events; the random source travels with it so that one seed gives one week."""

    rng: Random
    entries: list[Entry] = field(default_factory=list)

    def note(self, at: int, host: Host, kind: str, data: dict[str, Any]) -> int:
        """Add an event of a kind of HEADERS; return its order, by which it can be found again."""
        order = len(self.entries)
        self.entries.append(Entry(at, order, host, kind, data))
        return order

    def play(self, *, before: int) -> Iterator[Numbered]:
        """Yield all events earlier than `before` by time, numbered per host and channel."""
        counters: Counter[tuple[str, str]] = Counter()
        for entry in sorted(self.entries, key=lambda e: (e.at, e.order)):
            if entry.at >= before:
                return
            log = (entry.host.name, HEADERS[entry.kind].channel)
            counters[log] += 1
            yield Numbered(entry, _first_record(entry.host) + counters[log])


def _first_record(host: Host) -> int:
    """Start each host's record numbers at a place of its own, as after years of service."""
    return 10_000 * (1 + int(host.address.rpartition(".")[2]))


def millis(moment: datetime) -> int:
    """Turn an aware datetime into milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def stamp(at: int, form: str = "%Y-%m-%dT%H:%M:%S") -> str:
    """Write milliseconds since the epoch as text, UTC, with milliseconds and without a zone."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):{form}}.{at % 1000:03d}"
