"""From the language service's places (UTF-16 units) to spans (lines and columns of characters)."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from undersign.records.artifact import Span


class Places:
    """The places of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]
        self._units = None if text.isascii() else _unit_offsets(text)

    def character(self, unit: int) -> int:
        """Return the character offset of a UTF-16 offset, within the text."""
        if self._units is not None:
            unit = bisect_right(self._units, max(unit, 0)) - 1
        return min(max(unit, 0), len(self.text))

    def unit(self, character: int) -> int:
        """Return the UTF-16 offset of a character offset."""
        character = min(max(character, 0), len(self.text))
        return character if self._units is None else self._units[character]

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


def _unit_offsets(text: str) -> list[int]:
    """Return the UTF-16 offset of every character, and of the end."""
    return [0, *accumulate(2 if ord(character) > 0xFFFF else 1 for character in text)]
