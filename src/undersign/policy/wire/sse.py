"""Server-sent events as bytes: split where they are cut anywhere, put together as they were.

The split follows the HTML standard (section 9.2): lines end in `\\n`, `\\r\\n` or `\\r`, an empty
line ends an event, `data` lines are joined. Nothing is lost: the `raw` of all events and the rest,
joined, is what came in. The same stream gives the same events wherever it is cut. One that ends
with `\\r\\r` does not wait for what comes next: if a `\\n` does, that is an event of its own that
says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_END_OF_EVENT = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_END_OF_LINE = re.compile(rb"\r\n|\n|\r")
LARGEST = 32 << 20
"""Bytes of an event beyond which it passes unread; memory is bounded."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: the bytes it came as, and what they say."""

    raw: bytes

    @property
    def name(self) -> str:
        """The event's type; empty when it has none."""
        return self._field(b"event").decode("utf-8", "replace")

    @property
    def data(self) -> bytes:
        """The `data` lines, joined with a line feed; empty when there are none."""
        return self._field(b"data")

    def with_data(self, data: bytes) -> bytes:
        """Return the event's bytes with another text in place of its `data` lines."""
        end = _END_OF_LINE.search(self.raw)
        newline = end[0] if end else b"\n"
        written = False
        kept: list[bytes] = []
        for line in _END_OF_LINE.split(self.raw):
            if not _is(line, b"data"):
                kept.append(line)
            elif not written:
                written = True
                kept += [b"data: " + part for part in data.split(b"\n")]
        return newline.join(kept)

    def _field(self, wanted: bytes) -> bytes:
        values: list[bytes] = []
        for line in _END_OF_LINE.split(self.raw):
            if _is(line, wanted):
                value = line[len(wanted) + 1 :]
                values.append(value[1:] if value.startswith(b" ") else value)
        return b"\n".join(values) if wanted == b"data" else (values or [b""])[-1]


class Events:
    """Splits a stream into events."""

    __slots__ = ("_looked", "_returned", "_waiting")

    def __init__(self) -> None:
        self._waiting = b""
        self._looked = 0
        self._returned = False
        """Whether the last event ended with a `\\r` whose `\\n` may still come."""

    def feed(self, chunk: bytes) -> list[Event]:
        """Take bytes and return the events that are whole by now."""
        text = self._waiting + chunk
        events: list[Event] = []
        start = 0
        if self._returned and text:
            self._returned = False
            if text.startswith(b"\n"):
                events.append(Event(b"\n"))
                start = 1
        # Two line ends of two bytes each may straddle the cut.
        for end in _END_OF_EVENT.finditer(text, max(start, self._looked - 3)):
            last = end.end() == len(text)
            # The second half of `\r\n` is on its way: what ends its lines so ends its events so.
            if last and end[0] in (b"\r\n\r", b"\n\r"):
                break
            events.append(Event(text[start : end.end()]))
            start = end.end()
            self._returned = last and end[0] == b"\r\r"
        self._waiting = text[start:]
        if len(self._waiting) > LARGEST:
            events.append(Event(self.rest()))
        self._looked = len(self._waiting)
        return events

    def rest(self) -> bytes:
        """Return the bytes after the last whole event and forget them."""
        rest, self._waiting, self._looked = self._waiting, b"", 0
        return rest


def _is(line: bytes, field: bytes) -> bool:
    return line == field or line.startswith(field + b":")
