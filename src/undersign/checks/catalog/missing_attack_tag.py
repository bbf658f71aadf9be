"""The check `missing-attack-tag`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.attack_tags import attack_tags
from undersign.languages.sigma.document import Correlation, Rule, SigmaFile
from undersign.records.finding import Fault


def missing_attack_tag(file: SigmaFile) -> Iterator[Fault]:
    """Report a rule that says of no technique that it detects it."""
    fed = {name for c in file.correlations for name in c.rules}
    for document in file.documents:
        if not isinstance(document, Rule | Correlation) or {document.name, document.id} & fed:
            continue
        if not any(tag.is_technique for tag in attack_tags(document)):
            yield Fault(
                "no tag names an ATT&CK technique, so the rule counts nowhere in coverage",
                document.span("tags") if document.tags else document.span("title"),
                suggestion="add a tag such as `attack.t1558.003`",
            )
