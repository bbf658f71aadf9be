"""The words of a brief: where they stand, their stems, and which of them carry no meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_$./\\:*+@{}-]*[A-Za-z0-9_$*]|[A-Za-z0-9_$]")
_PARTS = re.compile(r"[a-z0-9_$]+")
_ENDINGS = ("ing", "ed", "es", "s", "e")
_STOP_TEXT = (
    "a abnormal about activity actually adversary after again alert all also an and anomalous "
    "any anybody anyone anything appear appearing are as at attack attacker attempt be because "
    "been behavior behaviour being but by can case could detect detection did do does each "
    "either event events every find flag for from get gets had happen happening has have hunt i "
    "if in into is it its just kind like log logs look looking made make me might must my need "
    "new occur occurring of off on one only or other our out over own please possible possibly "
    "potential put rule same see shall should show so some somebody someone something start "
    "started strange such suspicious take taken technique than that the their them then there "
    "these they thing this those through time times to too try under unusual up us use used "
    "user using via want was watch we were what when where whether which while who whose will "
    "with within would you your "
)
STOP = frozenset(_STOP_TEXT.split())
"""Words that shape nothing on their own; a phrase of a behaviour may still contain them."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a brief as written, with its place in characters."""

    text: str
    start: int
    end: int
    stems: tuple[str, ...]
    """Stems of its parts: `pre-authentication` has two."""


@dataclass(slots=True)
class Reading:
    """A brief while it is being understood: every word knows whether something used it."""

    text: str
    words: tuple[Word, ...]
    used: set[int] = field(default_factory=set)
    """Indexes of words that shaped something."""

    def use(self, start: int, end: int) -> None:
        """Mark all words that touch these characters as used."""
        self.used |= {i for i, w in enumerate(self.words) if w.start < end and w.end > start}

    def use_stems(self, stems: frozenset[str]) -> None:
        """Mark the words whose every part has one of these stems as used."""
        self.used |= {i for i, w in enumerate(self.words) if w.stems and stems.issuperset(w.stems)}

    def stems(self) -> tuple[str, ...]:
        """Return the stems of all words in order."""
        return tuple(stem for word in self.words for stem in word.stems)

    def unused(self) -> tuple[str, ...]:
        """Return the words that shaped nothing and do mean something, as written, once each."""
        left = (
            w.text
            for i, w in enumerate(self.words)
            if i not in self.used and not all(s in _STOP_STEMS for s in w.stems)
        )
        return tuple(dict.fromkeys(left))


def read(brief: str) -> Reading:
    """Split a brief into words."""
    words = (
        Word(m.group(), m.start(), m.end(), stems_of(m.group())) for m in _WORD.finditer(brief)
    )
    return Reading(brief, tuple(words))


def telling_stems(reading: Reading) -> frozenset[str]:
    """Return the stems of a brief that are no stop words."""
    return frozenset(reading.stems()) - _STOP_STEMS


def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words, lower case."""
    return tuple(stem(part) for part in _PARTS.findall(text.lower().replace("'s", "")))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Cut a common English ending, so that `requests` and `requesting` are one word."""
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith("ss") or word.endswith("us"):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


_STOP_STEMS = frozenset(s for word in STOP for s in stems_of(word))
