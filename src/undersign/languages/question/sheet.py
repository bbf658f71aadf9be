"""A question while it is being read: what a reader has understood is hidden from those after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from undersign.records.question import Piece

MAX_TEXT = 2_000
"""Characters of a question that are read; more is no longer a question."""
HIDDEN = "\0"

_DIGITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
NUMBERS = {word: value for value, word in enumerate(_DIGITS)} | {
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "ninety": 90, "hundred": 100, "a hundred": 100, "one hundred": 100, "thousand": 1000,
    "a thousand": 1000, "one thousand": 1000, "dozen": 12, "a dozen": 12, "a couple": 2,
    "a couple of": 2, "a": 1, "an": 1, "once": 1, "twice": 2, "million": 1_000_000,
    "a million": 1_000_000, "one million": 1_000_000,
}  # fmt: skip
SPELLED = "|".join(sorted((w for w in NUMBERS if w not in {"a", "an"}), key=len, reverse=True))
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,4}}|\d{{1,12}}(?:\.\d{{1,6}})?|{SPELLED})"
"""A number in digits or words; to stand between word boundaries."""


def phrase(pattern: str) -> re.Pattern[str]:
    """Compile whole words without regard to case; a blank stands for any white space."""
    return re.compile(rf"\b(?:{blanks(pattern)})(?!\w)", re.IGNORECASE)


def blanks(pattern: str) -> str:
    """Return a pattern in which a blank stands for any white space."""
    return pattern.replace(" ", r"\s+")


def number(text: str) -> float:
    """Return the value of what `NUMBER` matched."""
    lowered = " ".join(text.lower().split())
    return float(NUMBERS[lowered]) if lowered in NUMBERS else float(lowered.replace(",", ""))


@dataclass(slots=True)
class Sheet:
    """The question and what is left to read of it, at the same places."""

    text: str
    rest: str

    def piece(self, start: int, end: int) -> Piece:
        """Return these characters as written, without the blanks around them."""
        shown = self.text[start:end]
        left = len(shown) - len(shown.lstrip(" \t\r\n,;"))
        right = len(shown.rstrip(" \t\r\n,;."))
        start, end = start + left, start + max(left, right)
        return Piece(start, end, self.text[start:end])

    def take(self, start: int, end: int) -> Piece:
        """Hide these characters from later readers and return them."""
        self.rest = self.rest[:start] + HIDDEN * (end - start) + self.rest[end:]
        return self.piece(start, end)

    def take_match(self, match: re.Match[str]) -> Piece:
        """Hide what a pattern found."""
        return self.take(*match.span())


def sheet(text: str) -> tuple[Sheet, tuple[str, ...]]:
    """Lay out a question for reading; long ones are cut, and the note says so."""
    cut = text[:MAX_TEXT]
    notes: tuple[str, ...] = ()
    if len(text) > MAX_TEXT:
        notes = (f"only the first {MAX_TEXT:,} of {len(text):,} characters were read",)
    # NUL marks what is taken, so a question's own may not: any other character keeps the places.
    clean = cut.replace(HIDDEN, " ")
    return Sheet(clean, clean), notes
