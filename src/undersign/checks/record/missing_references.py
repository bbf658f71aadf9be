"""The check `missing-references`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Correlation, Rule, SigmaFile
from undersign.records.finding import Fault, Severity

_SCHEMES = ("https://", "http://")


def missing_references(file: SigmaFile) -> Iterator[Fault]:
    """Report a file that cites nothing a reviewer could read, and references that are no links."""
    cited = False
    for document in file.documents:
        references = document.data.get("references")
        for index, item in enumerate(references if isinstance(references, list) else ()):
            text = str(item).strip()
            cited = cited or bool(text)
            if text.startswith("http") and (not text.startswith(_SCHEMES) or " " in text):
                span = document.span("references", index)
                yield Fault(f"{quoted(text)} is no web address", span, severity=Severity.WARNING)
    rules = [d for d in file.documents if isinstance(d, Rule | Correlation)]
    if rules and not cited:
        yield Fault(
            "no reference shows where this knowledge comes from",
            rules[0].span("title"),
            suggestion="add `references:` with the report, the documentation or the test",
        )
