"""What the rules of this room have in common: where to look, what was found, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

NUL = b"\0"
"""Stands between texts that are scanned together; nothing is ever found across it."""


class Rank(IntEnum):
    """Who wins where two findings overlap: the lower one keeps its exact span."""

    OWN = 0
    EXACT = 1
    ASSIGNED = 2
    GENERIC = 3
    REGULATED = 4
    PERSONAL = 5
    WORDS = 6
    INTERNAL = 7
    OPAQUE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What a finding is called. Compared by identity: there is one for each rule."""

    rule: str
    data_class: str
    label: str
    rank: Rank


class Hit(NamedTuple):
    """A finding in bytes of UTF-8."""

    start: int
    end: int
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Anchor:
    """A piece of fixed length by which a scanner finds the places worth a closer look."""

    expression: str
    """In the common ground of Hyperscan, RE2 and Python: each match is `length` bytes long."""
    length: int
    literal: bytes = b""
    """What every match holds; empty when there is nothing."""
    offset: int = 0
    """Where in the match the literal stands."""
    caseless: bool = False
    """Whether letters match without regard to case; the literal is in lower case then."""


class Finder(Protocol):
    """Knows where to look and looks closely there."""

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Return what it may find."""

    @property
    def window(self) -> tuple[int, int] | None:
        """Return how many bytes before and after an anchor decide what is found there.

        Where the same bytes come again the answer is not worked out again; logs repeat
        themselves. None: it is always worked out. A finding may end behind the window.
        """

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Return where to look."""

    @property
    def glance(self) -> Callable[[bytes, int, int], bool] | None:
        """Return what says, of bytes and an anchor, whether a closer look is worth it."""

    def find(self, data: bytes, start: int, end: int) -> Iterable[Hit]:
        """Return what is at an anchor that matched from `start` to `end`."""


def until(data: bytes, start: int, end: int) -> bytes:
    """Return the bytes from `start` to `end` at most, cut where the text ends."""
    piece = data[start:end]
    cut = piece.find(NUL)
    return piece if cut < 0 else piece[:cut]


def since(data: bytes, start: int, end: int) -> bytes:
    """Return the bytes before `end`, from `start` at most, cut where the text begins."""
    piece = data[max(start, 0) : end]
    return piece[piece.rfind(NUL) + 1 :]
