"""One channel: its messages in order, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from undersign.records.evidence import Evidence, Medium, Source


@dataclass(frozen=True, slots=True)
class ChannelTold:
    """What a person said of a channel before it was read."""

    name: str
    """Of the source: first half of its addresses."""
    zone: str | None = None
    """IANA name, for times that name none."""
    year: int | None = None
    as_of: datetime | None = None
    """No message is later than this; it decides the year, and the day, of times without one."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that was read."""

    source: Source
    evidence: tuple[Evidence, ...] = ()
    not_run: str = ""
    """Why nothing was read of it, when a program that reads pictures is not here."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message before it has an address."""

    time: datetime | None
    author: str
    text: str
    raw: str
    key: str = ""
    """What a reply names: the message's own id."""
    replies_to: str = ""
    edited: bool = False
    deleted: bool = False
    order: int = 0
    """Place in the export, to tell apart messages of one moment."""


@dataclass
class Findings:
    """What a reader found, as it goes."""

    messages: list[Message] = field(default_factory=list)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    rejects: int = 0
    warnings: list[str] = field(default_factory=list)

    def reject(self, line: int, why: str) -> None:
        """Note a piece that cannot be read; the first are located, all are counted."""
        self.rejects += 1
        if len(self.rejected) < 20:
            self.rejected.append((line, why))


def channel_of(source: Source, found: Findings, medium: Medium) -> Channel:
    """Give every message its address, in order of time; those without a time keep their place."""
    messages = _in_order(found.messages)
    keys = {m.key: n for n, m in enumerate(messages, 1) if m.key}
    evidence = tuple(
        _evidence(source.name, n, one, keys, medium) for n, one in enumerate(messages, 1)
    )
    times = [one.time for one in evidence if one.time is not None]
    return Channel(
        replace(
            source,
            medium=medium,
            lines=len(evidence),
            untimed=len(evidence) - len(times),
            rejected=tuple(found.rejected),
            rejects=found.rejects,
            first=min(times, default=None),
            last=max(times, default=None),
            warnings=(*source.warnings, *dict.fromkeys(found.warnings)),
        ),
        evidence,
    )


def _in_order(messages: Sequence[Message]) -> list[Message]:
    last: datetime | None = None
    keyed: list[tuple[float, int, int, Message]] = []
    for one in messages:
        last = one.time or last
        stamp = last.timestamp() if last else float("-inf")
        keyed.append((stamp, one.order, len(keyed), one))
    return [one for _, _, _, one in sorted(keyed, key=lambda k: k[:3])]


def _evidence(
    name: str, number: int, one: Message, keys: dict[str, int], medium: Medium
) -> Evidence:
    thread = keys.get(one.replies_to)
    return Evidence(
        id=f"{name}:{number}",
        source=name,
        line=number,
        time=one.time,
        raw=one.raw,
        medium=medium,
        facts={"actor": (one.author,)} if one.author else {},
        author=one.author,
        text=one.text,
        thread=f"{name}:{thread}" if thread and thread != number else "",
        edited=one.edited,
        deleted=one.deleted,
        confirmed=medium is not Medium.SCREENSHOT,
    )


def first_of(texts: Iterable[object]) -> str:
    """Return the first that is a text and not empty."""
    return next((t.strip() for t in texts if isinstance(t, str) and t.strip()), "")
