"""The check `revoked-attack-id`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.attack import Attack, Technique
from undersign.checks.reading.attack_tags import AttackTag, techniques
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity


def revoked_attack_id(file: SigmaFile, attack: Attack) -> Iterator[Fault]:
    """Report a technique that ATT&CK has revoked, deprecated or withdrawn."""
    for document in file.documents:
        for tag, technique in techniques(document, attack):
            if technique.status != "active":
                what = f"is {technique.status} in ATT&CK {attack.edition}"
                yield _fault(tag, technique, what, attack)
            elif technique.withdrawn_in:
                what = f"is gone from ATT&CK {technique.withdrawn_in}"
                yield _fault(tag, technique, what, attack, Severity.NOTE)


def _fault(
    tag: AttackTag,
    technique: Technique,
    what: str,
    attack: Attack,
    severity: Severity | None = None,
) -> Fault:
    successor = technique.replaced_by
    new = attack.techniques.get(successor) if successor else None
    named = f" ({new.name})" if new else ""
    return Fault(
        f"{quoted(tag.written)} ({technique.name}) {what}",
        tag.span,
        {"id": technique.id, "status": technique.status, "replaced_by": successor},
        f"its successor is `attack.{successor.lower()}`{named}" if successor else None,
        severity,
    )
