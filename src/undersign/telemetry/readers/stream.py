"""The bytes of a file as they come: opened, counted, decompressed, in UTF-8, a piece at a time."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from undersign.errors import BadInput

CHUNK = 1 << 20
HEAD = 1 << 16
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file may be held at once."""

    line: int = 16 << 20
    """Bytes of one line or record."""
    unpacked: int = 8 << 30
    """Bytes a compressed EVTX or Parquet file may unpack to on disk, since those need to seek."""


class Truncated(Exception):
    """The compressed file ends before its data does, or its data is damaged."""


@dataclass(slots=True)
class Stream:
    """One open file; pieces are handed out once, the head may be looked at before."""

    path: str
    file: BinaryIO
    limits: Limits
    on_bytes: Callable[[int], None] | None = None
    head: bytes = b""
    compressed: bool = False
    _pieces: Iterator[bytes] = field(default=iter(()), init=False)
    _ahead: list[bytes] = field(default_factory=list, init=False)
    failure: str | None = field(default=None, init=False)
    """Why the stream ended before its time, once it did."""

    def __post_init__(self) -> None:
        """Look at the first bytes and undo compression."""
        self._pieces = self._decoded()
        size = 0
        while size < HEAD:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._ahead.append(piece)
            size += len(piece)
        self.head = b"".join(self._ahead)[:HEAD]

    def chunks(self) -> Iterator[bytes]:
        """Yield the content once, from its start, in pieces of about a megabyte."""
        while self._ahead:
            yield self._ahead.pop(0)
        yield from self._pieces

    def _decoded(self) -> Iterator[bytes]:
        try:
            first = b""
            decoder = None
            for count, piece in enumerate(self._unpacked()):
                if count == 0:
                    first = piece[:3]
                    name = next((n for bom, n in _BOMS if first.startswith(bom)), None)
                    decoder = codecs.getincrementaldecoder(name)("replace") if name else None
                    piece = piece[3:] if first == codecs.BOM_UTF8 else piece
                    piece = piece[2:] if name else piece
                yield decoder.decode(piece).encode() if decoder else piece
        except Truncated as end:
            self.failure = str(end)

    def _read(self) -> Iterator[bytes]:
        while piece := self.file.read(CHUNK):
            if self.on_bytes:
                self.on_bytes(len(piece))
            yield piece

    def _unpacked(self) -> Iterator[bytes]:
        pieces = self._read()
        first = next(pieces, b"")
        self.compressed = first.startswith((GZIP, ZSTD))
        if first.startswith(GZIP):
            yield from gunzip(first, pieces)
        elif first.startswith(ZSTD):
            yield from unzstd(first, pieces)
        else:
            yield first
            yield from pieces


def gunzip(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip members one after the other, never more than a chunk at a time.

    Raises:
        Truncated: The data ends too early or is damaged.
    """
    unpacker = zlib.decompressobj(31)
    waiting = first
    while True:
        try:
            piece = unpacker.decompress(waiting, CHUNK)
        except zlib.error as error:
            raise Truncated(f"damaged gzip data ({error}); the rest could not be read") from error
        if piece:
            yield piece
        waiting = unpacker.unconsumed_tail
        if unpacker.eof:
            waiting = (unpacker.unused_data or next(pieces, b"")).lstrip(b"\0")
            if not waiting:
                return
            unpacker = zlib.decompressobj(31)
        elif not waiting and len(piece) < CHUNK:
            waiting = next(pieces, b"")
            if not waiting:
                raise Truncated("truncated gzip: the file ends before its data does")


def unzstd(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack zstd frames one after the other.

    Raises:
        Truncated: The data ends too early or is damaged.
    """
    import zstandard

    step = 1024  # a four-byte block may stand for 128 KiB, so small bites bound the memory
    waiting = first
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
    while True:
        for start in range(0, len(waiting), step):
            try:
                piece = unpacker.decompress(waiting[start : start + step])
            except zstandard.ZstdError as error:
                raise Truncated(f"damaged zstd data ({error}); the rest was not read") from error
            if piece:
                yield piece
            if unpacker.eof:
                waiting = unpacker.unused_data + waiting[start + step :]
                unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
                break
        else:
            waiting = next(pieces, b"")
            if not waiting:
                raise Truncated("truncated zstd: the file ends before its data does")
            continue
        waiting = waiting or next(pieces, b"")
        if not waiting:
            return


def open_stream(
    path: Path, limits: Limits, on_bytes: Callable[[int], None] | None = None
) -> Stream:
    """Open a file for reading.

    Raises:
        BadInput: It is not there, is a folder, or may not be read.
    """
    try:
        if path.is_dir():
            raise BadInput("is a folder, not a file", path=str(path))
        return Stream(str(path), path.open("rb"), limits, on_bytes)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"cannot be read: {reason}", path=str(path)) from error
