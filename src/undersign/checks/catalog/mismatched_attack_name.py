"""The check `mismatched-attack-name`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from undersign.catalogs.attack import Attack, Technique
from undersign.checks.reading.attack_tags import family, techniques
from undersign.checks.reading.wording import listed, quoted
from undersign.languages.sigma.document import Document, SigmaFile
from undersign.records.finding import Fault

_ID = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_PROSE = ("title", "description")
MIN_WORDS = 3
"""Words a name needs to be a claim: many rules are about a `Windows Service` or the like."""
_COINED = re.compile(r"[A-Za-z]+[a-z][A-Z][A-Za-z]+|[A-Z]{2,}[a-z]+[A-Za-z]*|[A-Za-z-]+roasting")
"""One-word names that nobody uses for anything else: `DCSync`, `InstallUtil`, `Kerberoasting`."""
_EVERYDAY = frozenset({"PowerShell", "JavaScript", "AppleScript", "AutoHotKey", "LaunchAgents"})
"""Coined all the same, but the tool of too many other techniques."""


def mismatched_attack_name(file: SigmaFile, attack: Attack) -> Iterator[Fault]:
    """Report a technique that the text names while the tags say another."""
    for document in file.documents:
        tagged = [technique for _, technique in techniques(document, attack)]
        if tagged:
            families = {family(t.id) for t in tagged}
            families |= {family(t.replaced_by) for t in tagged if t.replaced_by}
            yield from _ids(document, attack, families)
            yield from _names(document, attack, families, tagged)


def _ids(document: Document, attack: Attack, families: set[str]) -> Iterator[Fault]:
    for key in _PROSE:
        for found in dict.fromkeys(_ID.findall(_text(document, key))):
            if family(found) not in families:
                technique = attack.techniques.get(found)
                known = f" ({technique.name})" if technique else ""
                yield Fault(
                    f"the {key} names {found}{known}, which is not among the tags",
                    document.span(key),
                    {"named": found, "tagged_families": sorted(families)},
                )


def _names(
    document: Document, attack: Attack, families: set[str], tagged: list[Technique]
) -> Iterator[Fault]:
    """Look for whole technique names in the title, the one place that claims what it is."""
    title = " ".join(re.findall(r"[\w/.-]+", _text(document, "title").lower()))
    for name, ids in _distinctive(attack).items():
        if not families.isdisjoint(map(family, ids)) or not _says(title, name):
            continue
        shown = listed(t.id for t in tagged)
        yield Fault(
            f"the title says {quoted(attack.techniques[ids[0]].name)}, which is"
            f" {listed(ids, 'or')}, but the tags say {shown}",
            document.span("title"),
            {"named": list(ids), "tagged": [t.id for t in tagged]},
            f"tag it `attack.{ids[0].lower()}`, or change the title",
        )


def _says(title: str, name: str) -> bool:
    return name in title and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", title) is not None


@lru_cache(maxsize=2)
def _distinctive_of(names: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, technique_id in names:
        coined = _COINED.fullmatch(name) and name not in _EVERYDAY
        if name.count(" ") + 1 >= MIN_WORDS or coined:
            found.setdefault(name.lower(), []).append(technique_id)
    return {name: tuple(ids) for name, ids in found.items()}


def _distinctive(attack: Attack) -> dict[str, tuple[str, ...]]:
    """Return the names that can stand for nothing else -> the ids that carry them."""
    current = (
        (t.name, t.id)
        for t in attack.techniques.values()
        if t.status == "active" and not t.withdrawn_in and t.matrix == "enterprise"
    )
    return _distinctive_of(tuple(current))


def _text(document: Document, key: str) -> str:
    value = document.data.get(key)
    return value if isinstance(value, str) else ""
