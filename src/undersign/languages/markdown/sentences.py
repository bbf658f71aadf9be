"""Sentences of a block, with what each cites."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from undersign.records.document import Block, Sentence
from undersign.records.evidence import CITATION

_NO_SENTENCES = ("heading", "code", "html")
_END = re.compile(r"[.!?…]+[\"'”’)*_`]*(?=\s|$)|\n[ \t]*\n|<br\s*/?>", re.IGNORECASE)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|approx|ca|no|fig|mr|mrs|ms|dr|st|jan|feb|mar|apr|jun|jul|aug|"
    r"sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|a\.m|p\.m|u\.s|inc|ltd)|\b[A-Z])\.[\"')]*$",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"\s+[^\W\d_a-z]")
_WHOLE = re.compile(r"\u201c[^\u201d]{1,4000}\u201d|(`+)(?!`).{1,2000}?(?<!`)\1(?!`)", re.DOTALL)
"""A quotation or a code span: no sentence ends within."""
_AFTER = re.compile(
    r"\s*(?:\[[^\]\n]{1,400}\]|\([a-z][^()\n]{0,120}\)(?=\s*(?:[\[<]|$))|<!--.{0,400}?-->)"
)
"""What belongs to a sentence though it stands behind its full stop: citations and marks."""
_HIDDEN = re.compile(r"<!--(.{0,400}?)-->", re.DOTALL)
_CLAIM = re.compile(r"\bC[1-9][0-9]{0,6}\b|\b[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[1-9][0-9]{0,11}\b")


def sentences_of(block: Block, text: str) -> Iterator[Sentence]:
    """Yield the sentences of a block; each cell of a table row has its own, headings none."""
    if block.kind in _NO_SENTENCES or (block.kind == "row" and block.level):
        return
    if block.kind == "row":
        # A row is one statement: what one cell cites holds for the others.
        cited = tuple(cited_in(block.text))
        for cell, start in block.cells:
            for sentence in _split(cell, start, block):
                yield Sentence(sentence.text, sentence.start, block, sentence.cited or cited)
        return
    yield from _split(block.text, block.start, block)


def cited_in(text: str) -> Iterator[str]:
    """Yield the addresses and claim ids that a text cites, in brackets or in HTML comments."""
    for match in CITATION.finditer(text):
        yield from (one.strip() for one in match[1].split(","))
    for match in _HIDDEN.finditer(text):
        yield from _CLAIM.findall(match[1])


def _split(text: str, offset: int, block: Block) -> Iterator[Sentence]:
    start = 0
    for end in [*_ends(text), len(text)]:
        if end < start:
            continue
        piece = text[start:end]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            cited = tuple(dict.fromkeys(cited_in(piece)))
            yield Sentence(piece.strip(), offset + start + lead, block, cited)
        start = end


def _ends(text: str) -> Iterator[int]:
    whole = [match.span() for match in _WHOLE.finditer(text)]
    starts = [start for start, _ in whole]
    for match in _END.finditer(text):
        nearest = bisect_left(starts, match.start()) - 1
        if nearest >= 0 and match.start() < whole[nearest][1] - 1:
            continue
        begin = max(0, match.start() - 12)
        if match[0][0] == "." and _ABBREVIATION.search(text, begin, match.end()):
            # `at 10 a.m. The ...` ends here; `e.g. the ...` and `10 Sept. 2026` do not.
            noon = re.search(r"[ap]\.m\.$", text[begin : match.end()], re.IGNORECASE)
            if not (noon and _CAPITAL.match(text, match.end())):
                continue
        end = match.end()
        while after := _AFTER.match(text, end):
            end = after.end()
        yield end
