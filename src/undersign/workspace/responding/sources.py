"""The sources of an incident: files of logs and channels under short names, opened again later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.errors import BadInput, UsageError
from undersign.records.evidence import Evidence, Medium, Source

if TYPE_CHECKING:
    from undersign.telemetry.channels import Channel
    from undersign.telemetry.logbook import Log, Told

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Clocking:
    """What a person said of the sources' clocks, by the name of the source; `*` is for all."""

    zones: Mapping[str, str] = field(default_factory=dict)
    skews: Mapping[str, float] = field(default_factory=dict)
    """Seconds that a clock runs ahead."""
    year: int | None = None
    """Of lines that leave it out."""

    def told(self, name: str, now: datetime) -> Told:
        """Return what a reader is told of one source."""
        from undersign.telemetry.logbook import Told

        return Told(
            name=name,
            zone=self.zones.get(name, self.zones.get("*")),
            skew=self.skews.get(name, self.skews.get("*", 0.0)),
            year=self.year,
            as_of=now,
        )

    def unknown(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the names that no source has."""
        known = {*names, "*"}
        yield from sorted({*self.zones, *self.skews} - known)


@dataclass(frozen=True, slots=True)
class Place:
    """One file or folder to read, under its name in the incident."""

    name: str
    path: Path
    is_channel: bool


def places(paths: Iterable[Path], chats: Iterable[Path]) -> tuple[Place, ...]:
    """Name every file of logs, below folders too, and every channel; pictures are channels.

    Names are made of the files' own and do not depend on the order given. Raises UsageError for a
    path that does not exist.
    """
    from undersign.telemetry.intake import log_files

    given, channels = list(paths), list(chats)
    for path in (*given, *channels):
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    found = [(path, path.suffix.lower() in PICTURES) for path in log_files(given)]
    found += [(path, True) for path in channels]
    named: dict[str, Place] = {}
    for path, is_channel in sorted(dict(found).items(), key=lambda pair: str(pair[0])):
        name = _free(_short(path, is_channel), named)
        named[name] = Place(name, path, is_channel)
    return tuple(named.values())


def open_place(place: Place, told: Told, on_bytes: Callable[[int], None] | None = None) -> Log:
    """Open a file of logs; BadInput when it is in no format known."""
    from undersign.telemetry.logbook import open_log

    return open_log(place.path, told, on_bytes=on_bytes)


def read_place(place: Place, told: Told) -> Channel:
    """Read a channel; BadInput when it is none."""
    from undersign.telemetry.channels import ChannelTold, read_channel

    return read_channel(place.path, ChannelTold(place.name, told.zone, told.year, told.as_of))


def reopen(source: Source, path: Path, line: int, now: datetime) -> Evidence | None:
    """Read one line again from where it came from; None when the source has no such line.

    Raises BadInput when the file is not there, or is not the one that was read.
    """
    from undersign.telemetry.logbook import Told, evidence_of

    if not path.exists():
        raise BadInput("the source is not there any more", path=str(path))
    zone = source.zone if source.zone_known != "written" else None
    told = Told(name=source.name, zone=zone, skew=source.skew, as_of=source.last or now)
    if source.medium is not Medium.LOG:
        channel = read_place(Place(source.name, path, True), told)
        _refuse_another(channel.source, source, path)
        return next((one for one in channel.evidence if one.line == line), None)
    log = open_place(Place(source.name, path, False), told)
    found = None
    for batch in log.batches():
        at = int(batch.lines.searchsorted(line))
        if at < len(batch.lines) and int(batch.lines[at]) == line:
            raw, time = str(batch.raws[at].as_py()), int(batch.times[at])
            found = evidence_of(log, line, raw, time, batch.precision)
    _refuse_another(log.source(), source, path)
    return found


def _refuse_another(now: Source, then: Source, path: Path) -> None:
    if now.digest != then.digest:
        raise BadInput(
            "the file is not the one that was read for the timeline: its digest is another",
            path=str(path),
        )


def _short(path: Path, is_channel: bool) -> str:
    stem = path.stem if is_channel or path.suffix in (".gz", ".zst", ".zip") else path.name
    name = _NOT_IN_A_NAME.sub("-", stem).strip(".-_")[:48]
    return name or ("chat" if is_channel else "log")


def _free(wanted: str, taken: Mapping[str, object]) -> str:
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
