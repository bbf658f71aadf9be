"""The check `missing-level`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.sigma.document import Correlation, Rule, SigmaFile
from undersign.records.finding import Fault


def missing_level(file: SigmaFile) -> Iterator[Fault]:
    """Report an alerting document without a level: nobody knows how urgent its alerts are."""
    quiet = {name for c in file.correlations if not c.generate for name in c.rules}
    for document in file.documents:
        if not isinstance(document, Rule | Correlation) or {document.name, document.id} & quiet:
            continue
        if not document.level:
            yield Fault(
                "no level says how urgent a match is",
                document.span("title"),
                suggestion="add `level:`: informational, low, medium, high or critical",
            )
