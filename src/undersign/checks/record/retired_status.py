"""The check `retired-status`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity

RETIRED = frozenset({"deprecated", "unsupported"})


def retired_status(file: SigmaFile) -> Iterator[Fault]:
    """Report a document that its own status takes out of use, and one without a status."""
    for document in file.documents:
        if document.status in RETIRED:
            yield Fault(
                f"its status is {quoted(document.status)}: it should not be deployed",
                document.span("status"),
                {"status": document.status},
                "sign its successor (see `related`), or change the status",
            )
        elif document.status is None:
            yield Fault(
                "no status says how far this has been tried",
                document.span("title"),
                suggestion="add `status: experimental`, `test` or `stable`",
                severity=Severity.NOTE,
            )
