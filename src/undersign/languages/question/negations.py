"""Words that turn what follows into its opposite."""

from __future__ import annotations

import re

from undersign.languages.question.sheet import Sheet
from undersign.records.question import Negation

_WORDS = (
    r"except(?:\s+(?:for|from|when|those))?|excluding|exclude[sd]?|exlcud(?:e|ing)|other\s+than"
    r"|apart\s+from|aside\s+from|but\s+not|not\s+(?:from|by|in|via|on|to|of|including|using|with"
    r"|equal\s+to|like|containing|starting\s+with|ending\s+with|named|called)"
    r"|ignor(?:e|es|ing)|without|anything\s+but|anyone\s+but|everything\s+but|rather\s+than"
    r"|filter(?:ing)?\s+out|leav(?:e|ing)\s+out|outside(?:\s+of)?|neither|unless"
    r"|(?:is|are|was|were|do|does|did|has|have|had|can|could|should|must|will)\s*(?:n[o']t|n\u2019t)"
    r"(?:\s+(?:be|been|contain|include|match|have|equal|start\s+with|end\s+with|come\s+from"
    r"|made\s+by|named|called))?"
    r"|(?:don|doesn|didn|isn|aren|wasn|weren|hasn|haven|can|won)['\u2019]?t"
    r"(?:\s+(?:be|been|contain|include|match|have|equal|start\s+with|end\s+with|come\s+from))?"
    r"|never|no|not"
)
_BEFORE = re.compile(
    rf"(?:\b(?:{_WORDS})(?:\s+(?:a|an|for|from|by|in|when|it|is|on|the|those|any|coming|made|run"
    r"|via|inside|within|if|users?|accounts?|to|at|equal|equals|contain(?:s|ing)?|has|have|include"
    r"s?|including|with|named|called|events?|ids?|hosts?|addresses|address|ips?|ports?|process"
    r"(?:es)?|originally|like|==|=|matching|domains?|files?|device|start(?:s|ing)?|end(?:s|ing)?))*"
    r"|\bnon)[\s:=-]*\Z",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:\s*,\s*(?:and|or|nor)?|\s+(?:and|or|nor)|(?<=['\"])\s+)\s*\Z", re.IGNORECASE
)
_ITEM = re.compile(r"(?:'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|[^\s,'\"]{1,200})\Z")
_NEGATION = re.compile(rf"\b({_WORDS})\b[\s:]*|\b(non|un)[-\s](?=\w)", re.IGNORECASE)
_WHAT = re.compile(
    r"[^\s,;.?!\0]{1,80}(?:\s+(?!(?:and|but|in|over|during|within|on|where|which|that|with|who"
    r"|sorted|grouped|by|per|for|between|since|show|list)\b)[^\s,;?!\0]{1,80}){0,4}",
    re.IGNORECASE,
)
_SUCH = re.compile(r"no[\s.]*(?:\d|matter\b)|not\s+only\b", re.IGNORECASE)
"""`port no 123` and `not only` negate nothing."""
_LOOK_BACK = 200
_LIST = 8
"""Items of an excluded list that are looked back over."""


def negated_before(text: str, start: int) -> bool:
    """Tell whether what stands at `start` is excluded by the words before it.

    In a list (`except 'a', 'b' or from 10.0.0.0/8`) the exclusion holds for every item.
    """
    before = text[max(0, start - _LOOK_BACK) : start]
    for _ in range(_LIST):
        if _BEFORE.search(before):
            return not re.search(r"\b(?:port|event)\s+no[\s.]*\Z", before, re.IGNORECASE)
        joint = _JOINT.search(before)
        item = _ITEM.search(before[: joint.start()]) if joint else None
        if item is None:
            return False
        before = before[: item.start()]
    return False


def negations(sheet: Sheet) -> tuple[Negation, ...]:
    """Read every negating word with what it negates; nothing is hidden from later readers."""
    found = []
    for match in _NEGATION.finditer(sheet.text):
        if _SUCH.match(sheet.text, match.start()):
            continue
        what = _WHAT.match(sheet.text, match.end())
        if what:
            piece = sheet.piece(*match.span())
            found.append(Negation(piece, sheet.piece(*what.span())))
    return tuple(found)
