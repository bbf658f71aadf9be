"""The check `missing-false-positives`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Correlation, Rule, SigmaFile
from undersign.records.finding import Fault, Severity

_EMPTY_WORDS = frozenset({"none", "unknown", "n/a", "na", "-", "unlikely", "?"})


def missing_false_positives(file: SigmaFile) -> Iterator[Fault]:
    """Report an alerting document that does not say what harmless activity would match."""
    quiet = {name for c in file.correlations if not c.generate for name in c.rules}
    for document in file.documents:
        if not isinstance(document, Rule | Correlation) or {document.name, document.id} & quiet:
            continue
        stated = document.data.get("falsepositives")
        items = [str(i).strip() for i in stated] if isinstance(stated, list) else []
        items = [i for i in items if i]
        if not items:
            yield Fault(
                "nothing says what harmless activity would match",
                document.span("falsepositives") if stated else document.span("title"),
                suggestion="add `falsepositives:` with what the analyst should rule out first",
            )
        elif all(i.lower().rstrip(".") in _EMPTY_WORDS for i in items):
            yield Fault(
                f"false positives are only {quoted(items[0])}",
                document.span("falsepositives"),
                {"stated": items[:5]},
                "name the software or the job that does the same",
                Severity.NOTE,
            )
