"""Blobs that nobody can look into: long base64, long hexadecimal, bytes that are no text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.policy.detect.doubt import entropy
from undersign.policy.detect.found import Hit, Meaning, Rank

BASE64 = Meaning("base64-blob", "opaque-binary", "BLOB", Rank.OPAQUE)
HEX = Meaning("hex-blob", "opaque-binary", "BLOB", Rank.OPAQUE)
BINARY = Meaning("binary", "opaque-binary", "BINARY", Rank.OPAQUE)

LEAST = 256
"""Bytes of the shortest blob."""

_CODE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_MARKED = bytes(97 if b in _CODE else 32 for b in range(256))
_LINES = bytes(97 if b in _CODE + b"=\r\n" else 32 for b in range(256))
_CONTROL = bytes(97 if b < 9 or 13 < b < 27 or b == 127 else 32 for b in range(256))
_LINE = b"a" * 57
"""What every line of a wrapped blob holds but the last: 60 bytes, three of them padding."""
_HEX = re.compile(rb"(?:0x)?[0-9a-fA-F\r\n]+")


def blobs(data: bytes) -> Iterator[Hit]:
    """Yield the blobs of one text in UTF-8."""
    marked = data.translate(_MARKED)
    yield from _runs(data, marked)
    if _LINE in marked and b"\n" in data:
        yield from _wrapped(data, data.translate(_LINES))
    yield from _binary(data)


def _stretches(marked: bytes) -> Iterator[tuple[int, int]]:
    at = marked.find(b"a" * LEAST)
    while at >= 0:
        end = marked.find(b" ", at)
        end = len(marked) if end < 0 else end
        yield at, end
        at = marked.find(b"a" * LEAST, end)


def _runs(data: bytes, marked: bytes) -> Iterator[Hit]:
    for start, end in _stretches(marked):
        meaning = _meaning(data[start : min(end, start + 4096)])
        if meaning is not None:
            padded = end + len(data[end : end + 2]) - len(data[end : end + 2].lstrip(b"="))
            yield Hit(start, padded, meaning)


def _wrapped(data: bytes, marked: bytes) -> Iterator[Hit]:
    """Yield blobs in lines of one length, as PEM and MIME wrap them at 64 and 76."""
    for start, end in _stretches(marked):
        lines = data[start:end].split(b"\n")
        at = start
        first = None
        for line in [*lines, b""]:
            long = len(line.rstrip(b"\r")) in (60, 64, 72, 76)
            if long and first is None:
                first = at
            if not long and first is not None:
                stop = min(at + len(line), end)
                if at - first >= LEAST and _meaning(data[first:at]) is BASE64:
                    yield Hit(first, stop, BASE64)
                first = None
            at += len(line) + 1


def _meaning(piece: bytes) -> Meaning | None:
    """Say what a long run of letters, digits and few signs is; None for what a person reads."""
    if _HEX.fullmatch(piece):
        return HEX if entropy(piece) > 2.5 else None
    bare = piece.translate(None, b"\r\n")
    kinds = re.search(rb"[a-z]", bare) and re.search(rb"[A-Z]", bare) and re.search(rb"\d", bare)
    return BASE64 if kinds and entropy(bare) > 4.5 else None


def _binary(data: bytes) -> Iterator[Hit]:
    """Yield the stretch from the first to the last control character where they are many."""
    if len(data) < 32:
        return
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls * 20 > len(data):
        marked = data.translate(_CONTROL)
        yield Hit(marked.find(b"a"), marked.rfind(b"a") + 1, BINARY)


_CONTROLS = bytes(b for b in range(256) if _CONTROL[b] == 97)
