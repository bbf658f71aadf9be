"""Of findings that overlap one stays, by rank; what is left of a long loser stays too."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter

from undersign.policy.detect.found import Hit

_LEFT_OVER = 16
"""Bytes of a loser outside the winner that are worth hiding for themselves."""


def apart(hits: Iterable[Hit]) -> list[Hit]:
    """Return findings that do not overlap, sorted: the lower rank wins, then the longer."""
    ordered = sorted(hits, key=_START)
    if all(one.end <= after.start for one, after in pairwise(ordered)):
        return ordered
    kept: list[Hit] = []
    group: list[Hit] = []
    end = -1
    for hit in sorted(set(ordered), key=_START):
        if hit.start >= end and group:
            kept += _settled(group)
            group = []
        group.append(hit)
        end = max(end, hit.end)
    return kept + _settled(group)


_START = itemgetter(0)


def _settled(group: list[Hit]) -> list[Hit]:
    """Return what stays of findings that overlap, sorted."""
    if len(group) < 2:
        return group
    starts: list[int] = []
    kept: dict[int, Hit] = {}
    for hit in sorted(group, key=_order):
        for piece in _outside(hit, starts, kept):
            starts.insert(bisect_left(starts, piece.start), piece.start)
            kept[piece.start] = piece
    return [kept[start] for start in starts]


def _order(hit: Hit) -> tuple[int, int, int, str]:
    # The name at last: of two rules that find the same, it is the same one every time.
    return hit.meaning.rank, hit.start - hit.end, hit.start, hit.meaning.rule


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
