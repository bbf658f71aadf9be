"""The check `unknown-attack-id`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.attack import Attack
from undersign.checks.reading.attack_tags import AttackTag, attack_tags, family
from undersign.checks.reading.wording import did_you_mean, nearest, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity

_NOT_IN_CATALOG = ("DS", "M")
"""Data sources and mitigations: ids of ATT&CK that the packaged catalog leaves out."""


def unknown_attack_id(file: SigmaFile, attack: Attack) -> Iterator[Fault]:
    """Report an ATT&CK tag that names no technique, tactic, group or software."""
    for document in file.documents:
        for tag in attack_tags(document):
            if not _known(tag, attack):
                yield _fault(tag, attack)


def _known(tag: AttackTag, attack: Attack) -> bool:
    if tag.name in attack.techniques or tag.name in attack.groups or tag.name in attack.tactic_ids:
        return True
    if tag.is_id and tag.name.startswith(_NOT_IN_CATALOG):
        return True
    return tag.name.lower() in attack.tactics


def _fault(tag: AttackTag, attack: Attack) -> Fault:
    near = _near(tag, attack)
    if tag.is_technique and _number(tag.name) > max(map(_number, attack.techniques)):
        return Fault(
            f"{quoted(tag.written)} is newer than ATT&CK {attack.newest}, or invented",
            tag.span,
            {"id": tag.name, "edition": attack.newest},
            "look it up on attack.mitre.org",
            Severity.WARNING,
        )
    return Fault(
        f"ATT&CK {attack.newest} knows no {quoted(tag.written)}",
        tag.span,
        {"id": tag.name, "edition": attack.newest, "nearest": near},
        did_you_mean([f"attack.{name.lower()}" for name in near]),
    )


def _near(tag: AttackTag, attack: Attack) -> list[str]:
    if tag.is_technique:
        kin = [i for i in attack.techniques if family(i) == family(tag.name)]
        return nearest(tag.name, kin)
    if tag.is_id:
        return []
    return nearest(tag.name.replace("_", "-"), attack.tactics)


def _number(technique_id: str) -> int:
    return int(family(technique_id)[1:])
