"""person-as-cause: a root cause, or the last of the whys, that is a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from undersign.records.document import Block, Document
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
    r"\b(?:process|review|check|test|alert|monitor|tool|guard|policy|procedure|document|runbook|"
    r"automation|pipeline|system|design|default|limit|permission|validation|training|no one|"
    r"nothing|"
    r"allowed|possible|missing|lack|without)\w*\b", _I
)  # fmt: skip
_STATED = re.compile(r"\broot cause (?:was|is|of [^.]{1,60} (?:was|is))\b[^.\n]*", _I)


def person_as_cause(document: Document) -> Iterator[Fault]:
    """Report sections of causes that name a person's act and nothing that let it happen."""
    sections: dict[tuple[str, ...], list[Block]] = {}
    for block in document.blocks:
        if block.kind != "heading" and block.section and _SECTION.search(block.section[-1]):
            sections.setdefault(block.section, []).append(block)
        for match in _STATED.finditer(block.text) if block.kind != "code" else ():
            if _names_only_a_person(match[0]):
                at = block.start + match.start()
                yield _fault(document, at, at + len(match[0]))
    for blocks in sections.values():
        if any(_STATED.search(block.text) for block in blocks) or not _is_all_personal(blocks):
            continue
        first = next(block for block in blocks if _PERSON.search(block.text))
        yield _fault(document, first.start, first.start + len(first.text))


def _is_all_personal(blocks: Sequence[Block]) -> bool:
    """Tell whether no factor of a list, or nothing in the paragraphs, is more than a person."""
    # The outermost items have level 1, and so has the header of a table.
    depths = (("item", 1), ("row", 0))
    listed = [block.text for block in blocks if (block.kind, block.level) in depths]
    if not listed:
        return _names_only_a_person(" ".join(block.text for block in blocks))
    return all(_names_only_a_person(text) for text in listed)


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
