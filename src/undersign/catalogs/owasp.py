"""OWASP's lists: the Top 10 (2021, 2025), the Top 10 for LLM applications and for agents."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WRITTEN = re.compile(
    r"(?i)^\s*(?:OWASP[ :-]*)?(A\d{1,2}|LLM\d{2}|ASI\d{2})(?:[:\s-]+(20\d\d|1\.1))?\b[\s:-]*(.*)$"
)
CONCEPTS: Mapping[str, tuple[str, str]] = {
    "output_handling": ("LLM02:1.1", "LLM05:2025"),
    "agency": ("LLM08:1.1", "LLM06:2025"),
    "prompt_injection": ("LLM01:1.1", "LLM01:2025"),
}
"""Concept -> its ids in editions 1.1 and 2025; the list was renumbered."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list in one edition."""

    id: str
    """`A03:2021`, `LLM05:2025`."""
    name: str
    cwe: frozenset[str] = frozenset()

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

    licence: str
    notice: str
    entries: Mapping[str, Listed]

    def editions(self, code: str) -> tuple[Listed, ...]:
        """Return every entry with a code, whatever the edition."""
        return tuple(e for e in self.entries.values() if e.code == code)

    def of_weakness(self, ids: frozenset[str]) -> tuple[Listed, ...]:
        """Return the entries of the Top 10 that list one of these CWE ids."""
        return tuple(e for e in self.entries.values() if e.cwe & ids)


@dataclass(frozen=True, slots=True)
class Written:
    """An id as somebody wrote it."""

    code: str
    edition: str
    name: str


def read(written: str) -> Written | None:
    """Read `A03:2021`, `A03:2021-Injection`, `LLM05`; None for anything else."""
    found = _WRITTEN.match(written)
    if found is None:
        return None
    code = found[1].upper()
    if code.startswith("A") and not code.startswith("ASI"):
        code = f"A{int(code[1:]):02}"
    return Written(code, found[2] or "", found[3].strip())


@cache
def load() -> OwaspLists:
    """Read the packaged lists (cached)."""
    folder = Path(__file__).with_name("data")
    data = json.loads(gzip.decompress((folder / "owasp.json.gz").read_bytes()))
    rows = [Listed(r[0], r[1], frozenset(f"CWE-{n}" for n in r[2])) for r in data["top10"]]
    rows += [Listed(r[0], r[1]) for r in (*data["llm"], *data["asi"])]
    return OwaspLists(data["licence"], data["notice"], {row.id: row for row in rows})
