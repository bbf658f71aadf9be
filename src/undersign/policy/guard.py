"""Looks at what is about to be sent, and hides what the policy says to hide.

The caller decides what to do with a judgement that refuses or asks; the guard itself sends nothing
and keeps nothing. `hide` after a yes to a question hides just what the policy rules `redact`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from undersign.policy.decide import decide
from undersign.policy.policy import Policy
from undersign.policy.restoring import places
from undersign.policy.restoring.calls import surroundings, teaches
from undersign.policy.scope import Scope, Source
from undersign.policy.tokens import Tokens
from undersign.records.ruling import Judgement, Ruling, Spotted

SHORTEST_AGAIN = 6
"""A hidden value of at least so many characters is hidden wherever else it stands, spotted or not;
also as JSON or an
address spell it; a shorter one would tear ordinary words apart."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Spotter(Protocol):
    """What finds pieces of a data class in texts: `policy.detect`."""

    def spot_all(self, texts: Sequence[str]) -> tuple[tuple[Spotted, ...], ...]:
        """Return what is spotted in each text."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in the texts of one request, and what the policy rules. Holds no value."""

    judgement: Judgement
    spotted: tuple[tuple[Spotted, ...], ...]
    """Of each text, in their order."""
    declared: tuple[str, ...]
    """The class each text has as a whole."""

    @property
    def classes(self) -> Mapping[str, int]:
        """Data class -> pieces spotted; 0 for a class that only whole texts have."""
        counts = dict.fromkeys(self.declared, 0)
        for one in self.spotted:
            for piece in one:
                counts[piece.data_class] = counts.get(piece.data_class, 0) + 1
        return counts

    @property
    def rules(self) -> Mapping[str, int]:
        """What spotted the pieces -> how many, for the audit row."""
        counts: dict[str, int] = {}
        for one in self.spotted:
            for piece in one:
                counts[piece.rule] = counts.get(piece.rule, 0) + 1
        return counts

    @property
    def hides(self) -> int:
        """How many spotted pieces and whole texts the policy rules to hide."""
        pieces = sum(self._hidden(p.data_class) for one in self.spotted for p in one)
        return pieces + sum(map(self._hidden, self.declared))

    def _hidden(self, data_class: str) -> bool:
        return self.judgement.of(data_class) is Ruling.REDACT


class Guard:
    """Stands between a text and a drafter, with one policy, detector and key."""

    __slots__ = ("_policy", "_spotter", "tokens")

    def __init__(self, policy: Policy, detector: Spotter, tokens: Tokens) -> None:
        self._policy = policy
        self._spotter = detector
        self.tokens = tokens

    def scope(self) -> Scope:
        """Return a new scope, for one request and its reply."""
        return Scope(self.tokens)

    def look(
        self, passages: Sequence[tuple[str, str]], drafter: str, purpose: str, now: datetime
    ) -> Looked:
        """Judge a request of these texts, each with the class it has as a whole."""
        found = self._spotter.spot_all([text for text, _ in passages])
        spotted = tuple(
            tuple(piece for piece in one if not self.tokens.ours(text[piece.start : piece.end]))
            for (text, _), one in zip(passages, found, strict=True)
        )
        declared = tuple(data_class for _, data_class in passages)
        classes = [*declared, *(piece.data_class for one in spotted for piece in one)]
        judgement = decide(self._policy, drafter, purpose, dict.fromkeys(classes), now=now)
        return Looked(judgement, spotted, declared)

    def hide(
        self,
        texts: Sequence[str],
        looked: Looked,
        scope: Scope,
        sources: Sequence[Source] = (),
    ) -> list[str]:
        """Return the texts as the drafter may see them; `scope` holds what was hidden.

        `looked` is what `look` said of the same texts. Without `sources` no value becomes known at
        any place, so none comes back in a tool call.
        """
        if len(texts) != len(looked.spotted):
            raise ValueError("these are not the texts that were looked at")
        hidden = [_merged(one, looked.judgement) for one in looked.spotted]
        whole = [looked.judgement.of(c) is Ruling.REDACT for c in looked.declared]
        labels: dict[str, str] = {}
        for text, spotted, pieces in zip(texts, looked.spotted, hidden, strict=True):
            alone = (p for one in spotted for p in _merged([one], looked.judgement))
            for start, end, label in [*pieces, *alone]:
                for value in (text[start:end], *_spellings(text[start:end])):
                    labels.setdefault(value, label)
        work = _Hiding(scope, labels)
        shown: list[str] = []
        for n, text in enumerate(texts):
            if whole[n]:
                shown.append(f"[withheld: the AI-tool policy hides {looked.declared[n]} data]")
            else:
                shown.append(work.hide(text, hidden[n], sources[n] if sources else None))
        return shown


@dataclass(slots=True)
class _Hiding:
    """Hides in the texts of one request."""

    scope: Scope
    labels: dict[str, str]
    """Every value to hide -> its label."""
    again: _Again = field(init=False)
    taught: dict[int, frozenset[str]] = field(default_factory=dict)
    """Id of a source -> what it teaches; the caller holds the sources until the end."""

    def __post_init__(self) -> None:
        self.again = _Again([v for v in self.labels if len(v) >= SHORTEST_AGAIN])

    def hide(self, text: str, pieces: Sequence[tuple[int, int, str]], source: Source | None) -> str:
        parts: list[str] = []
        position = 0
        for start, end, label in self._all(text, pieces):
            value = text[start:end]
            parts += [self._rest(text[position:start], source), self.scope.hide(label, value)]
            position = end
            if source:
                self._learn(value, source, text, start)
        rest = self._rest(text[position:], source)
        return "".join([*parts, rest]) if parts else rest

    def _all(
        self, text: str, pieces: Sequence[tuple[int, int, str]]
    ) -> Iterator[tuple[int, int, str]]:
        """Yield the spotted pieces, and between them the same values where nobody spotted them."""
        position = 0
        for piece in [*pieces, (len(text), len(text), "")]:
            for start, end, value in self.again.within(text, position, piece[0]):
                yield start, end, self.labels[value]
            position = piece[1]
            if piece[2]:
                yield piece

    def _rest(self, text: str, source: Source | None) -> str:
        # What a drafter wrote itself goes back to it unchanged: its tokens are the ones it saw.
        own = source is not None and source.author in ("drafter", "call")
        return text if own else self.scope.quote(text)

    def _learn(self, value: str, source: Source, text: str, start: int) -> None:
        if source.author == "person":
            near = surroundings(text, start, start + len(value))
            self.scope.note(value, places.named(near) - {places.UNREADABLE})
            return
        if id(source) not in self.taught:
            self.taught[id(source)] = teaches(source)
        self.scope.note(value, self.taught[id(source)])


class _Again:
    """Finds known values in texts, all at once, the longest of those that begin together."""

    __slots__ = ("_find", "_values")

    def __init__(self, values: Sequence[str]) -> None:
        # A lone surrogate is one character and no text to the library: both sides lose it alike.
        by_plain = dict(zip(map(_plain, values), values, strict=True))
        self._values = list(by_plain.values())
        self._find = None
        if values:
            from ahocorasick_rs import AhoCorasick, MatchKind

            automaton = AhoCorasick(list(by_plain), matchkind=MatchKind.LeftmostLongest)
            self._find = partial(automaton.find_matches_as_indexes, overlapping=False)

    def within(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield where a value stands in a part of a text."""
        if self._find is None or end - start < SHORTEST_AGAIN:
            return
        for index, first, last in self._find(_plain(text[start:end])):
            yield start + first, start + last, self._values[index]


def _spellings(value: str) -> tuple[str, ...]:
    """Return how a value stands inside JSON and inside an address."""
    if value.isascii() and value.isalnum():
        return ()
    from urllib.parse import quote

    in_json = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    return (*in_json, quote(value, safe="", errors="replace"))


def _plain(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _merged(spotted: Sequence[Spotted], judgement: Judgement) -> list[tuple[int, int, str]]:
    """Return the pieces to hide, in order; pieces that overlap become one."""
    pieces: list[tuple[int, int, str]] = []
    for one in sorted(spotted, key=lambda piece: (piece.start, -piece.end)):
        if judgement.of(one.data_class) is not Ruling.REDACT or one.end <= one.start:
            continue
        if pieces and one.start < pieces[-1][1]:
            start, end, label = pieces[-1]
            pieces[-1] = (start, max(end, one.end), label)
        else:
            pieces.append((one.start, one.end, one.label))
    return pieces
