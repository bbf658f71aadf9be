"""Readers: any file of logs to records, as a stream, told apart by content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from undersign.records.event import Record, Reject
from undersign.telemetry.readers import jsonl
from undersign.telemetry.readers.stream import Limits, open_stream

__all__ = ["Limits", "read"]

LIMITS = Limits()


def read(
    path: Path, *, limits: Limits = LIMITS, on_bytes: Callable[[int], None] | None = None
) -> Iterator[Record | Reject]:
    """Yield the records of one file in order, and a Reject for what cannot be one.

    `on_bytes` is told how many bytes of the file (as stored) were read since the last call.

    Raises:
        BadInput: The file cannot be opened, or is in no format known here.
    """
    stream = open_stream(path, limits, on_bytes)
    with stream.file:
        yield from jsonl.records(stream)
        if stream.failure:
            yield Reject(stream.path, 0, stream.failure)
