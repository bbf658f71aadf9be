"""Every id that a threat model may refer to: which catalog and edition has it, its name and status.

One look-up over all catalogs: ATT&CK, ATLAS, CWE, CAPEC, D3FEND, the OWASP lists and standards, the
NIST AI documents. An id alone says little: of published mappings many name another entry than their
id does, so a reference is compared by id, name, status and edition.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path

ACTIVE, DEPRECATED, REVOKED = "active", "deprecated", "revoked"
_SHORTEST_PART = 3
_LLM_BARE = re.compile(r"LLM\d{2}(?!:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one edition of a catalog."""

    id: str
    """As the catalog writes it, the edition included where numbers were given anew: `T1558.003`,
    `AML.T0051`, `LLM01:2025`, `v1.0-C2.1.1`, `MEASURE 2.7`."""
    name: str
    """For requirements their chapter and section; empty where a catalog has no names."""
    catalog: str
    """`attack`, `atlas`, `cwe`, `capec`, `d3fend`, `owasp`, `asvs`, `aisvs`, `ai-rmf` ..."""
    edition: str
    kind: str = ""
    """`technique`, `tactic`, `mitigation`, `requirement`, `subcategory` ..."""
    status: str = ACTIVE
    """`active`, `deprecated` or `revoked`."""
    level: str = ""
    """Of a requirement: the lowest level that has it."""
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """`tactics`, `parent`, `cwe`, `attack`, `replaced_by` -> ids."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """One edition of one catalog."""

    key: str
    title: str
    edition: str
    date: str
    """ISO date of the edition."""
    licence: str
    notice: str
    source: str
    """Where its official files are."""
    entries: Mapping[str, Entry]


@dataclass(frozen=True)
class References:
    """The ground `References`: all catalogs at hand."""

    ground = "the catalogs"

    catalogs: Mapping[str, Catalog]

    @cached_property
    def _by_id(self) -> Mapping[str, Entry]:
        return {
            key.upper(): entry
            for catalog in self.catalogs.values()
            for key, entry in catalog.entries.items()
        }

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for catalog in self.catalogs.values():
            for entry in catalog.entries.values():
                if entry.name and entry.kind != "requirement":
                    found.setdefault(plain(entry.name), []).append(entry)
        return {name: tuple(entries) for name, entries in found.items()}

    def get(self, written: str) -> Entry | None:
        """Return the entry with an id, in any spelling of case; None when no catalog has it."""
        return self._by_id.get(written.strip().upper())

    def named(self, name: str, catalogs: Iterable[str] = ()) -> tuple[Entry, ...]:
        """Return the entries with this name, whatever its case, marks and spaces."""
        wanted = frozenset(catalogs)
        found = self._by_name.get(plain(name), ())
        return tuple(one for one in found if not wanted or one.catalog in wanted)

    def like(self, name: str, catalogs: Iterable[str] = (), most: int = 3) -> tuple[Entry, ...]:
        """Return the entries whose names are most like this one, best first."""
        wanted = frozenset(catalogs)
        known = [
            key
            for key, entries in self._by_name.items()
            if not wanted or any(one.catalog in wanted for one in entries)
        ]
        near = get_close_matches(plain(name), known, n=most, cutoff=0.6)
        return tuple(one for key in near for one in self.named(key, catalogs))[:most]

    def find(self, written: str, most: int = 10) -> tuple[Entry, ...]:
        """Return what an id, a code without its edition, a name or a part of a name may mean."""
        exact = self.get(written)
        sure = (exact,) if exact else self.editions(written.strip()) or self.named(written)
        if sure:
            return sure
        part = plain(written)
        names = (name for name in self._by_name if len(part) >= _SHORTEST_PART and part in name)
        inside = [entry for name in sorted(names, key=len) for entry in self._by_name[name]]
        return tuple(inside[:most]) or self.like(written, most=most)

    def editions(self, code: str) -> tuple[Entry, ...]:
        """Return every edition of an OWASP code, `LLM01` or `A03`, the oldest first."""
        start = f"{code.upper()}:"
        found = (e for key, e in self._by_id.items() if key.startswith(start))
        return tuple(sorted(found, key=lambda e: e.edition))

    def requirements(self, prefix: str) -> tuple[Entry, ...]:
        """Return the requirements of a standard below a prefix: `v1.0-C2.1` has `v1.0-C2.1.1`."""
        start = prefix.upper() + "."
        return tuple(e for key, e in sorted(self._by_id.items()) if key.startswith(start))


def plain(name: str) -> str:
    """Return a name as it is compared: lower case, letters and digits alone."""
    return " ".join(re.findall(r"[a-z0-9]+", name.casefold()))


def unqualified(written: str) -> bool:
    """Say whether this is a number of the LLM list without its edition, which means nothing."""
    return _LLM_BARE.fullmatch(written.strip()) is not None


@cache
def load() -> References:
    """Read every packaged catalog (cached)."""
    return References({catalog.key: catalog for catalog in _all()})


def _all() -> Iterator[Catalog]:
    yield _attack()
    yield _cwe()
    yield _owasp()
    packed = Path(__file__).with_name("data").joinpath("references.json.gz").read_bytes()
    for one in json.loads(gzip.decompress(packed))["catalogs"]:
        yield catalog_of(one)


def catalog_of(data: Mapping[str, object]) -> Catalog:
    """Return a catalog from its packed form; KeyError, TypeError or ValueError when it is none.

    A row has id, name, kind, status, level, relations, and its edition where that is another one.
    """
    key, edition = str(data["key"]), str(data["edition"])
    rows = data["entries"]
    if not isinstance(rows, list):
        raise TypeError("entries must be a list")
    entries = {}
    for at, name, kind, status, level, relations, *of in rows:
        tied = {k: tuple(map(str, v)) for k, v in relations.items()}
        since = str(of[0]) if of else edition
        entries[str(at)] = Entry(str(at), name, key, since, kind, status, level, tied)
    texts = (str(data[name]) for name in ("title", "date", "licence", "notice", "source"))
    title, date, licence, notice, source = texts
    return Catalog(key, title, edition, date, licence, notice, source, entries)


def _attack() -> Catalog:
    from undersign.catalogs import attack

    matrix = attack.load()
    entries = {}
    for one in matrix.techniques.values():
        tied = {"tactics": one.tactics, "matrix": (one.matrix,)}
        if one.replaced_by:
            tied["replaced_by"] = (one.replaced_by,)
        edition = one.since or matrix.edition
        entries[one.id] = Entry(
            one.id, one.name, "attack", edition, "technique", one.status, "", tied
        )
    for tactic_id, short in matrix.tactic_ids.items():
        name = matrix.tactics.get(short, short.replace("-", " ").title())
        entries[tactic_id] = Entry(tactic_id, name, "attack", matrix.edition, "tactic")
    return Catalog("attack", "MITRE ATT&CK", matrix.edition, matrix.date, matrix.licence,
                   matrix.notice, "https://attack.mitre.org", entries)  # fmt: skip


def _cwe() -> Catalog:
    from undersign.catalogs import weaknesses

    cwe = weaknesses.load()
    entries = {
        one.id: Entry(
            one.id,
            one.name,
            "cwe",
            one.since or cwe.edition,
            one.abstraction.lower(),
            DEPRECATED if one.status in ("Deprecated", "Obsolete") else ACTIVE,
            "",
            {"parent": one.parents},
        )
        for one in cwe.entries.values()
    }
    return Catalog("cwe", "CWE", cwe.edition, cwe.date, cwe.licence, cwe.notice,
                   "https://cwe.mitre.org", entries)  # fmt: skip


def _owasp() -> Catalog:
    from undersign.catalogs import owasp

    lists = owasp.load()
    entries = {
        one.id: Entry(one.id, one.name, "owasp", one.edition, "risk", ACTIVE, "",
                      {"cwe": tuple(sorted(one.cwe))})
        for one in lists.entries.values()
    }  # fmt: skip
    editions = "Top 10 2021, 2025; LLM 1.1, 2025, 2026; ASI 2026"
    return Catalog("owasp", "OWASP lists", editions, lists.date, lists.licence, lists.notice,
                   "https://owasp.org", entries)  # fmt: skip
