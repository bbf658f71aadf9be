"""missing-citation: a sentence that states facts and cites nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.prose.reading.cited import known_names, unmarked
from undersign.checks.prose.reading.stated import stated
from undersign.records.document import Document, Sentence
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault, Severity

_APART = re.compile(
    r"\b(?:actions?|follow[- ]?ups?|next steps?|todo|attendees|participants|references?|sources?|"
    r"open questions?|glossary|links|appendix|well|difficult|lessons)\b", re.I
)  # fmt: skip
"""Sections in which plans, people and opinions stand: nothing there is a fact of the logs."""


def missing_citation(document: Document, case: CaseFile | None) -> Iterator[Fault]:
    """Report sentences with a time, an address or an outcome of a named thing, and no citation."""
    if document.front.get("kind") == "notice":
        return  # a check of its own asks notices
    names = _Names(case)
    bare = [one for one in document.sentences if not one.cited and _states_facts(one, names)]
    if case is None and not any(one.cited for one in document.sentences):
        if bare:
            yield Fault(
                f"it states facts in {len(bare)} sentence{'s' * (len(bare) != 1)} and cites no "
                f"evidence for any",
                document.span(bare[0].start, bare[0].start + len(bare[0].text)),
                severity=Severity.NOTE,
            )
        return
    for one in bare:
        yield Fault(
            "states a fact and cites no evidence",
            document.span(one.start, one.start + len(one.text)),
            suggestion="cite the line: [SOURCE:N], or mark it (inference)",
        )


def _states_facts(sentence: Sentence, names: _Names) -> bool:
    block = sentence.block
    if _APART.search(" / ".join(block.section)):
        return False
    said = stated(sentence.text)
    if said.marked or said.bare.rstrip().endswith("?"):
        return False
    told = bool(said.failed or said.done)
    is_timed = any(when.time is not None or (told and when.date) for when in said.times)
    named = any(
        one.kind in ("address", "hash", "event") or one.value.casefold() in names.every
        for one in said.things
    )
    return is_timed or named or next(unmarked(said, names.known), None) is not None


class _Names:
    """The names of an incident: those that plain words may be, and all typed values."""

    def __init__(self, case: CaseFile | None) -> None:
        self.known = known_names(case) if case is not None else {}
        evidence = case.evidence.values() if case is not None else ()
        self.every = {value.casefold() for one in evidence for _, value in one.values()}
