"""person-as-cause: a root cause, or the last of the whys, that is a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault

_I = re.IGNORECASE
_SECTION = re.compile(r"\b(?:root cause|cause|contributing factor|why)s?\b", _I)
_PERSON = re.compile(
    r"\b(?:human error|operator error|(?:an?|the|one|our) (?:\w+ )?(?:engineer|developer|operator|"
    r"admin(?:istrator)?|employee|contractor|intern|colleague|analyst|team member|person|user)\b"
    r"(?:'s (?:mistake|error|failure|negligence))?)", _I
)  # fmt: skip
_DID = re.compile(
    r"\b(?:forgot|failed|neglected|mistyped|made a mistake|misconfigured|clicked|ran the wrong|"
    r"deleted|"
    r"did not|didn't|mistake|error|carelessly|wrongly|accidentally)\b", _I
)  # fmt: skip
_SYSTEM = re.compile(
    r"\b(?:process|review|check|test|alert|monitor|tool|guard|policy|procedure|documentation|runbook|"
    r"automation|pipeline|system|design|default|limit|permission|validation|training|no one|"
    r"nothing|"
    r"allowed|possible|missing|lack|without)\w*\b", _I
)  # fmt: skip
_STATED = re.compile(r"\broot cause (?:was|is|of [^.]{1,60} (?:was|is))\b[^.\n]*", _I)


def person_as_cause(document: Document) -> Iterator[Fault]:
    """Report sections of causes that name a person's act and nothing that let it happen."""
    sections: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for block in document.blocks:
        if block.kind != "heading" and block.section and _SECTION.search(block.section[-1]):
            sections.setdefault(block.section, []).append((block.start, block.text))
        for match in _STATED.finditer(block.text) if block.kind != "code" else ():
            if _names_only_a_person(match[0]):
                at = block.start + match.start()
                yield _fault(document, at, at + len(match[0]))
    for blocks in sections.values():
        whole = " ".join(text for _, text in blocks)
        if _names_only_a_person(whole) and not _STATED.search(whole):
            start, text = next(one for one in blocks if _PERSON.search(one[1]))
            yield _fault(document, start, start + len(text))


def _names_only_a_person(text: str) -> bool:
    found = _PERSON.search(text)
    if found is None or _SYSTEM.search(text):
        return False
    return "error" in found[0].lower() or _DID.search(text) is not None


def _fault(document: Document, start: int, end: int) -> Fault:
    return Fault(
        "the only cause is a person; ask what let one person's act do this",
        document.span(start, end),
        suggestion="name the missing check, alert, default or process",
    )
