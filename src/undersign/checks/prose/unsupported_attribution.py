"""unsupported-attribution: a sentence that says who the attacker is."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.prose.reading.stated import stated
from undersign.records.document import Document
from undersign.records.finding import Fault
from undersign.records.person import PERSON_PREFIX

_JUDGED = ("(judgement", "(judgment", "(assessment")


def unsupported_attribution(document: Document) -> Iterator[Fault]:
    """Report attributions that are no judgement of a named person."""
    for sentence in document.sentences:
        said = stated(sentence.text)
        if not said.attributions:
            continue
        plain = sentence.text.casefold().replace("\\", "")
        if any(mark in plain for mark in _JUDGED) and PERSON_PREFIX in plain:
            continue
        word, at = said.attributions[0]
        yield Fault(
            f"attributes the incident ({word!r}), which no log line can show",
            document.span(sentence.start + at, sentence.start + at + len(word)),
            suggestion="leave it out, or let a person judge: undersign respond claim",
        )
