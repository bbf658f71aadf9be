"""The check `unused-brief-words`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import listed, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.artifact import Draft
from undersign.records.finding import Fault


def unused_brief_words(file: SigmaFile, draft: Draft) -> Iterator[Fault]:
    """Report the words of the brief that shaped nothing in the draft."""
    if draft.unused_words:
        yield Fault(
            f"the drafter could not use {listed(map(quoted, draft.unused_words))} of the brief",
            file.documents[0].span("title") if file.documents else None,
            {"brief": draft.brief, "unused": list(draft.unused_words)},
            "add what they ask for by hand, or say the brief in other words",
        )
