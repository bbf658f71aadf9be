"""ATT&CK tags of a document, read with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from undersign.catalogs.attack import Attack, Technique
from undersign.languages.sigma.document import Document
from undersign.records.artifact import Span

_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")
_OTHER_ID = re.compile(r"(?:G|S|C|TA|DS|M)\d{4}")


@dataclass(frozen=True, slots=True)
class AttackTag:
    """One tag of the namespace `attack`."""

    written: str
    name: str
    """What follows `attack.`, ids upper-cased: `T1558.003`, `credential-access`."""
    span: Span | None

    @property
    def is_technique(self) -> bool:
        """Say whether it has the shape of a technique's id."""
        return _TECHNIQUE.fullmatch(self.name) is not None

    @property
    def is_id(self) -> bool:
        """Say whether it has the shape of any ATT&CK id."""
        return self.is_technique or _OTHER_ID.fullmatch(self.name) is not None


def attack_tags(document: Document) -> Iterator[AttackTag]:
    """Yield the ATT&CK tags of a document in file order."""
    written = document.data.get("tags")
    for index, tag in enumerate(written if isinstance(written, list) else ()):
        if isinstance(tag, str) and tag.lower().startswith("attack."):
            name = tag[len("attack.") :]
            upper = name.upper()
            known_shape = _TECHNIQUE.fullmatch(upper) or _OTHER_ID.fullmatch(upper)
            yield AttackTag(tag, upper if known_shape else name, document.span("tags", index))


def techniques(document: Document, attack: Attack) -> list[tuple[AttackTag, Technique]]:
    """Return the known techniques a document is tagged with."""
    tagged = ((tag, attack.techniques.get(tag.name)) for tag in attack_tags(document))
    return [(tag, technique) for tag, technique in tagged if technique]


def tactics(document: Document, attack: Attack) -> list[tuple[AttackTag, str]]:
    """Return the known tactics a document is tagged with, as short names."""
    found = []
    for tag in attack_tags(document):
        short = attack.tactic_ids.get(tag.name, tag.name.lower())
        if short in attack.tactics:
            found.append((tag, short))
    return found


def family(technique_id: str) -> str:
    """Return the parent's id of a sub-technique, or the id itself."""
    return technique_id.partition(".")[0]
