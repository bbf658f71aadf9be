"""Lines of a byte stream, none of them ever larger in memory than its limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.telemetry.readers.stream import Stream


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line or record that was skipped because of its length in bytes."""

    size: int
    limit: int

    def __str__(self) -> str:
        return f"{self.size:,} bytes long, more than the limit of {self.limit:,}"


def lines(stream: Stream, *, blank: bool = False) -> Iterator[tuple[int, bytes | TooLong]]:
    """Yield (number from 1, line without its end); blank ones only when asked for.

    A last line that was cut off by damaged compression is left to the stream's `failure`.
    """
    limit = stream.limits.line
    number = dropped = 0
    rest = b""
    for chunk in stream.chunks():
        if not (rest or dropped or blank) and chunk.isspace():
            # A flood of empty lines costs no more than counting them.
            number += chunk.count(b"\n")
            rest = chunk[chunk.rfind(b"\n") + 1 :]
            continue
        *whole, last = chunk.split(b"\n")
        for part in whole:
            number += 1
            size = dropped + len(rest) + len(part)
            if size > limit:
                yield number, TooLong(size, limit)
            else:
                line = (rest + part).removesuffix(b"\r") if rest else part.removesuffix(b"\r")
                if blank or line.strip():
                    yield number, line
            rest, dropped = b"", 0
        rest += last
        if dropped or len(rest) > limit:
            dropped += len(rest)
            rest = b""
    if stream.failure is None:
        if dropped:
            yield number + 1, TooLong(dropped, limit)
        elif rest.strip() or (blank and rest):
            yield number + 1, rest.removesuffix(b"\r")


def why_not_utf8(line: bytes) -> str | None:
    """Return which byte of a line is not UTF-8, in words; None when all of it is."""
    try:
        line.decode()
    except UnicodeDecodeError as bad:
        return f"not UTF-8 at byte {bad.start + 1} of the line"
    return None
