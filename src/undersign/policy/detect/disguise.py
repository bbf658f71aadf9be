"""A text as a model reads it: without characters nobody sees, and wide letters as plain ones.

What is copied from web pages, mails and chats holds soft hyphens, zero-width and no-break spaces in
the midst of names and keys; whoever wants to get one past a detector puts them there. So does who
writes it in full-width or mathematical letters, or in tag characters, which nothing displays.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from undersign.records.ruling import Spotted

_ODD = re.compile(
    "[\u00a0\u00ad\u034f\u061c\u180b-\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000"
    "\ufe00-\ufe0f\ufeff\uff01-\uff5e\U0001d400-\U0001d7ff\U000e0000-\U000e01ef]"
)
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_TAGS = range(0xE0020, 0xE007F)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without its disguise, and where each part of it stood."""

    text: str
    here: Sequence[int]
    """Where a part begins in `text`; the last of equal ones counts."""
    there: Sequence[int]
    """Where that part begins in the text as it was."""

    def placed(self, spotted: Sequence[Spotted]) -> Iterator[Spotted]:
        """Yield pieces of `text` as pieces of the text as it was."""
        for piece in spotted:
            start, end = self._place(piece.start), self._place(piece.end - 1) + 1
            yield replace(piece, start=start, end=end)

    def _place(self, at: int) -> int:
        part = bisect_right(self.here, at) - 1
        return self.there[part] + at - self.here[part]


def plain(text: str) -> Plain | None:
    """Return a text without its disguise; None where it wears none."""
    if text.isascii() or _ODD.search(text) is None:
        return None
    parts: list[str] = []
    here, there = [0], [0]
    length = position = 0
    for odd in _ODD.finditer(text):
        seen = _seen(odd[0])
        parts += [text[position : odd.start()], seen]
        length += odd.start() - position
        position = odd.end()
        if seen:
            here.append(length)
            there.append(odd.start())
            length += 1
        here.append(length)
        there.append(position)
    return Plain("".join([*parts, text[position:]]), here, there)


def with_more(spotted: Sequence[Spotted], more: Iterator[Spotted]) -> tuple[Spotted, ...]:
    """Return pieces together with what of others stands beside them; sorted, not overlapping."""
    starts = [piece.start for piece in spotted]
    added: list[Spotted] = []
    for piece in more:
        at = piece.start
        for n in range(max(bisect_right(starts, at) - 1, 0), len(spotted)):
            known = spotted[n]
            if known.start >= piece.end:
                break
            if known.start > at:
                added.append(replace(piece, start=at, end=known.start))
            at = max(at, known.end)
        if at < piece.end:
            added.append(replace(piece, start=at))
    return tuple(sorted([*spotted, *added], key=lambda piece: piece.start))


def _seen(odd: str) -> str:
    """Return the one plain character that an odd one is read as, or nothing."""
    if _SPACES.match(odd):
        return " "
    if ord(odd) in _TAGS:
        return chr(ord(odd) - 0xE0000)
    read = normalize("NFKC", odd)
    return read if len(read) == 1 and read != odd else ""
