"""The check `mismatched-attack-tactic`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.attack import Attack
from undersign.checks.reading.attack_tags import tactics, techniques
from undersign.checks.reading.wording import listed, quoted
from undersign.languages.sigma.document import Document, SigmaFile
from undersign.records.finding import Fault, Severity


def mismatched_attack_tactic(file: SigmaFile, attack: Attack) -> Iterator[Fault]:
    """Report tactics that belong to no tagged technique, and techniques without their tactic."""
    for document in file.documents:
        yield from _in_document(document, attack)


def _in_document(document: Document, attack: Attack) -> Iterator[Fault]:
    tagged = techniques(document, attack)
    named = tactics(document, attack)
    possible = {tactic for _, technique in tagged for tactic in technique.tactics}
    # An extra tactic beside a right one is a habit of many authors; none right is a mistake.
    severity = Severity.NOTE if any(tactic in possible for _, tactic in named) else None
    if tagged:
        for tag, tactic in named:
            if tactic not in possible:
                ids = listed(t.id for _, t in tagged)
                yield Fault(
                    f"{quoted(tag.written)} is no tactic of {ids}",
                    tag.span,
                    {"tactic": tactic, "tactics_of_techniques": sorted(possible)},
                    f"{ids}: {listed(sorted(possible), 'or')}",
                    severity,
                )
    chosen = {tactic for _, tactic in named}
    for tag, technique in tagged:
        if technique.tactics and chosen.isdisjoint(technique.tactics):
            wanted = listed((f"`attack.{t}`" for t in technique.tactics), "or")
            yield Fault(
                f"{quoted(tag.written)} stands without a tactic of its own",
                tag.span,
                {"id": technique.id, "tactics": list(technique.tactics)},
                f"add {wanted}",
                Severity.NOTE,
            )
