"""OWASP's lists: the Top 10 (2021, 2025), the Top 10 for LLM applications and for agents.

Of earlier editions of the Top 10 (2004 to 2017) the names are known and no CWE lists. The list for
LLM applications was renumbered in 2025 and again in 2026 (of which this is the final draft), so a
concept has one key here and an id per edition.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_CODE = re.compile(r"(?i)(?<![a-z0-9])(LLM[-_ ]?|ASI[-_ ]?|A)(\d{1,2})(?!\d)")
_EDITION = re.compile(r"(?i)(?<![\d.])(20\d\d|v?1\.[01](?:\.\d)?)(?![\d.]*\d)")
_LISTS = re.compile(r"(?i)\bOWASP\b|\btop[- _]?(?:10|ten)\b|\bfor LLM(?: applications)?\b")
_ELSEWHERE = re.compile(
    r"(?i)^\W*(?:OWASP\W+)?(?:API|M|MASVS|CICD-SEC-|AST|MCP|SC|K|C|NHI)0?\d{1,2}\b"
)
_FIRST_LLM = frozenset({"1.0", "1.1", "2023"})
"""Editions of the list for LLM applications that have the numbers of 1.1."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list in one edition."""

    id: str
    """`A03:2021`, `LLM05:2025`."""
    name: str
    cwe: frozenset[str] = frozenset()
    """`CWE-89`; of the Top 10 of 2021 and of 2025 only."""

    @property
    def code(self) -> str:
        """The id without its edition."""
        return self.id.partition(":")[0]

    @property
    def edition(self) -> str:
        """`2021`, `2025`, `1.1` ..."""
        return self.id.partition(":")[2]


@dataclass(frozen=True, slots=True)
class OwaspLists:
    """The ground `OwaspLists`."""

    date: str
    """ISO date of the newest list that is out."""
    licence: str
    notice: str
    entries: Mapping[str, Listed]
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key of a concept of the LLM list -> its ids, the oldest edition first; `~LLM06:2025` is only
    the nearest one there is."""

    def editions(self, code: str) -> tuple[Listed, ...]:
        """Return every entry with a code, the oldest edition first."""
        found = (e for e in self.entries.values() if e.code == code)
        return tuple(sorted(found, key=lambda e: e.edition))

    def of_concept(self, key: str, edition: str) -> tuple[str, ...]:
        """Return the ids that a concept has in an edition, the nearest ones included."""
        ids = (one.removeprefix("~") for one in self.concepts.get(key, ()))
        return tuple(one for one in ids if one.endswith(f":{edition}"))

    def of_weakness(self, ids: Iterable[str], edition: str = "") -> tuple[Listed, ...]:
        """Return the entries of the Top 10 that list one of these CWE ids themselves."""
        wanted = frozenset(ids)
        return tuple(
            e for e in self.entries.values() if e.cwe & wanted and edition in ("", e.edition)
        )


@dataclass(frozen=True, slots=True)
class Written:
    """An id as somebody wrote it."""

    code: str
    """`A03`, `LLM05`, `ASI02`."""
    edition: str
    """As the lists write it; empty when there is none."""
    name: str


def read(written: str) -> Written | None:
    """Read `A03:2021 - Injection`, `OWASP:2021-A03`, `LLM05 (v1.1)`; None for anything else."""
    text = _LISTS.sub(" ", written)
    found = _CODE.search(text)
    if found is None or elsewhere(written):
        return None
    family = found[1].strip("-_ ").upper()
    rest = text[: found.start()] + " " + text[found.end() :]
    edition = _EDITION.search(rest)
    name = rest[: edition.start()] + " " + rest[edition.end() :] if edition else rest
    year = edition[1].lower().removeprefix("v")[:4].removesuffix(".") if edition else ""
    if family == "LLM" and (year in _FIRST_LLM or year.startswith("1.")):
        year = "1.1"
    return Written(f"{family}{int(found[2]):02}", year, name.strip(" \t:;,.()[]-–—_/"))


def parts(written: str) -> tuple[str, ...]:
    """Take apart a text with several ids (`A03:2021, A05:2025`); any other is its only part."""
    found = [part.strip() for part in re.split(r"[,;|/]", written)]
    several = sum(_CODE.search(part) is not None for part in found) > 1
    return tuple(part for part in found if part) if several else (written,)


def elsewhere(written: str) -> bool:
    """Say whether an id is of a list of OWASP that is not packaged, such as `API1:2023`."""
    return _ELSEWHERE.match(written) is not None


@cache
def load() -> OwaspLists:
    """Read the packaged lists (cached)."""
    packed = Path(__file__).with_name("data").joinpath("owasp.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    rows = [Listed(r[0], r[1], frozenset(f"CWE-{n}" for n in r[2])) for r in data["top10"]]
    rows += [Listed(r[0], r[1]) for r in (*data["llm"], *data["asi"], *data["older"])]
    return OwaspLists(
        date=data["date"],
        licence=data["licence"],
        notice=data["notice"],
        entries={row.id: row for row in rows},
        concepts={key: tuple(ids) for key, ids in data["concepts"].items()},
    )
