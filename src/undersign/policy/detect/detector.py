"""Spots what belongs to a data class in a text: secrets, personal data, internal names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Protocol

from undersign.policy.detect.assigned import WORDS, assigned
from undersign.policy.detect.cluster import ClusterSecret
from undersign.policy.detect.credentials import KeyBlock, credentials
from undersign.policy.detect.disguise import plain, with_more
from undersign.policy.detect.encoded import encoded
from undersign.policy.detect.found import NUL, Finder, Hit, Meaning, Rank
from undersign.policy.detect.inside import inside
from undersign.policy.detect.opaque import BASE64, BINARY, HEX, blobs
from undersign.policy.detect.overlap import apart
from undersign.policy.detect.own import OwnFinder, SecretShape, own_finders, searchable
from undersign.policy.detect.people import people
from undersign.policy.detect.scan import PlainScanner, Scanner, scanner
from undersign.policy.detect.settings import settings
from undersign.policy.detect.tokens import tokens
from undersign.policy.detect.words import Dictionary, dictionary
from undersign.records.ruling import Spotted

_TOGETHER = 1 << 20
"""Bytes of small texts that are scanned at once."""

_REMEMBERED = 50_000
"""Places of one scan whose answer is kept for the next place that looks the same."""


_START = itemgetter(0)


class Besides(Protocol):
    """Another detector: `presidio.Presidio`."""

    def spot(self, text: str) -> tuple[Spotted, ...]:
        """Return what it finds in a text, in characters."""


@dataclass(frozen=True, slots=True)
class Detector:
    """Spots pieces of texts. Made by `detector`; may be shared between threads."""

    finders: tuple[Finder, ...]
    scanner: Scanner
    words: Dictionary | None = None
    own: tuple[OwnFinder, ...] = ()
    besides: Besides | None = None
    """Another detector of personal data, slower, that the workspace asked for."""

    @property
    def slow(self) -> str:
        """Say why it is slow, for a person; empty: it is not. It finds the same either way."""
        if isinstance(self.scanner, PlainScanner):
            return "Hyperscan cannot be loaded here: texts are looked at without it, slower"
        return ""

    def spot(self, text: str) -> tuple[Spotted, ...]:
        """Return the pieces of a text that belong to a data class, sorted, not overlapping."""
        return self.spot_all((text,))[0]

    def spot_all(self, texts: Sequence[str]) -> tuple[tuple[Spotted, ...], ...]:
        """Return the same for many texts; small ones are scanned together, which is faster."""
        found: list[tuple[Spotted, ...]] = []
        for group in _grouped(texts):
            found += self._of_group(group)
        return tuple(map(self._with_disguised, texts, found))

    def _with_disguised(self, text: str, spotted: tuple[Spotted, ...]) -> tuple[Spotted, ...]:
        """Add what is found only where a text is read without its disguise."""
        undone = plain(text)
        if undone is None:
            return spotted
        (more,) = self._of_group([(undone.text, undone.text.encode("utf-8", "surrogatepass"))])
        return with_more(spotted, undone.placed(more))

    def _of_group(self, group: Sequence[tuple[str, bytes]]) -> Iterator[tuple[Spotted, ...]]:
        joined = NUL.join(data for _, data in group)
        hits = sorted(self._hits(joined), key=_START)
        at = base = 0
        for text, data in group:
            end = base + len(data)
            first = at
            while at < len(hits) and hits[at].start <= end:
                at += 1
            mine = hits[first:at]
            mine += [Hit(a + base, b + base, m) for a, b, m in (*blobs(data), *self._own(text))]
            yield _in_characters(data, apart(mine), base)
            base = end + 1

    def _hits(self, data: bytes) -> list[Hit]:
        hits = [] if self.words is None else list(self.words.hits(data))
        finders = self.finders
        windows = [finder.window for finder in finders]
        glances = [finder.glance for finder in finders]
        seen: list[dict[bytes, Iterable[Hit]]] = [{} for _ in finders]
        left = _REMEMBERED
        for index, start, end in self.scanner.places(data):
            glance = glances[index]
            if glance is not None and not glance(data, start, end):
                continue
            window = windows[index]
            if window is None or start < window[0]:
                hits += finders[index].find(data, start, end)
                continue
            key = data[start - window[0] : end + window[1]]
            known = seen[index].get(key)
            if known is not None:
                for a, b, meaning in known:
                    hits.append(Hit(a + start, b + start, meaning))
                continue
            found = tuple(finders[index].find(data, start, end))
            hits += found
            if left and all(hit.end < end + window[1] for hit in found):
                seen[index][key] = [Hit(a - start, b - start, m) for a, b, m in found]
                left -= 1
        return hits

    def _own(self, text: str) -> Iterator[Hit]:
        for piece in self.besides.spot(text) if self.besides is not None else ():
            start, end = _bytes(text[: piece.start]), _bytes(text[: piece.end])
            meaning = Meaning(piece.rule, piece.data_class, piece.label, Rank.PERSONAL)
            yield Hit(start, end, meaning)
        if not self.own:
            return
        readable = searchable(text)
        lower = readable.lower()
        for finder in self.own:
            yield from finder.hits(readable, lower)


def _grouped(texts: Iterable[str]) -> Iterator[list[tuple[str, bytes]]]:
    """Yield the texts, with their UTF-8, in groups to scan at once."""
    group: list[tuple[str, bytes]] = []
    size = 0
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        if group and size + len(data) > _TOGETHER:
            yield group
            group, size = [], 0
        group.append((text, data))
        size += len(data)
    if group:
        yield group


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _in_characters(data: bytes, hits: Iterable[Hit], base: int) -> tuple[Spotted, ...]:
    """Return hits in bytes from `base` on as pieces in characters.

    A piece covers each character it touches.
    """
    if data.isascii():
        return tuple(
            Spotted(start - base, end - base, m.data_class, m.rule, m.label)
            for start, end, m in hits
        )
    spotted = []
    byte = character = 0
    for hit in hits:
        start = character + _characters(data[byte : hit.start - base])
        end = start + _characters(data[hit.start - base : hit.end - base])
        m = hit.meaning
        spotted.append(Spotted(start, end, m.data_class, m.rule, m.label))
        byte, character = hit.end - base, end
    return tuple(spotted)


def _characters(piece: bytes) -> int:
    """Return how many characters begin in a piece of UTF-8."""
    return len(piece) if piece.isascii() else len(piece.translate(None, _CONTINUED))


_CONTINUED = bytes(range(0x80, 0xC0))


def rules() -> tuple[Meaning, ...]:
    """Return every built-in rule with its data class and label, sorted by class and name.

    Besides these: `dictionary:CLASS` for the words of a workspace, and its own secret rules.
    """
    found = {BASE64, HEX, BINARY, *WORDS.values()}
    for finder in (*_packaged(), *inside()):
        found.update(finder.meanings)
    return tuple(sorted(found, key=lambda m: (m.data_class, m.rule)))


def detector(
    *,
    words: Mapping[str, Iterable[str]] | None = None,
    hosts: Iterable[str] = (),
    ranges: Iterable[str] = (),
    extra: Iterable[SecretShape] = (),
    besides: Besides | None = None,
) -> Detector:
    """Return a detector.

    `words`: data class -> words and names that belong to it. `hosts`: suffixes of internal host
    names, `ranges`: internal addresses in CIDR notation, both besides the built-in ones. `extra`:
    the workspace's own secret rules. `besides`: another detector to ask as well. Raises BadInput
    for one of these that cannot be used.
    """
    finders = (*_packaged(), *inside(hosts, ranges))
    return Detector(finders, scanner(finders), dictionary(words or {}), own_finders(extra), besides)


@lru_cache(maxsize=1)
def _packaged() -> tuple[Finder, ...]:
    shown = tuple(tokens())
    in_base64 = encoded([(token.begins, token) for token in shown] + [("-----BEGIN", KeyBlock())])
    others: tuple[Finder, ...] = (
        assigned(),
        settings(),
        ClusterSecret(),
        *credentials(),
        *people(),
    )
    return (*shown, in_base64, *others)
