"""A finder for one expression: an anchor, what may stand before it, and a last look by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from undersign.policy.detect.found import Anchor, Hit, Meaning, since, until


def always(_value: bytes) -> bool:
    """Say yes: the expression tells all."""
    return True


_SHORT = 400
"""Bytes that are worth comparing with those seen before."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Finds one expression around an anchor."""

    anchors: tuple[Anchor, ...]
    meaning: Meaning
    expression: Any
    """Linear in its text; group 1 is the finding.

    Matches from the anchor on, or around it where `back`.
    """
    ahead: int = 512
    """Bytes to look at from the anchor's beginning."""
    back: int = 0
    """Bytes to look at before the anchor."""
    check: Callable[[bytes], bool] = always
    needs: bytes = b""
    """What every finding is followed by or holds, to be looked for first."""

    @property
    def window(self) -> tuple[int, int] | None:
        """Return how many bytes before and after an anchor decide."""
        return (self.back, self.ahead) if self.back + self.ahead <= _SHORT else None

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Return what it may find."""
        return (self.meaning,)

    @property
    def glance(self) -> Callable[[bytes, int, int], bool] | None:
        """Return what says whether `needs` is there."""
        return self._has_it if self.needs else None

    def _has_it(self, data: bytes, start: int, end: int) -> bool:
        return data.find(self.needs, end, start + self.ahead) >= 0

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield the finding at an anchor."""
        piece = until(data, start, max(end, start + self.ahead))
        if not self.back:
            found = self.expression.match(piece)
            if found is not None and self.check(found.group(1)):
                yield Hit(start + found.start(1), start + found.end(1), self.meaning)
            return
        before = since(data, start - self.back, start)
        offset = start - len(before)
        for found in self.expression.finditer(before + piece):
            if found.start() <= len(before) < found.end():
                if found.start(1) >= 0 and self.check(found.group(1)):
                    yield Hit(offset + found.start(1), offset + found.end(1), self.meaning)
                return


def literal(text: str, *, caseless: bool = False, free: bool = False) -> Anchor:
    """Return the anchor of a fixed text; with `free` no word character stands before it."""
    import re

    if caseless:
        letters = "".join(
            f"[{c.lower()}{c.upper()}]" if c.isalpha() else re.escape(c) for c in text
        )
    else:
        letters = re.escape(text)
    plain = text.lower() if caseless else text
    return Anchor((r"\b" if free else "") + letters, len(text), plain.encode(), caseless=caseless)
