"""Literals under base64, encoded as the bytes they are.

pySigma goes through text, which escapes `*`, cannot hold UTF-16 beyond ASCII and writes the byte
order mark in UTF-8.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

ENCODINGS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be"}
"""`utf16` is little-endian with a byte order mark and so not listed."""
UTF16 = frozenset({*ENCODINGS, "utf16"})
_AFTER = frozenset({"contains", "startswith", "endswith", "all", "cased", "neq"})
_START = (0, 2, 3)
_END = (None, -3, -2)


def split(modifiers: Sequence[str]) -> tuple[list[str], bool, list[str]] | None:
    """Return the encodings before base64, whether all offsets are asked for, and what follows.

    None when there is no base64, or other modifiers stand around it than this module knows.
    """
    places = [i for i, name in enumerate(modifiers) if name in ("base64", "base64offset")]
    if len(places) != 1:
        return None
    before, after = list(modifiers[: places[0]]), list(modifiers[places[0] + 1 :])
    if len(before) > 1 or not UTF16.issuperset(before) or not _AFTER.issuperset(after):
        return None
    return before, modifiers[places[0]] == "base64offset", after


def base64_texts(text: str, encodings: Sequence[str], offsets: bool) -> list[str]:
    """Return base64 of a text, or the parts that are the same at all three byte offsets."""
    data = _to_bytes(text, encodings)
    if not offsets:
        return [b64encode(data).decode()]
    return [
        b64encode(b" " * shift + data)[_START[shift] : _END[(len(data) + shift) % 3]].decode()
        for shift in range(3)
    ]


def _to_bytes(text: str, encodings: Sequence[str]) -> bytes:
    if not encodings:
        return text.encode()
    if encodings[0] == "utf16":
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode(ENCODINGS[encodings[0]])
