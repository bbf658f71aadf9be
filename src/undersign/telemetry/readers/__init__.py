"""Readers: any file of logs to records, as a stream, told apart by content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from undersign.errors import BadInput
from undersign.records.event import Record, Reject
from undersign.telemetry.readers import (
    audit_log,
    delimited,
    event_log,
    event_xml,
    json_document,
    json_lines,
    parquet,
    zeek_tsv,
)
from undersign.telemetry.readers.stream import Limits, Stream, open_stream

__all__ = ["READERS", "Limits", "Reader", "read"]

LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Reader:
    """One file format."""

    name: str
    recognises: Callable[[bytes, list[str]], bool]
    """First bytes of the (unpacked) content and the name's suffixes -> is it this format."""
    records: Callable[[Stream], Iterator[Record | Reject]]


READERS = (
    Reader("Windows event log (EVTX)", event_log.recognises, event_log.records),
    Reader("Parquet", parquet.recognises, parquet.records),
    Reader("Windows event XML", event_xml.recognises, event_xml.records),
    Reader("Zeek TSV", zeek_tsv.recognises, zeek_tsv.records),
    Reader("Linux audit log", audit_log.recognises, audit_log.records),
    Reader("JSON array or document", json_document.recognises, json_document.records),
    Reader("JSON lines", json_lines.recognises, json_lines.records),
    Reader("CSV", delimited.recognises, delimited.records),
)
"""Asked in this order; each also gzip- or zstd-compressed."""


def read(
    path: Path, *, limits: Limits = LIMITS, on_bytes: Callable[[int], None] | None = None
) -> Iterator[Record | Reject]:
    """Yield the records of one file in order, and a Reject for what cannot be one.

    `on_bytes` is told how many more bytes of the file, as stored, were read. An empty file has
    no records.

    Raises:
        BadInput: The file cannot be opened, or is in no format known here.
    """
    stream = open_stream(path, limits, on_bytes)
    with stream.file:
        reader = _reader(stream, [s.lower() for s in path.suffixes])
        last = 0
        for item in reader.records(stream) if reader else ():
            last = item.line
            yield item
        if stream.failure:
            yield Reject(stream.path, last + 1, stream.failure)
        stream.finish()


def _reader(stream: Stream, suffixes: list[str]) -> Reader | None:
    """Return the reader of this content; None when there is nothing to read.

    Raises:
        BadInput: No format known here.
    """
    if not stream.head.strip():
        return None
    for reader in READERS:
        if reader.recognises(stream.head, suffixes):
            return reader
    kind = "binary data" if b"\0" in stream.head else "text"
    known = ", ".join(r.name for r in READERS)
    raise BadInput(f"{kind} in no format known here", path=stream.path, hint=f"known: {known}")
