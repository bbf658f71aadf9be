"""The check `missing-id`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity


def missing_id(file: SigmaFile) -> Iterator[Fault]:
    """Report a document without an id of its own, or with that of another in the same file."""
    seen: set[str] = set()
    for document in file.documents:
        if document.id is None:
            yield Fault(
                "without an id nothing can refer to this rule once its title changes",
                document.span("title"),
                suggestion="add `id:` with a new UUID (uuidgen prints one)",
                severity=Severity.NOTE,
            )
        elif document.id.lower() in seen:
            yield Fault(
                f"the id {quoted(document.id)} is used twice in this file",
                document.span("id"),
                {"id": document.id},
                "give each document a UUID of its own",
            )
        seen.add((document.id or "").lower())
