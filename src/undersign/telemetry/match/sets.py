"""Sets of small integers as sorted int32 arrays: rows of a chunk, or codes of a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int32]
"""Sorted, without duplicates."""

EMPTY: Ids = np.empty(0, dtype=np.int32)


def everything(size: int) -> Ids:
    """Return 0 .. size-1."""
    return np.arange(size, dtype=np.int32)


def inside(small: Ids, big: Ids) -> NDArray[np.bool_]:
    """Say for each element of `small` whether it is in `big`, by binary search."""
    if not big.size:
        return np.zeros(small.size, dtype=np.bool_)
    places = np.searchsorted(big, small)
    return np.asarray(big.take(places, mode="clip") == small)


def intersect(a: Ids, b: Ids) -> Ids:
    """Return what is in both."""
    small, big = (a, b) if a.size <= b.size else (b, a)
    return small[inside(small, big)] if small.size else EMPTY


def subtract(a: Ids, b: Ids) -> Ids:
    """Return what is in `a` and not in `b`."""
    return a[~inside(a, b)] if a.size and b.size else a


def union(parts: Sequence[Ids]) -> Ids:
    """Return what is in any of the parts."""
    filled = [p for p in parts if p.size]
    if not filled:
        return EMPTY
    if len(filled) == 1:
        return filled[0]
    return distinct(np.concatenate(filled))


def distinct(ids: Ids) -> Ids:
    """Sort and drop duplicates; runs that are already sorted are merged cheaply."""
    if ids.size < 2:
        return ids
    ordered = np.sort(ids, kind="stable")
    keep = np.empty(ordered.size, dtype=np.bool_)
    keep[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=keep[1:])
    return ordered[keep]


@dataclass(frozen=True, slots=True)
class Codes:
    """A set of dictionary codes, or everything but it. The absent value has a code of its own."""

    ids: Ids
    inverted: bool = False

    def __invert__(self) -> Codes:
        """Return the complement."""
        return Codes(self.ids, not self.inverted)

    def __and__(self, other: Codes) -> Codes:
        """Return what is in both."""
        if self.inverted and other.inverted:
            return Codes(union((self.ids, other.ids)), True)
        if self.inverted:
            return Codes(subtract(other.ids, self.ids))
        if other.inverted:
            return Codes(subtract(self.ids, other.ids))
        return Codes(intersect(self.ids, other.ids))

    def __or__(self, other: Codes) -> Codes:
        """Return what is in either."""
        return ~(~self & ~other)


NOTHING = Codes(EMPTY)
ANYTHING = Codes(EMPTY, True)


def either(parts: Sequence[Codes]) -> Codes:
    """Return what is in any of the sets; many small ones are merged in one go."""
    plain = Codes(union([p.ids for p in parts if not p.inverted]))
    for part in parts:
        if part.inverted:
            plain = plain | part
    return plain
