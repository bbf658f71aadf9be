"""Log templates: what varies in a line is masked, and alike lines share one template.

Lines are masked in columns, and only the few distinct masked texts go through a tree after Drain
(He et al., ICWS 2017: tokens of one length, alike in most places, share a template). The package
drain3 does the same one line at a time; its last release is of 2022 and pins an old cachetools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pyarrow as pa

VARIES = "<*>"
OTHER = -1
"""Of lines for which there is no room for a template of their own."""
_LONGEST = 400
"""Characters of a line that its template is made of."""
_MASKS = (
    r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
    r"|\b(?:0x)?[0-9a-fA-F]{16,}\b|\b0x[0-9a-fA-F]+\b"
    r"|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4}|\b\d+(?:[.:,_/-]\d+)*",
)
"""Ids, addresses and numbers; not digits within a word, which tell `s3` from `ec2`."""
_LIKENESS, _SHORT, _LIKENESS_OF_SHORT = 0.6, 5, 0.8
"""A line of few words is another template for one other word."""
_MOST_KEPT = 100_000


@dataclass(slots=True)
class _Node:
    """Templates whose lines have as many words and begin with the same one."""

    templates: list[tuple[int, list[str]]] = field(default_factory=list)


class Templates:
    """Gives every line the number of its template; the same lines in any order, the same texts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[str, int] = {}
        self._nodes: dict[tuple[int, str], _Node] = {}
        self._texts: list[list[str]] = []

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, number: int) -> str:
        """Return a template with what varies as `<*>`."""
        return " ".join(self._texts[number])

    def numbers(self, messages: pa.StringArray) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the template of every message; OTHER when there is no room for another one."""
        masked = pc.utf8_slice_codeunits(messages, 0, _LONGEST)
        for pattern in _MASKS:
            masked = pc.replace_substring_regex(masked, pattern, VARIES)
        encoded = masked.dictionary_encode()
        ids = [self._number(text.as_py()) for text in encoded.dictionary]
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return np.array(ids or [OTHER], dtype=np.int64)[codes]

    def _number(self, masked: str) -> int:
        known = self._known.get(masked)
        if known is not None:
            return known
        found = self._placed(masked)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[masked] = found
        return found

    def _placed(self, masked: str) -> int:
        words = masked.split()
        first = words[0] if words else ""
        key = (len(words), first if VARIES not in first else VARIES)
        node = self._nodes.setdefault(key, _Node())
        best, likeness = None, 0.0
        for number, template in node.templates:
            alike = _likeness(template, words)
            if alike > likeness:
                best, likeness = (number, template), alike
        enough = _LIKENESS_OF_SHORT if len(words) <= _SHORT else _LIKENESS
        if best is not None and likeness >= enough:
            number, template = best
            for n, (here, there) in enumerate(zip(template, words, strict=True)):
                if here != there:
                    template[n] = VARIES
            return number
        if len(self._texts) >= self._most:
            return OTHER
        number = len(self._texts)
        self._texts.append(words)
        node.templates.append((number, words))
        return number

    def texts(self) -> Iterator[str]:
        """Yield every template."""
        return (self.text(n) for n in range(len(self)))


def _likeness(template: list[str], words: list[str]) -> float:
    """Return the share of words that are the same; what varies already counts half."""
    if not words:
        return 1.0
    score = sum(
        1.0 if a == b else 0.5 if VARIES in a else 0.0 for a, b in zip(template, words, strict=True)
    )
    return score / len(words)
