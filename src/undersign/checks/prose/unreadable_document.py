"""unreadable-document: part of a document that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault


def unreadable_document(document: Document) -> Iterator[Fault]:
    """Report what of the document could not be read; nobody looked at it."""
    for problem, at in document.problems:
        yield Fault(problem, document.span(at, at + 1))
