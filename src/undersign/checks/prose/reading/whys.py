"""The five whys of a document, as a graph: numbered questions with answers, indented to branch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from undersign.records.document import Block, Document
from undersign.records.evidence import CITATION

_SECTION = re.compile(r"\b(?:five|5)?\s*whys?\b", re.IGNORECASE)
_QUESTION = re.compile(r"(?P<question>[^?]{3,400}\?)\s*(?P<answer>.*)", re.DOTALL)
_MARK = re.compile(r"\(((?:inference|judgement)[^)]*)\)")
_BECAUSE = re.compile(r"\s*because:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """One why, its answer, and what the answer cites."""

    question: str
    answer: str
    cites: tuple[str, ...]
    block: Block
    depth: int
    """1 for the first; each later one of a flat list asks about the one before."""
    is_last: bool
    """Whether no other why asks about it."""
    mark: str = ""
    """How the answer is known and by whom, as it is written: `inference, by ...`; may be empty."""


def whys(document: Document) -> tuple[Step, ...]:
    """Return the whys of a document in order; empty when no section holds any."""
    found = list(_steps(document))
    flat = len({depth for *_, depth in found}) <= 1
    steps = []
    for n, (block, question, answer, level) in enumerate(found):
        depth = n + 1 if flat else level
        behind = found[n + 1][3] if n + 1 < len(found) else 0
        last = n + 1 == len(found) if flat else behind <= level
        cites = tuple(one.strip() for m in CITATION.finditer(answer) for one in m[1].split(","))
        said = _BECAUSE.sub("", CITATION.sub("", answer), count=1)
        mark = _MARK.search(said)
        plain = _MARK.sub("", said).strip(" .")
        steps.append(Step(question, plain, cites, block, depth, last, mark[1] if mark else ""))
    return tuple(steps)


def _steps(document: Document) -> Iterator[tuple[Block, str, str, int]]:
    for block in document.blocks:
        heading = block.section[-1] if block.section else ""
        if block.kind != "item" or not _SECTION.search(heading):
            continue
        match = _QUESTION.match(block.text)
        if match is not None and re.match(r"\W*why\b", match["question"], re.IGNORECASE):
            yield block, match["question"].strip(), match["answer"], block.level
