"""Looks for a value in bytes in every form in which it could have slipped through."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

SHORTEST_BASE64 = 8
GZIP_MAGIC = b"\x1f\x8b\x08"


def leaks(values: Iterable[str], received: bytes) -> list[str]:
    """Name every form of every value that stands in `received`; empty when there is none."""
    texts = [received, *_unpacked(received)]
    return [
        f"{name} of value {place}"
        for place, value in enumerate(values)
        for name, form in _forms(value)
        if any(form in text for text in texts)
    ]


def _forms(value: str) -> list[tuple[str, bytes]]:
    raw = value.encode()
    escaped = "".join(f"\\u{ord(c):04x}" for c in value)
    forms = [
        ("plain text", raw),
        ("lower case", raw.lower()),
        ("reverse", raw[::-1]),
        ("JSON", json.dumps(value)[1:-1].encode()),
        ("JSON in JSON", json.dumps(json.dumps(value)[1:-1])[1:-1].encode()),
        ("JSON escapes", escaped.encode()),
        ("percent encoding", quote(value, safe="").encode()),
        ("hex", raw.hex().encode()),
    ]
    if len(raw) >= SHORTEST_BASE64:
        forms += [(f"base64 at {shift}", _base64(raw, shift)) for shift in range(3)]
    return forms


def _base64(raw: bytes, shift: int) -> bytes:
    """The characters that are the same whatever stands before and after the value."""
    whole = base64.b64encode(b"\0" * shift + raw)
    first = -(-8 * shift // 6)
    return whole[first : (shift + len(raw)) * 8 // 6]


def _unpacked(received: bytes) -> list[bytes]:
    found = []
    for match in re.finditer(re.escape(GZIP_MAGIC), received):
        try:
            found.append(gzip.decompress(received[match.start() :]))
        except (OSError, EOFError):
            # Not gzip after all, or bytes follow it: then the plain search has to do.
            continue
    return found
