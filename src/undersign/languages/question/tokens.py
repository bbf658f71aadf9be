"""A question as a row of stems with their places, brought near to the words of a workspace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from undersign.languages.question.names import Names
from undersign.languages.question.synonyms import COMPOUNDS, NEAR
from undersign.languages.question.words import STOP, parts, stem
from undersign.records.question import Piece, Question

_RUN = re.compile(r"[A-Za-z]+|\d+")
_PART = re.compile(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONG = 5
"""Letters from which a word that is no name here may be a slip or several words run together."""


@dataclass(frozen=True, slots=True)
class Token:
    """One stem of the question."""

    stem: str
    start: int
    end: int
    stop: bool
    """Whether the word says nothing on its own."""


def tokens(question: Question, names: Names) -> tuple[Token, ...]:
    """Return the stems of a question without the values it states.

    Words run together and slips of the pen are brought near to the names of the workspace; words
    that the reader understood (failed, last week, external) are left alone.
    """
    text = list(question.text)
    for value in question.values:
        at = question.text.find(value.value, value.piece.start, value.piece.end)
        text[at : at + len(value.value)] = "\0" * len(value.value) if at >= 0 else ""
    plain = _understood(question)
    row: list[Token] = []
    for match in _RUN.finditer("".join(text)):
        for part in _PART.finditer(match.group()):
            start, word = match.start() + part.start(), part.group()
            one = Token(stem(word), start, start + len(word), word.lower() in STOP)
            told = any(p.start <= start < p.end for p in plain)
            row += [one] if told else _known(one, word.lower(), names)
    return tuple(_joined(row))


def _understood(question: Question) -> list[Piece]:
    pieces = [one.piece for one in question.polarity]
    for told in (question.network, question.negations, question.thresholds):
        pieces += [one.piece for one in told]
    pieces += [one.piece for one in (question.window, question.within) if one]
    return pieces


def _known(one: Token, word: str, names: Names) -> list[Token]:
    if one.stem in names.vocabulary or one.stop or len(word) < _LONG or not word.isalpha():
        return [one]
    run = _segmented(word, names.parts)
    if run:
        return [Token(stem(part), one.start, one.end, stop=False) for part in run]
    if len(one.stem) < _LONG:
        return [one]
    first, size = one.stem[:1], len(one.stem)
    near = [v for v in names.vocabulary if v[:1] == first and abs(len(v) - size) <= 2]
    close = get_close_matches(one.stem, near, n=1, cutoff=0.82)
    return [Token(close[0], one.start, one.end, stop=False)] if close else [one]


def _segmented(word: str, known: frozenset[str]) -> list[str]:
    """Split words run together, `deviceregistryevents`, into known ones; empty when impossible."""
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 16), end - 1):
            before, piece = best[start], word[start:end]
            if before is None or not (piece in known or piece.removesuffix("s") in known):
                continue
            best_here = best[end]
            if best_here is None or len(before) + 1 < len(best_here):
                best[end] = [*before, piece]
    found = best[-1] or []
    return found if 1 < len(found) <= len(word) / 3 else []


def _joined(row: list[Token]) -> list[Token]:
    """Make one token of words that are one: sign in, log on, e-mail."""
    joined: list[Token] = []
    index = 0
    while index < len(row):
        one, after = row[index], row[index + 1] if index + 1 < len(row) else None
        pair = (one.stem, after.stem) if after and after.start - one.end <= 1 else ("", "")
        if after and pair in _COMPOUND_STEMS:
            joined.append(Token(_COMPOUND_STEMS[pair], one.start, after.end, stop=False))
            index += 2
        else:
            joined.append(one)
            index += 1
    return joined


_COMPOUND_STEMS = {(stem(a), stem(b)): stem(parts(word)[0]) for (a, b), word in COMPOUNDS.items()}


SYNONYM = 0.75
"""How much a synonym counts beside the word itself."""


def same(word: str, stem: str, near: float = SYNONYM) -> float:
    """Return how well a word says a stem: 1 itself, less for a synonym, else 0."""
    if word == stem:
        return 1.0
    return near if stem in NEAR.get(word, ()) else 0.0


def piece_of(question: Question, run: Sequence[Token]) -> Piece:
    """Return the words of the question that these tokens stand for."""
    start, end = min(t.start for t in run), max(t.end for t in run)
    return Piece(start, end, question.text[start:end])
