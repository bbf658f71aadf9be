"""missing-next-update: a notice of an open incident that does not say when more will be told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from undersign.records.document import Document
from undersign.records.finding import Fault


def missing_next_update(document: Document) -> Iterator[Fault]:
    """Report notices whose front matter says neither resolved nor when the next update is due."""
    if document.front.get("kind") != "notice" or document.front.get("status") == "resolved":
        return
    due = document.front.get("next_update")
    if isinstance(due, datetime | date):
        return
    if isinstance(due, str):
        try:
            datetime.fromisoformat(due)
        except ValueError:
            yield Fault(f"next_update: {due!r} is no time")
        return
    yield Fault(
        "it does not say when the next update is due",
        suggestion="undersign respond comms INCIDENT --next-update 2026-03-04T12:00:00Z",
    )
