"""Tokens and keys inside base64: after `Basic `, in a cookie, in a value of a cluster's secret.

The beginning of a token is known, so is its base64 at each of the three places it may have in a
group of three bytes. Those texts are looked for, and only what follows one is decoded, once.
Shapes that begin with less than four fixed characters are not looked for in base64.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from undersign.policy.detect.found import Anchor, Finder, Hit, Meaning, since, until
from undersign.policy.detect.pattern import literal
from undersign.policy.detect.tokens import Token

_LEAST = 4
"""Bytes of a beginning: of it four characters of base64 at least are fixed."""
_DECODED = 400
"""Characters of base64 that are decoded for a token: no shape asks for more than 300 bytes."""
_LONGEST = 4096
"""The same for a key block, and what is hidden at most on either side."""
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_RUN = re.compile(rb"[A-Za-z0-9+/_-]*")
_STANDARD = bytes.maketrans(b"-_", b"+/")


class _Begun(NamedTuple):
    """What may begin where a text was found."""

    finder: Finder
    back: int
    """Characters of base64 before the text that belong to the same group of three bytes."""
    skipped: int
    """Bytes of that group before the beginning."""
    size: int
    """Bytes of the beginning."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Finds in base64 what other finders know by its beginning."""

    anchors: tuple[Anchor, ...]
    begun: Mapping[bytes, tuple[_Begun, ...]]
    meanings: tuple[Meaning, ...]
    window: None = None
    glance: None = None

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield the whole base64 that holds a token, under the token's name."""
        for finder, back, skipped, size in self.begun[data[start:end]]:
            reach = _DECODED if isinstance(finder, Token) else _LONGEST
            first = max(start - back, 0)
            plain = _decoded(_run(data, first, first + reach))
            for hit in finder.find(plain, skipped, skipped + size):
                yield _around(data, start, hit.meaning)
                return


def encoded(finders: Iterable[tuple[str, Finder]]) -> Encoded:
    """Return the finder for what finders find at a text they begin with, each given with it."""
    begun: dict[bytes, tuple[_Begun, ...]] = {}
    meanings: dict[Meaning, None] = {}
    for text, finder in finders:
        if len(text) < _LEAST:
            continue
        meanings.update(dict.fromkeys(finder.meanings))
        for skipped in range(3):
            coded = b64encode(bytes(skipped) + text.encode())
            back = -(-skipped * 8 // 6)
            fixed = coded[back : (skipped + len(text)) * 8 // 6]
            for one in {fixed, fixed.translate(bytes.maketrans(b"+/", b"-_"))}:
                begin = _Begun(finder, back, skipped, len(text))
                begun[one] = (*begun.get(one, ()), begin)
    return Encoded(tuple(literal(one.decode()) for one in begun), begun, tuple(meanings))


def _decoded(piece: bytes) -> bytes:
    whole = piece[: len(piece) - (len(piece) % 4 == 1)].translate(_STANDARD)
    return b64decode(whole + b"=" * (-len(whole) % 4))


def _run(data: bytes, start: int, end: int) -> bytes:
    """Return the base64 from `start` on, to `end` at most."""
    found = _RUN.match(data, start, end)
    return found.group() if found else b""


def _around(data: bytes, start: int, meaning: Meaning) -> Hit:
    """Return the whole run of base64, with its padding."""
    end = start + len(_run(data, start, start + _LONGEST))
    before = since(data, start - _LONGEST, start)
    first = start - len(before) + len(before.rstrip(_ALPHABET))
    rest = until(data, end, end + 2)
    return Hit(first, end + len(rest) - len(rest.lstrip(b"=")), meaning)
