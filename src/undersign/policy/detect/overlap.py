"""Of findings that overlap one stays, by rank; what is left of a long loser stays too."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from undersign.policy.detect.found import Hit

_LEFT_OVER = 16
"""Bytes of a loser outside the winner that are worth hiding for themselves."""


def apart(hits: Iterable[Hit]) -> list[Hit]:
    """Return findings that do not overlap, sorted: the lower rank wins, then the longer."""
    order = sorted(set(hits), key=lambda h: (h.meaning.rank, h.start - h.end, h.start))
    starts: list[int] = []
    kept: dict[int, Hit] = {}
    for hit in order:
        for piece in _outside(hit, starts, kept):
            starts.insert(bisect_left(starts, piece.start), piece.start)
            kept[piece.start] = piece
    return [kept[start] for start in starts]


def _outside(hit: Hit, starts: list[int], kept: dict[int, Hit]) -> list[Hit]:
    """Return what of a finding stands outside those kept; all of it where it meets none."""
    index = bisect_left(starts, hit.start)
    if index and kept[starts[index - 1]].end > hit.start:
        index -= 1
    pieces, at = [], hit.start
    while index < len(starts) and starts[index] < hit.end:
        pieces.append((at, starts[index]))
        at = kept[starts[index]].end
        index += 1
    if not pieces:
        return [hit]
    pieces.append((at, hit.end))
    return [Hit(a, b, hit.meaning) for a, b in pieces if b - a >= _LEFT_OVER]
