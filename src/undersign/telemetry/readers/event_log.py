"""Windows event log files (EVTX), read by the `evtx` crate."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import orjson

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.stream import Stream

MAGIC = b"ElfFile\0"
_HEADER = 4096
_CHUNK = 65536
_CHUNK_MAGIC = b"ElfChnk\0"


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether the file begins with the mark of an event log."""
    return head.startswith(MAGIC)


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read the records; `line` counts them from 1.

    What the chunks say they hold and what could be read are compared, so that a cut or damaged
    file is never taken for a whole one.
    """
    with stream.seekable() as file:
        found = number = 0
        for event in _events(_Padded(file)):
            number += 1
            if isinstance(event, str):
                yield Reject(stream.path, number, event)
            else:
                found += 1
                yield _record(event, number, stream.path)
        missing = _declared(file) - found
        if stream.failure:
            return
        if _ragged(file):
            yield Reject(stream.path, number + 1, f"truncated: {_lost(missing)}")
        elif missing > 0:
            yield Reject(stream.path, number + 1, f"damaged: {_lost(missing)}")


def _lost(missing: int) -> str:
    return f"at least {missing} records could not be read" if missing > 0 else "the file is cut off"


def _events(file: _Padded) -> Iterator[bytes | str]:
    """Yield each record's JSON, or why a chunk or record cannot be read."""
    from evtx import PyEvtxParser

    try:
        events = PyEvtxParser(file, number_of_threads=1).records_json()
    except (OSError, RuntimeError) as error:
        yield f"not an event log: {_one_line(error)}"
        return
    while True:
        try:
            event = next(events, None)
        except (OSError, RuntimeError, ValueError) as error:
            # The crate goes on with the next chunk or record after it reported a damaged one.
            yield f"damaged: {_one_line(error)}"
            continue
        if event is None:
            return
        yield event["data"].encode()


def _record(text: bytes, number: int, path: str) -> Record | Reject:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Reject(path, number, f"damaged: {_one_line(error)}")
    return Record(number, orjson.dumps(data).decode(), data)


def _one_line(error: Exception) -> str:
    text = ascii(str(error))[1:-1]
    return text if len(text) <= 200 else f"{text[:197]}..."


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _ragged(file: BinaryIO) -> bool:
    """Tell whether the file ends inside its header or inside a chunk, or lacks chunks."""
    size = _size(file)
    file.seek(0)
    header = file.read(44)
    chunks = struct.unpack("<H", header[42:44])[0] if len(header) == 44 else 1
    whole = (size - _HEADER) // _CHUNK
    return size < _HEADER or (size - _HEADER) % _CHUNK != 0 or whole < chunks


def _declared(file: BinaryIO) -> int:
    """Return how many records the chunks say they hold, from their first and last record ids."""
    count = 0
    for start in range(_HEADER, _size(file), _CHUNK):
        file.seek(start)
        head = file.read(24)
        if len(head) == 24 and head.startswith(_CHUNK_MAGIC):
            first, last = struct.unpack("<QQ", head[8:])
            count += last - first + 1 if first <= last < first + _CHUNK else 0
    return count


class _Padded:
    """A file whose last chunk is filled up with zero bytes, so that its records can be read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._real = _size(file)
        self._end = self._real + -(self._real - _HEADER) % _CHUNK
        self._at = 0
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left when negative."""
        wanted = self._end - self._at if size < 0 else min(size, self._end - self._at)
        self._file.seek(min(self._at, self._real))
        piece = self._file.read(wanted)
        piece += b"\0" * (wanted - len(piece))
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move as `io.IOBase.seek` does."""
        self._at = max(0, offset + (0, self._at, self._end)[whence])
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at
