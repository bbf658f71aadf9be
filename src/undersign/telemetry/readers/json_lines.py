"""One JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.lines import TooLong, lines, why_not_utf8
from undersign.telemetry.readers.stream import Stream

MAX_DEPTH = 64
SUFFIXES = (".json", ".jsonl", ".ndjson")


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether most of the first lines are objects, or the name says so of a text."""
    if head.lstrip()[:1] == b"{":
        return True
    first = [line.strip() for line in head.splitlines()[:50] if line.strip()]
    objects = [line for line in first if line.startswith(b"{") and line.endswith(b"}")]
    named = any(s in SUFFIXES for s in suffixes) and b"\0" not in head
    return named or len(objects) * 2 >= len(first)


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
        return Reject(path, number, why_not_utf8(text) or _why(error))
    if not isinstance(data, dict):
        return Reject(path, number, f"JSON, but {_KINDS.get(type(data), 'no object')}")
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        return Reject(path, number, f"nested deeper than {MAX_DEPTH}")
    return Record(number, raw, data)


_KINDS: dict[type, str] = {list: "a list", str: "a text", type(None): "null", bool: "a boolean"}


def _why(error: ValueError) -> str:
    if isinstance(error, orjson.JSONDecodeError):
        return f"not JSON at column {error.colno}: {error.msg.partition(': line')[0]}"
    return "not JSON"


def _depth(value: dict[str, Any]) -> int:
    """Return how deep containers are nested, without recursion."""
    deepest = 0
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        items = inner.values() if isinstance(inner, dict) else inner
        waiting += [(i, depth + 1) for i in items if isinstance(i, dict | list)]
    return deepest
