"""One JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.lines import TooLong, lines
from undersign.telemetry.readers.stream import Stream

MAX_DEPTH = 64


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read a JSON-lines stream; empty lines are no records."""
    for number, line in lines(stream):
        if isinstance(line, TooLong):
            yield Reject(stream.path, number, str(line))
        else:
            yield parse(line, number, stream.path)


def parse(text: bytes, number: int, path: str) -> Record | Reject:
    """Read one JSON object; what it is not, and where, is the reason of the Reject."""
    try:
        data = orjson.loads(text)
        raw = text.decode()
    except ValueError as error:
        return Reject(path, number, _why(text, error))
    if not isinstance(data, dict):
        return Reject(path, number, f"JSON, but no object: {type(data).__name__}")
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        return Reject(path, number, f"nested deeper than {MAX_DEPTH}")
    return Record(number, raw, data)


def _why(text: bytes, error: ValueError) -> str:
    try:
        text.decode()
    except UnicodeDecodeError as bad:
        return f"not UTF-8 at byte {bad.start + 1} of the line"
    if isinstance(error, orjson.JSONDecodeError):
        return f"not JSON at column {error.colno}: {error.msg.partition(':')[0]}"
    return "not JSON"


def _depth(value: object) -> int:
    """Return how deep containers are nested, without recursion."""
    deepest = 0
    open_ones: list[tuple[object, int]] = [(value, 1)]
    while open_ones:
        inner, depth = open_ones.pop()
        if isinstance(inner, dict | list):
            deepest = max(deepest, depth)
            items = inner.values() if isinstance(inner, dict) else inner
            open_ones += [(i, depth + 1) for i in items if isinstance(i, dict | list)]
    return deepest
