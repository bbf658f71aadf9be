"""The bytes of a file as they come: opened, counted, decompressed, in UTF-8, a piece at a time."""

from __future__ import annotations

import codecs
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from undersign.errors import BadInput

CHUNK = 1 << 20
HEAD = 1 << 16
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_BITE = 1 << 14
"""Bytes packed or unpacked gzip handled at once."""
_ZSTD_BITE = 1 << 10
"""Packed bytes handled at once: four may stand for 128 KiB, so that this bounds the memory."""
_WINDOW = 1 << 27
"""Largest zstd window we give memory to: what `zstd --long` writes."""
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file may be held at once."""

    line: int = 16 << 20
    """Bytes of one line or record."""
    unpacked: int = 8 << 30
    """Bytes a compressed EVTX or Parquet file may unpack to on disk, since those need to seek."""


class Truncated(Exception):
    """The data ends too early or is damaged; the message says which."""


@dataclass(slots=True)
class Stream:
    """One open file; its pieces are handed out once, its head may be looked at before."""

    path: str
    file: BinaryIO
    limits: Limits
    on_bytes: Callable[[int], None] | None = None
    head: bytes = field(default=b"", init=False)
    """The first HEAD bytes of the content."""
    failure: str | None = field(default=None, init=False)
    """Why the content ended before its time, once it did."""
    _compressed: bool = field(default=False, init=False)
    _ahead: list[bytes] = field(default_factory=list, init=False)
    _pieces: Iterator[bytes] = field(default=iter(()), init=False)
    _counted: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Look at the first bytes."""
        self._pieces = self._decoded()
        size = 0
        while size < HEAD:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._ahead.append(piece)
            size += len(piece)
        self.head = b"".join(self._ahead)[:HEAD]

    def chunks(self) -> Iterator[bytes]:
        """Yield the content once, from its start, in pieces; sets `failure` when it ends early."""
        while self._ahead:
            yield self._ahead.pop(0)
        yield from self._pieces

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """Hand out the content as a file that can seek, unpacked to a temporary one if need be.

        Raises:
            BadInput: It unpacks to more than the limit.
        """
        if not self._compressed:
            self.file.seek(0)
            yield self.file
            return
        with TemporaryFile() as unpacked:
            size = 0
            for piece in self.chunks():
                size += len(piece)
                if size > self.limits.unpacked:
                    limit = f"{self.limits.unpacked:,} bytes"
                    raise BadInput(f"unpacks to more than {limit}", path=self.path)
                unpacked.write(piece)
            unpacked.seek(0)
            yield unpacked

    def count(self, size: int) -> None:
        """Tell the listener that so many more bytes of the file were read."""
        self._counted += size
        if self.on_bytes and size > 0:
            self.on_bytes(size)

    def finish(self) -> None:
        """Tell the listener about the rest, when another library read the file."""
        self.count(os.fstat(self.file.fileno()).st_size - self._counted)

    def _decoded(self) -> Iterator[bytes]:
        """Yield the content in UTF-8: UTF-16 with a mark is transcoded, a mark is left out."""
        decoder: codecs.IncrementalDecoder | None = None
        try:
            for number, piece in enumerate(self._unpacked()):
                if number == 0:
                    name = next((n for bom, n in _BOMS if piece.startswith(bom)), None)
                    decoder = codecs.getincrementaldecoder(name)("replace") if name else None
                    piece = piece[2:] if name else piece.removeprefix(codecs.BOM_UTF8)
                yield decoder.decode(piece).encode() if decoder else piece
        except Truncated as end:
            self.failure = str(end)

    def _unpacked(self) -> Iterator[bytes]:
        pieces = self._read()
        first = next(pieces, b"")
        self._compressed = first.startswith((GZIP, ZSTD))
        if first.startswith(GZIP):
            yield from _gathered(gunzip(_bites(first, pieces, _BITE)))
        elif first.startswith(ZSTD):
            yield from _gathered(unzstd(_bites(first, pieces, _ZSTD_BITE)))
        else:
            yield first
            yield from pieces

    def _read(self) -> Iterator[bytes]:
        while True:
            try:
                piece = self.file.read(CHUNK)
            except OSError as error:
                raise Truncated(f"cannot be read further: {error.strerror}") from error
            if not piece:
                return
            self.count(len(piece))
            yield piece


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces to about a chunk; what came before damage is handed out before it."""
    held: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= CHUNK:
                yield b"".join(held)
                held, size = [], 0
    except Truncated:
        yield b"".join(held)
        raise
    yield b"".join(held)


def gunzip(bites: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip members one after the other, a little at a time: damage costs no more than that.

    Raises:
        Truncated: The data ends too early or is damaged.
    """
    unpacker = zlib.decompressobj(31)
    waiting = next(bites, b"")
    while True:
        try:
            piece = unpacker.decompress(waiting, _BITE)
        except zlib.error as error:
            raise Truncated(f"damaged gzip data ({error}): the rest was not read") from error
        if piece:
            yield piece
        waiting = unpacker.unconsumed_tail
        if unpacker.eof:
            # Members may be padded with zero bytes (RFC 1952 leaves it open, tape writers do it).
            waiting = unpacker.unused_data.lstrip(b"\0") or next(bites, b"").lstrip(b"\0")
            if not waiting:
                return
            unpacker = zlib.decompressobj(31)
        elif not waiting and len(piece) < _BITE:
            waiting = next(bites, b"")
            if not waiting:
                raise Truncated("truncated: the gzip data ends before its end mark")


def unzstd(bites: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack zstd frames one after the other.

    Raises:
        Truncated: The data ends too early or is damaged.
    """
    import zstandard

    unpackers = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    unpacker = unpackers.decompressobj()
    waiting = next(bites, b"")
    while waiting:
        try:
            piece = unpacker.decompress(waiting)
        except zstandard.ZstdError as error:
            raise Truncated(f"damaged zstd data ({error}): the rest was not read") from error
        if piece:
            yield piece
        ended = unpacker.eof
        waiting = unpacker.unused_data or next(bites, b"")
        if ended:
            unpacker = unpackers.decompressobj()
        elif not waiting:
            raise Truncated("truncated: the zstd data ends before its end mark")


def _bites(first: bytes, pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in chain((first,), pieces):
        for start in range(0, len(piece), size):
            yield piece[start : start + size]


def open_stream(
    path: Path, limits: Limits, on_bytes: Callable[[int], None] | None = None
) -> Stream:
    """Open a file for reading.

    Raises:
        BadInput: It is not there, is no file, or may not be read.
    """
    try:
        if path.is_dir():
            raise BadInput("is a folder, not a file", path=str(path))
        if path.exists() and not path.is_file():
            raise BadInput("is not a regular file", path=str(path))
        return Stream(str(path), path.open("rb"), limits, on_bytes)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"cannot be read: {reason}", path=str(path)) from error
