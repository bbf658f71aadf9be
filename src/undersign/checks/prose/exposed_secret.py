"""exposed-secret: a key, a token or a password in a document that people share."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault
from undersign.records.surroundings import Exposed


def exposed_secret(document: Document, exposed: Exposed) -> Iterator[Fault]:
    """Report the places of secrets; what stands there is never repeated."""
    for start, end, kind in exposed.spots:
        yield Fault(
            f"holds a secret ({kind}); take it out and rotate it",
            document.span(start, end),
        )
