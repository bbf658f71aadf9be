"""Words and names of the workspace's own dictionaries: customers, projects, code names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.policy.detect.found import Hit, Meaning, Rank

_LABELS = {"customer": "CUSTOMER", "personal": "NAME", "confidential": "WORD"}
_GAPS = bytes.maketrans(b"_-./\t\r\n", b"       ")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Finds whole words, without regard to case; `_`, `-`, `.` and a blank are one."""

    automaton: Any
    meanings: Sequence[Meaning]
    """By pattern."""

    def hits(self, data: bytes) -> Iterator[Hit]:
        """Yield every word of the dictionaries in a text in UTF-8."""
        folded = _folded(data)
        size = len(folded)
        for index, start, end in self.automaton.find_matches_as_indexes(folded, overlapping=True):
            before = folded[start - 1] if start else 32
            after = folded[end] if end < size else 32
            if not (_joins(before) or _joins(after)):
                yield Hit(start, end, self.meanings[index])


def dictionary(words: Mapping[str, Iterable[str]]) -> Dictionary | None:
    """Return the finder for words by data class; None where there are none."""
    import ahocorasick_rs

    patterns: dict[bytes, Meaning] = {}
    for data_class, several in words.items():
        label = _LABELS.get(data_class, "WORD")
        meaning = Meaning(f"dictionary:{data_class}", data_class, label, Rank.WORDS)
        for word in several:
            folded = _folded(" ".join(word.split()).encode("utf-8", "surrogatepass"))
            if folded.strip():
                patterns.setdefault(folded, meaning)
    if not patterns:
        return None
    automaton = ahocorasick_rs.BytesAhoCorasick(list(patterns))
    return Dictionary(automaton, list(patterns.values()))


def _folded(data: bytes) -> bytes:
    """Return bytes of the same length, the same for spellings that only differ in case."""
    if data.isascii():
        return data.lower().translate(_GAPS)
    text = data.decode("utf-8", "surrogatepass")
    folded = text.lower().encode("utf-8", "surrogatepass")
    if len(folded) != len(data):
        # A few letters change their length in lower case: those stay as they are.
        folded = b"".join(map(_letter, text))
    return folded.translate(_GAPS)


def _letter(letter: str) -> bytes:
    plain = letter.encode("utf-8", "surrogatepass")
    folded = letter.lower().encode("utf-8", "surrogatepass")
    return folded if len(folded) == len(plain) else plain


def _joins(byte: int) -> bool:
    """Say whether a byte continues a word: a letter, a digit, or a part of one beyond ASCII."""
    return byte > 127 or 48 <= byte <= 57 or 97 <= byte <= 122
