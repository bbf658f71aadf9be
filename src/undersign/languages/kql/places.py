"""From the language service's places (UTF-16 units) to spans (lines and columns of characters)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from undersign.records.artifact import Span


class Places:
    """The places of one text.

    A UTF-16 file read as if it were UTF-8 has a NUL beside every letter. Such a text is still
    readable: `read` leaves the NULs out, and every place counts them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.widened = text.count("\0") > len(text) // 3
        self.read = text.translate(_NO_LETTERS) if self.widened else text
        self._lines = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]
        self._units: list[int] | None = None
        self._characters: list[int] = []
        if self.widened or not text.isascii():
            self._units, self._characters = _offsets(text, skipping=self.widened)

    def character(self, unit: int) -> int:
        """Return the character offset of a UTF-16 offset in `read`, within the text."""
        unit = max(unit, 0)
        if self._units is None:
            return min(unit, len(self.text))
        return self._characters[bisect_right(self._units, unit) - 1]

    def unit(self, character: int) -> int:
        """Return the UTF-16 offset in `read` of a character offset."""
        character = min(max(character, 0), len(self.text))
        if self._units is None:
            return character
        return self._units[bisect_left(self._characters, character)]

    def slice(self, at: list[int]) -> str:
        """Return the text between two UTF-16 offsets."""
        return self.text[self.character(at[0]) : self.character(at[1])]

    def span(self, at: list[int]) -> Span:
        """Return the span between two UTF-16 offsets."""
        line, column = self._position(self.character(at[0]))
        end_line, end_column = self._position(self.character(at[1]))
        return Span(line, column, end_line, end_column)

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def _offsets(text: str, *, skipping: bool) -> tuple[list[int], list[int]]:
    """Return UTF-16 offsets, and the characters they belong to; the end is the last of both."""
    characters = [
        i for i, character in enumerate(text) if not (skipping and ord(character) in _NO_LETTERS)
    ]
    widths = (2 if ord(text[i]) > 0xFFFF else 1 for i in characters)
    return [0, *accumulate(widths)], [*characters, len(text)]


_NO_LETTERS: dict[int, None] = {0: None, 0xFFFD: None}
"""What a byte-order mark of UTF-16 and the upper halves of its letters become."""
