"""Weaknesses: CWE's ids, and the categories in which Undersign speaks of them.

The packaged data is CWE 4.15 (ids, names, abstraction, status, parents, MITRE's advice on mapping)
and what is known of later editions, marked as such. The categories are ours.
"""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_ID = re.compile(r"(?i)(?<![a-z0-9])CWE[-_ :]?0*([1-9]\d{0,4})(?![a-z0-9])")
_BARE = re.compile(r"\s*0*([1-9]\d{0,4})\s*")
_SHORT = re.compile(r"\(['\"]?(?:aka )?([^()]{3,}?)['\"]?\)")
"""What CWE adds in brackets: ('SQL Injection')."""

SEVERITIES = ("info", "low", "medium", "high", "critical")
"""From the least to the most."""

VAGUE = frozenset(
    f"CWE-{n}" for n in (20, 284, 435, 664, 682, 691, 693, 697, 703, 707, 710)
)  # fmt: skip
"""CWE's pillars, and improper input validation: nearly everything is a case of one of them."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """One entry of CWE."""

    id: str
    """`CWE-89`."""
    name: str
    abstraction: str
    """`Pillar`, `Class`, `Base`, `Variant`, `Compound`, `Category` or `View`."""
    status: str
    """`Stable`, `Draft`, `Incomplete`, `Deprecated` or `Obsolete`."""
    parents: tuple[str, ...]
    mapping: str
    """MITRE's advice on naming it as a cause: `Allowed`, `Allowed-with-Review`, `Discouraged`,
    `Prohibited`; empty when there is none."""
    since: str = ""
    """The later edition that added it; empty when the packaged one has it."""


@dataclass(frozen=True, slots=True)
class Category:
    """One of our categories."""

    key: str
    """`sql-injection`."""
    title: str
    cwe: tuple[str, ...]
    """The first is the one to name; tools use the others for the same fault."""
    owasp: tuple[str, ...]
    """`A03:2021`, `A05:2025`; empty when neither list has it."""
    concepts: tuple[str, ...]
    """Keys of the Top 10 for LLM applications, such as `output_handling`; mostly empty."""
    severities: tuple[str, str]
    """The lowest and the highest that is usual."""
    words: tuple[str, ...]
    """Its title and what messages call it, as `plain` writes them."""
    looked: tuple[str, ...]
    """What here can see it at all: `dataflow`, `ruff`, `secrets`, `dependencies`."""

    @property
    def phrase(self) -> str:
        """The title within a sentence: `weak hash`, `SQL injection`."""
        return self.title if self.title[1:2].isupper() else self.title[:1].lower() + self.title[1:]


@dataclass(frozen=True, slots=True)
class Weaknesses:
    """The ground `Weaknesses`."""

    edition: str
    date: str
    """ISO date of the edition."""
    licence: str
    notice: str
    entries: Mapping[str, Weakness]
    """`CWE-89` -> entry, withdrawn ones, categories and views included."""
    categories: Mapping[str, Category]
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """A name as `plain` writes it -> the ids that have it; short names and our words included."""

    def levels(self, id_: str) -> Iterator[frozenset[str]]:
        """Yield the id alone, then what it is a kind of, then what these are kinds of ..."""
        level, seen = frozenset((id_,)), frozenset[str]()
        while level:
            yield level
            seen |= level
            above = (self.entries[i].parents for i in level if i in self.entries)
            level = frozenset(p for parents in above for p in parents) - seen

    def above(self, id_: str) -> frozenset[str]:
        """Return an id and everything that it is a kind of."""
        return frozenset().union(*self.levels(id_))

    def fits(self, id_: str, category: Category) -> bool:
        """Say whether an id may be named for a category: it, a kind of it, or a vaguer word."""
        above = self.above(id_)
        if id_ in VAGUE or above & set(category.cwe):
            return True
        return id_ in self.above(category.cwe[0])

    def category_of(self, cwe: Iterable[str], words: str) -> str:
        """Return the key of the one category that ids or words name; empty when none or several.

        Ids speak first: those that a category names, then those it accepts, then what they are
        kinds of; the words of a message tell only what ids leave open. A category of the LLM list
        shares its ids with others, so it is chosen by its own id or by words alone.
        """
        said = self._said(words)
        ids = [i for i in cwe if i in self.entries and i not in VAGUE]
        if not ids:
            return _only(said)
        for found in self._by_ids(ids):
            if found:
                return _only(found) or _only(found & said)
        heads = {key: self.above(self.categories[key].cwe[0]) for key in said}
        return _only(frozenset(key for key, above in heads.items() if above & set(ids)))

    def _by_ids(self, ids: list[str]) -> Iterator[frozenset[str]]:
        plain_ones = [c for c in self.categories.values() if not c.concepts]
        heads: dict[str, set[str]] = {}
        for one in (*plain_ones, *self.categories.values()):
            if one in plain_ones or one.cwe[0] not in heads:
                heads.setdefault(one.cwe[0], set()).add(one.key)
        yield frozenset(key for i in ids for key in heads.get(i, ()))
        accepted = frozenset(c.key for c in plain_ones if set(ids) & set(c.cwe))
        if len(accepted) == 1:
            yield accepted
        nearest = (self._head_above(i, heads) for i in ids)
        yield frozenset(key for keys in nearest for key in keys)
        yield accepted

    def _head_above(self, id_: str, heads: Mapping[str, set[str]]) -> frozenset[str]:
        for level in self.levels(id_):
            found = frozenset(key for i in level for key in heads.get(i, ()))
            if found:
                return found
        return frozenset()

    def _said(self, words: str) -> frozenset[str]:
        text = f" {plain(words)} "
        return frozenset(
            c.key for c in self.categories.values() if any(f" {w} " in text for w in c.words)
        )


def plain(text: str) -> str:
    """Level words for comparing: lower case, one blank between them, US spelling."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    words = re.sub(r"\bhard (?=coded)", "hard", words)
    return re.sub(r"\b(\w+?i)s(ation|ed|ing)\b", r"\1z\2", words)


def ids_in(text: str) -> tuple[str, ...]:
    """Return the CWE ids that a text names (`cwe-089`, `CWE 89`, a bare `89`), as `CWE-89`."""
    found = _ID.findall(text)
    if not found and (bare := _BARE.fullmatch(text)):
        found = [bare[1]]
    return tuple(dict.fromkeys(f"CWE-{number}" for number in found))


@cache
def load() -> Weaknesses:
    """Read the packaged edition (cached)."""
    folder = Path(__file__).with_name("data")
    data = json.loads(gzip.decompress((folder / "cwe.json.gz").read_bytes()))
    entries = {
        row[0]: Weakness(row[0], row[1], row[2], row[3], tuple(row[4]), *row[5:])
        for row in data["entries"]
    }
    said = tomllib.loads((folder / "weaknesses.toml").read_text("utf-8"))
    categories = {
        key: Category(
            key=key,
            title=row["title"],
            cwe=tuple(f"CWE-{number}" for number in row["cwe"]),
            owasp=tuple(row["owasp"]),
            concepts=tuple(row.get("concept", ())),
            severities=(row["severity"][0], row["severity"][1]),
            words=tuple(dict.fromkeys(map(plain, (row["title"], *row["words"])))),
            looked=tuple(row.get("looked", ())),
        )
        for key, row in said.items()
    }
    return Weaknesses(
        data["edition"],
        data["date"],
        data["licence"],
        data["notice"],
        entries,
        categories,
        _names(entries, categories),
    )


def _names(
    entries: Mapping[str, Weakness], categories: Mapping[str, Category]
) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in entries.values():
        if one.status != "Deprecated":
            for name in (one.name, *_SHORT.findall(one.name)):
                found.setdefault(plain(name), set()).add(one.id)
    for category in categories.values():
        for name in category.words:
            found.setdefault(name, set()).add(category.cwe[0])
    return {name: frozenset(ids) for name, ids in found.items()}


def _only(keys: frozenset[str]) -> str:
    return next(iter(keys)) if len(keys) == 1 else ""
