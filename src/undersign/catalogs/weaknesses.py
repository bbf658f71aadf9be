"""Weaknesses: CWE's ids, and the categories in which Undersign speaks of them.

The packaged data is CWE 4.15 (ids, names, abstraction, status, parents, MITRE's advice on mapping).
"""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ID = re.compile(r"(?i)\bCWE[-_ ]?0*(\d{1,5})\b")
SEVERITIES = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Weakness:
    """One entry of CWE."""

    id: str
    """`CWE-89`."""
    name: str
    abstraction: str
    """`Pillar`, `Class`, `Base`, `Variant`, `Compound`, `Category` or `View`."""
    status: str
    parents: tuple[str, ...]
    mapping: str
    """MITRE's advice: `Allowed`, `Allowed-with-Review`, `Discouraged`, `Prohibited`."""


@dataclass(frozen=True, slots=True)
class Category:
    """One of our categories."""

    key: str
    title: str
    cwe: tuple[str, ...]
    """The first is the one to name; all fit."""
    also_owasp: tuple[str, ...]
    """Of categories whose CWE the OWASP lists do not hold; a concept of the LLM list may follow."""
    severities: tuple[str, str]
    """The lowest and the highest that is usual."""
    words: tuple[str, ...]
    looked: tuple[str, ...]
    """What here can see it at all."""


@dataclass(frozen=True, slots=True)
class Weaknesses:
    """The ground `Weaknesses`."""

    edition: str
    date: str
    licence: str
    notice: str
    entries: Mapping[str, Weakness]
    categories: Mapping[str, Category]

    def above(self, id_: str, hops: int = 8) -> Iterator[str]:
        """Yield an id and everything that it is a kind of."""
        yield id_
        entry = self.entries.get(id_)
        for parent in entry.parents if entry and hops else ():
            yield from self.above(parent, hops - 1)

    def category_of(self, cwe: Iterable[str], words: str) -> str:
        """Return the one category that ids or words of a message name; empty when none or several.

        The first CWE of a category counts before those that it merely accepts.
        """
        ids = list(cwe)
        first = {c.key for c in self.categories.values() if c.cwe[0] in ids}
        low = words.lower()
        said = {c.key for c in self.categories.values() if any(w in low for w in c.words)}
        if len(first) == 1:
            return first.pop()
        if first and len(first & said) == 1:
            return (first & said).pop()
        if not first and ids:
            wide = {c.key for c in self.categories.values() if set(ids) & set(c.cwe[1:])}
            return (
                wide.pop()
                if len(wide) == 1
                else (said & wide).pop()
                if len(said & wide) == 1
                else ""
            )
        return said.pop() if len(said) == 1 and not ids else ""


def ids_in(text: str) -> tuple[str, ...]:
    """Return the CWE ids that a text names, in canonical form."""
    return tuple(dict.fromkeys(f"CWE-{number}" for number in _ID.findall(text)))


@cache
def load() -> Weaknesses:
    """Read the packaged edition (cached)."""
    folder = Path(__file__).with_name("data")
    data = json.loads(gzip.decompress((folder / "cwe.json.gz").read_bytes()))
    entries = {r[0]: Weakness(r[0], r[1], r[2], r[3], tuple(r[4]), r[5]) for r in data["entries"]}
    said = tomllib.loads((folder / "weaknesses.toml").read_text("utf-8"))
    categories = {
        key: Category(
            key, row[0], tuple(f"CWE-{n}" for n in row[1]), tuple(row[2].split()),
            (row[3][0], row[3][1]), tuple(row[4]), tuple(row[5]),
        )
        for key, row in said.items()
    }  # fmt: skip
    return Weaknesses(
        data["edition"], data["date"], data["licence"], data["notice"], entries, categories
    )
