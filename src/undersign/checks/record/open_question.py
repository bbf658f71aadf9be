"""The check `open-question`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.sigma.document import SigmaFile
from undersign.records.artifact import Draft
from undersign.records.finding import Fault


def open_question(file: SigmaFile, draft: Draft) -> Iterator[Fault]:
    """Report every question that the drafter left for a person."""
    for question in draft.open_questions:
        yield Fault(
            f"the drafter asks: {question}",
            file.documents[0].span("title") if file.documents else None,
            {"drafter": draft.drafter},
            "answer it in the rule, then dismiss this with the answer as the reason",
        )
