"""Lines of a byte stream, none of them ever larger in memory than its limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.telemetry.readers.stream import Stream


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line that was skipped because of its length in bytes."""

    size: int
    limit: int

    def __str__(self) -> str:
        return f"{self.size:,} bytes in one line, more than the limit of {self.limit:,}"


def lines(stream: Stream) -> Iterator[tuple[int, bytes | TooLong]]:
    """Yield (number from 1, line without its end); lines of white space only are left out."""
    limit = stream.limits.line
    number = 0
    rest = b""
    dropped = 0
    for chunk in stream.chunks():
        parts = chunk.split(b"\n")
        last = parts.pop()
        for part in parts:
            number += 1
            size = dropped + len(rest) + len(part)
            if size > limit:
                yield number, TooLong(size, limit)
            else:
                line = (rest + part).rstrip(b"\r")
                if line.strip():
                    yield number, line
            rest, dropped = b"", 0
        rest += last
        if len(rest) > limit or dropped:
            dropped += len(rest)
            rest = b""
    if dropped:
        yield number + 1, TooLong(dropped + len(rest), limit)
    elif rest.strip():
        yield number + 1, rest.rstrip(b"\r")
