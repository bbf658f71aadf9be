"""A week of Windows history of our own making, so that everything can be tried without any logs.

One seed gives one history, byte for byte: a small organisation at work, noise that resembles
attacks, and a few planted behaviours whose record numbers are known, so that a demo or a test can
tell whether they were found. Every name, address and event is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from undersign.telemetry.sample_history.estate import build
from undersign.telemetry.sample_history.forms import BROKEN_LINES, flat, winlogbeat
from undersign.telemetry.sample_history.ordinary import DAY, day
from undersign.telemetry.sample_history.planted import Plant, plant_all
from undersign.telemetry.sample_history.tape import (
    HEADERS,
    POWERSHELL,
    SECURITY,
    SYSMON,
    SYSTEM,
    Numbered,
    Tape,
    millis,
    stamp,
)

CONTROLLERS = "security-controllers.jsonl"
MEMBERS = "security-members.jsonl"
SYSMON_FILE = "sysmon.jsonl"
SYSTEM_FILE = "system.jsonl"
BEATS = "winlogbeat.jsonl"

_BY_CHANNEL = {SECURITY: MEMBERS, SYSTEM: SYSTEM_FILE, SYSMON: SYSMON_FILE, POWERSHELL: BEATS}


@dataclass(frozen=True, slots=True)
class Planted:
    """A behaviour hidden in the history and the events it left."""

    name: str
    technique: str
    """ATT&CK id."""
    description: str
    account: str
    origin: str
    """Name of the host it comes from."""
    first: str
    """RFC 3339, UTC."""
    last: str
    records: tuple[tuple[str, str, int, int], ...]
    """(file name, Computer, EventID, EventRecordID) of every event, by time."""


@dataclass(frozen=True, slots=True)
class SampleHistory:
    """All events of one seed, sorted by file and time, and what was planted among them."""

    events: dict[str, tuple[Numbered, ...]]
    planted: tuple[Planted, ...]

    def files(self) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Yield (file name, its events as JSON-able dicts)."""
        for name, numbered in self.events.items():
            yield name, map(winlogbeat if name == BEATS else flat, numbered)

    def lines(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield (file name, its JSON lines with newline); `system.jsonl` holds broken lines too."""
        from orjson import OPT_APPEND_NEWLINE, dumps

        for name, events in self.files():
            lines = (dumps(event, option=OPT_APPEND_NEWLINE) for event in events)
            yield name, _with_broken_lines(lines) if name == SYSTEM_FILE else lines


def simulate(
    seed: int, *, start: datetime, days: int = 7, workstations: int = 24, people: int = 40
) -> SampleHistory:
    """Play `days` days from the midnight (UTC) of `start`, which must carry a time zone.

    Needs at least 4 workstations and 21 people to plant in, and a day. About 7,500 events a
    workday with the defaults, half on weekends.
    """
    if start.tzinfo is None:
        raise ValueError("start needs a time zone")
    if days < 1 or workstations < 4 or people < 21:
        raise ValueError("at least 1 day, 4 workstations and 21 people")
    tape = Tape(Random(seed))  # noqa: S311 - a story that must repeat, not a secret
    estate = build(workstations, people)
    first = millis(start) // DAY * DAY
    midnights = tuple(first + n * DAY for n in range(days))
    for midnight in midnights:
        day(tape, estate, midnight)
    plants = plant_all(tape, estate, midnights)
    by_file: dict[str, list[Numbered]] = {name: [] for name in (CONTROLLERS, *_BY_CHANNEL.values())}
    by_order: dict[int, tuple[str, Numbered]] = {}
    planted_orders = {order for plant in plants for order in plant.orders}
    for numbered in tape.play(before=midnights[-1] + DAY):
        name = _file_of(numbered)
        by_file[name].append(numbered)
        if numbered.entry.order in planted_orders:
            by_order[numbered.entry.order] = (name, numbered)
    events = {name: tuple(numbered) for name, numbered in by_file.items()}
    return SampleHistory(events, tuple(_planted(plant, by_order) for plant in plants))


def sample_history(
    seed: int, *, start: datetime, days: int = 7
) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Yield (file name, events) of the history of `seed`; see `simulate` for more control."""
    return simulate(seed, start=start, days=days).files()


def _file_of(numbered: Numbered) -> str:
    """Choose the file: controllers have their own, FS02 and PowerShell arrive by Winlogbeat."""
    entry = numbered.entry
    channel = HEADERS[entry.kind].channel
    if channel == SECURITY and entry.host.role == "domain controller":
        return CONTROLLERS
    if channel == SECURITY and entry.host.name == "FS02":
        return BEATS
    return _BY_CHANNEL[channel]


def _planted(plant: Plant, by_order: dict[int, tuple[str, Numbered]]) -> Planted:
    found = sorted((by_order[order] for order in plant.orders), key=lambda pair: pair[1].entry.at)
    records = tuple(
        (name, n.entry.host.fqdn, HEADERS[n.entry.kind].event_id, n.record) for name, n in found
    )
    first, last = (f"{stamp(found[i][1].entry.at)}Z" for i in (0, -1))
    return Planted(
        name=plant.name,
        technique=plant.technique,
        description=plant.description,
        account=plant.account,
        origin=plant.origin,
        first=first,
        last=last,
        records=records,
    )


def _with_broken_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Put one broken line after every hundredth good one, as long as there are any."""
    broken = iter(BROKEN_LINES)
    count = 0
    for count, line in enumerate(lines, start=1):
        yield line
        if count % 100 == 0:
            for bad in broken:
                yield bad + b"\n"
                break
    for bad in broken:
        yield bad + b"\n"


__all__ = [
    "BEATS",
    "BROKEN_LINES",
    "CONTROLLERS",
    "MEMBERS",
    "SYSMON_FILE",
    "SYSTEM_FILE",
    "Planted",
    "SampleHistory",
    "sample_history",
    "simulate",
]
