"""Bodies of requests and replies: unpacked within limits; every word of one of unknown form."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from undersign.errors import BadInput

MAX_BYTES = 64 * 1024 * 1024
"""The largest request, as sent and unpacked: 64 MB."""
_ENOUGH_DIGITS = 6


class Decoder(Protocol):
    """What unpacks a body piece by piece."""

    @property
    def eof(self) -> bool:
        """Whether the end of what was packed has come."""

    @property
    def unused_data(self) -> bytes:
        """What came after that end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what this piece adds."""


def content_encoding(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return how a body is packed, in lower case; empty when it is not."""
    values = [v.strip().lower() for k, v in headers if k == b"content-encoding"]
    joined = b", ".join(values).decode("latin-1")
    return "" if joined == "identity" else joined


def decoder(encoding: str) -> Decoder:
    """Return what unpacks gzip, deflate or zstd; raises BadInput for anything else."""
    if encoding in ("gzip", "x-gzip"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    if encoding == "deflate":
        return zlib.decompressobj()
    if encoding == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj()
    raise BadInput("the body is packed in a way that cannot be unpacked here")


def unpacked(body: bytes, encoding: str) -> bytes:
    """Return a request's body unpacked; raises BadInput, also when it grows beyond MAX_BYTES."""
    if not encoding:
        return body
    machine, parts, size = decoder(encoding), [], 0
    try:
        # In pieces, so that a small bomb is found out before it fills the memory.
        for at in range(0, len(body), 4096):
            parts.append(machine.decompress(body[at : at + 4096]))
            size += len(parts[-1])
            if size > MAX_BYTES:
                raise BadInput("the body unpacks to more than 64 MB")
    except packing_errors() as odd:
        raise BadInput("the body is packed and damaged") from odd
    if machine.unused_data or not machine.eof:
        raise BadInput("the body is packed and damaged")
    return b"".join(parts)


def packing_errors() -> tuple[type[Exception], ...]:
    """Return what a decoder raises at damaged bytes."""
    import zstandard

    return zlib.error, zstandard.ZstdError


def words(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value: strings, keys, and numbers long enough to identify."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, int | float) and len(str(one)) >= _ENOUGH_DIGITS:
            # 4111111111111111.0, as tables of numbers are written, is that number all the same.
            yield str(int(one)) if isinstance(one, float) and one.is_integer() else str(one)
