"""Finds all anchors in a text in one pass, with Hyperscan or, where it is not to be had, slower.

Both ways give the same places. Hyperscan compiles for seconds, so the compiled database is kept
in the user's cache folder, under the digest of its expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from undersign.policy.detect.found import Anchor, Finder

Place = tuple[int, int, int]
"""Index of the finder, and from where to where its anchor matched."""


class Scanner(Protocol):
    """Finds anchors."""

    def places(self, data: bytes) -> Iterable[Place]:
        """Return every match of every anchor."""


@dataclass(frozen=True, slots=True)
class HyperscanScanner:
    """All anchors in one database."""

    database: Any
    targets: Sequence[tuple[int, ...]]
    """By expression: the finders that want its matches."""
    lengths: Sequence[int]
    one_at_a_time: Lock = field(default_factory=Lock)
    """A database has memory for one scan."""

    def places(self, data: bytes) -> Iterable[Place]:
        """Return every match of every anchor."""
        ends: list[tuple[int, int]] = []
        add = ends.append
        with self.one_at_a_time:
            self.database.scan(data, match_event_handler=lambda one, _f, to, _g, _c: add((one, to)))
        targets, lengths = self.targets, self.lengths
        return [(finder, end - lengths[one], end) for one, end in ends for finder in targets[one]]


@dataclass(frozen=True, slots=True)
class PlainScanner:
    """The same without Hyperscan: literals by Aho-Corasick, then each anchor where its one is."""

    literals: Any
    """None: no anchor has one."""
    by_literal: Sequence[tuple[tuple[Anchor, Any, tuple[int, ...]], ...]]
    others: Sequence[tuple[Anchor, Any, tuple[int, ...]]]
    """Anchors without a literal."""

    def places(self, data: bytes) -> Iterable[Place]:
        """Return every match of every anchor."""
        lower = data.lower()
        if self.literals is not None:
            for index, at, _ in self.literals.find_matches_as_indexes(lower, overlapping=True):
                for anchor, expression, finders in self.by_literal[index]:
                    start = at - anchor.offset
                    if start >= 0 and expression.match(data, start) is not None:
                        yield from ((f, start, start + anchor.length) for f in finders)
        for anchor, expression, finders in self.others:
            start = 0
            while (found := expression.search(data, start)) is not None:
                start = found.start() + 1
                for finder in finders:
                    yield finder, found.start(), found.start() + anchor.length


def wanted(finders: Sequence[Finder]) -> dict[Anchor, tuple[int, ...]]:
    """Return the different anchors, each with the finders that want it."""
    anchors: dict[Anchor, tuple[int, ...]] = {}
    for index, finder in enumerate(finders):
        for anchor in finder.anchors:
            anchors[anchor] = (*anchors.get(anchor, ()), index)
    return anchors


def scanner(finders: Sequence[Finder]) -> Scanner:
    """Return the fastest scanner to be had here."""
    try:
        import hyperscan  # noqa: F401
    except ImportError:
        return plain(finders)
    return compiled(finders)


def compiled(finders: Sequence[Finder]) -> Scanner:
    """Return a scanner on Hyperscan. Raises ImportError where there is none."""
    from undersign.policy.detect.compiled import database

    anchors = wanted(finders)
    expressions = [anchor.expression.encode() for anchor in anchors]
    lengths = [anchor.length for anchor in anchors]
    return HyperscanScanner(database(expressions), list(anchors.values()), lengths)


def plain(finders: Sequence[Finder]) -> Scanner:
    """Return a scanner without Hyperscan."""
    import ahocorasick_rs
    import re2

    by_literal: dict[bytes, tuple[tuple[Anchor, Any, tuple[int, ...]], ...]] = {}
    others = []
    for anchor, finders_of in wanted(finders).items():
        entry = (anchor, re2.compile(anchor.expression.encode()), finders_of)
        if anchor.literal:
            literal = anchor.literal.lower()
            by_literal[literal] = (*by_literal.get(literal, ()), entry)
        else:
            others.append(entry)
    automaton = ahocorasick_rs.BytesAhoCorasick(list(by_literal)) if by_literal else None
    return PlainScanner(automaton, list(by_literal.values()), others)
