"""Output columns a question asks for by name: `show TimeGenerated, UserId of ...`."""

from __future__ import annotations

import re

from undersign.languages.question.sheet import Sheet, phrase
from undersign.records.question import Piece

_STOP = (
    r"(?!(?:and|or|of|for|from|in|where|when|that|which|who|with|by|on|over|during|to|is|are|was"
    r"|were|not|between|have|has|only|project|show|list|summari[sz]e|events)\b)"
)
_KIND = r"(?:(?:type|kind|name|reason|time|date|id)s?\s+(?:of|for)\s+)?"
_ITEM = (
    rf"(?:(?:the|their|its|all|an?)\s+)?{_KIND}{_STOP}[A-Za-z_][\w.]*"
    rf"(?:[ \t]+{_STOP}[A-Za-z_][\w.]*){{0,3}}"
)
_AND = r"\s*(?:,\s*(?:and\s+)?|\band\s+|&\s*)"
_VERB = (
    r"(?:show|display(?! name)|get|list|return|project|select|retrieve|provide|give|output|print"
    r"|fetch|see"
    r"|(?:make|create|build) (?:me )?a (?:table|list)(?: (?:with|of|showing|containing))?"
    r"|with (?:the )?columns?|columns?|fields?)(?:\s*:)?"
)
_LIST = phrase(
    rf"{_VERB} (?:me |us |only |just |list of |the following:? |the )*"
    rf"(?P<items>{_ITEM}(?:{_AND}{_ITEM}){{1,20}})"
    r"(?=\s*(?:[.?!;\0]|$|\b(?:of|for|from|in|where|when|that|which|who|with|by|on|over|during"
    r"|between)\b))"
)
_ONE = phrase(rf"{_VERB} (?:me |only |just )*(?:the )?(?P<items>{_ITEM}) (?:of|for)")
_NO_COLUMN = re.compile(
    r"(?:list|count|number|sum|total|stats?|summar\w+|sort\w*|group\w*|make|all|any|top"
    r"|latest|most|use|details?|rows?|results?|records?|everything|unique|distinct)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|their|its|all|an?)\s+", re.IGNORECASE)


def columns(sheet: Sheet) -> tuple[Piece, ...]:
    """Read the columns asked for; nothing is hidden: they also say what the question is about."""
    for pattern in (_LIST, _ONE):
        found = [item for match in pattern.finditer(sheet.rest) for item in _items(sheet, match)]
        if found:
            return tuple(found)
    return ()


def _items(sheet: Sheet, match: re.Match[str]) -> list[Piece]:
    start, text = match.start("items"), match.group("items")
    ends = [(gap.start(), gap.end()) for gap in re.finditer(_AND, text, re.IGNORECASE)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(begin for begin, _ in ends), len(text)]
    items = [_item(sheet, start + a, start + b) for a, b in zip(starts, stops, strict=True)]
    if any(_NO_COLUMN.match(item.text) for item in items):
        return []
    return [item for item in items if item.text]


def _item(sheet: Sheet, start: int, end: int) -> Piece:
    article = _ARTICLE.match(sheet.text, start, end)
    return sheet.piece(article.end() if article else start, end)
