"""shallow-whys: whys without evidence, that stop early, or that end at a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.prose.reading.whys import Step, whys
from undersign.records.document import Document
from undersign.records.finding import Fault

_LEAST = 3
_PERSON = re.compile(
    r"\b(?:human error|operator error|(?:the|an?|our|one) (?:\w+ )?(?:engineer|developer|operator|"
    r"admin(?:istrator)?|employee|contractor|colleague|analyst|person|user)\b|(?:he|she|somebody|"
    r"someone) (?:forgot|failed|did|made|clicked|ran|deleted))", re.IGNORECASE
)  # fmt: skip
_SYSTEM = re.compile(
    r"\b(?:process|review|check|test|alert|monitor|tool|guard|policy|procedure|documentation|runbook|"
    r"automation|pipeline|system|design|default|limit|permission|validation|training|template|"
    r"budget|ownership|no one|nobody|nothing|no|not|without|missing|lack\w*|never)\b", re.IGNORECASE
)  # fmt: skip


def shallow_whys(document: Document) -> Iterator[Fault]:
    """Report the shape of the five whys: evidence for each, depth, and an end at a system."""
    steps = whys(document)
    for one in steps:
        if not one.cites:
            yield _fault(document, one, "this answer cites no evidence")
    seen: dict[str, Step] = {}
    for one in steps:
        key = " ".join(re.findall(r"\w+", one.answer.casefold()))
        if key and key in seen:
            yield _fault(document, one, "this answer was given before: the whys go in a circle")
        seen.setdefault(key, one)
    for one in (step for step in steps if step.is_last):
        if _PERSON.search(one.answer) and not _SYSTEM.search(one.answer):
            yield _fault(document, one, "the last answer is a person; ask what let it happen")
        elif one.depth < _LEAST and not _SYSTEM.search(one.answer):
            yield _fault(document, one, f"it ends after {one.depth}, at no system or process")


def _fault(document: Document, one: Step, message: str) -> Fault:
    start = one.block.start
    return Fault(message, document.span(start, start + len(one.block.text)))
