"""The check `missing-description`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault

MIN_CHARACTERS = 16


def missing_description(file: SigmaFile) -> Iterator[Fault]:
    """Report a document that does not say in a sentence what it detects."""
    for document in file.documents:
        description = document.data.get("description")
        text = description.strip() if isinstance(description, str) else ""
        if not text:
            yield Fault(
                "no description says what this detects, and why it matters",
                document.span("title"),
                suggestion="add a `description:` that an analyst can act on",
            )
        elif len(text) < MIN_CHARACTERS or text.lower() == document.title.strip().lower():
            yield Fault(
                "the description says no more than the title",
                document.span("description"),
                suggestion="say what happens, who does it and why it is suspicious",
            )
