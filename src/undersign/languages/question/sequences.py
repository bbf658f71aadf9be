"""Two events of which one follows the other, or differs from it in a field."""

from __future__ import annotations

import re
from dataclasses import dataclass

from undersign.languages.question.sheet import NUMBER, Sheet, phrase
from undersign.languages.question.windows import UNIT, seconds
from undersign.records.question import Piece, Window

_SIDE = r"[^,;?!]{2,160}?"
_GAP = rf"(?:within|in|less than) (?P<number>{NUMBER}|an?)?[\s-]*(?P<unit>{UNIT})"
_END = (
    r"(?=\s*(?:[,;?!]|$|\.\s|\.$|\b(?:within|in (?:the )?(?:last|past|under)|over the|during)\b"
    r"|\b(?:by|from|on|for) the same\b))"
)
_THE = r"(?:the |a |an )?"
_FOLLOWED = phrase(
    rf"(?P<first>{_SIDE}),?\s+(?:(?:(?:which|that) (?:is|are|was|were) )?(?:immediately |shortly "
    r"|quickly |closely )?followed(?: shortly| immediately| closely)? by"
    r"|and (?:then|afterwards|later|subsequently|shortly after)|then"
    rf"|before (?=(?:a|an|the)\b|\w+ing\b)) (?P<second>{_SIDE}){_END}"
)
_AFTER = phrase(
    rf"(?P<second>{_SIDE}) (?:{_GAP} (?:of|after|from|following)"
    r"|(?:immediately|shortly|soon|right|directly) (?:after|following)"
    rf"|(?:after|following)(?= {_THE}(?:\w+ ){{0,3}}(?:fail|success|receiving|log[oi]|sign"
    r"|authenticat|download|creat|execut|open|click|connect)\w*))"
    rf" {_THE}(?P<first>{_SIDE}){_END}"
)
_NO_LEAD = r"(?!(?:where|when|whose|which|with|the|an?|their|its|patterns?)\b)"
_CHANGED = phrase(
    rf"(?P<what>{_NO_LEAD}[A-Za-z]\w*(?: {_NO_LEAD}[A-Za-z]\w*){{0,3}}?)"
    r" (?:has |have |is |was |were |are |had )?"
    r"(?:changed|changes|changing|differs?|differed|different|not the same|varied|varies|switched)"
    rf" (?:between|from|for|in|at) {_THE}(?P<first>{_SIDE}) (?:and|to|than) {_THE}"
    rf"(?P<second>{_SIDE}){_END}"
)
_PLACE = r"(?:ip(?: address)?|address|country|location|region|device|host|user\s?agent|machine)"
_OTHER = phrase(
    r"(?:from|with|using|on|in) (?:(?:a |an )?(?:different|new|distinct|another) "
    rf"(?P<what>(?:source |client |user )?{_PLACE}))"
    rf"|(?P<what2>(?:source |client )?{_PLACE}) (?:that )?(?:is|was|are) (?:different|not the same)"
)
_LEAD = re.compile(
    r"\A(?:(?:please|can\s+you|could\s+you)\s+)?(?:(?:show|find|list|get|give|display|hunt\s+for"
    r"|look\s+for|search\s+for|detect|identify|alert\s+on)\s+)?(?:me\s+|us\s+)?"
    r"(?:all\s+|any\s+|the\s+|a\s+|an\s+|\d+\s+latest\s+|every\s+)*"
    r"(?:(?:users?|accounts?|hosts?|devices?|principals?|cases?|events?|instances?|anyone|someone"
    r"|times?|anomalous|unusual|suspicious)\s+(?:with\s+|who\s+|that\s+|which\s+|where\s+|when\s+"
    r"|of\s+)?)*(?:a\s+|an\s+|the\s+)?",
    re.IGNORECASE,
)
_GAP_ANY = phrase(_GAP)
_BARE_WORDS = re.compile(r"(?:and|or|where|the|a|an|of|\W|\0)*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Two events in order, what differs, and how far apart they may be."""

    piece: Piece | None = None
    events: tuple[Piece, ...] = ()
    changed: tuple[Piece, ...] = ()
    within: Window | None = None


def sequence(sheet: Sheet) -> Sequence:
    """Read a sequence; empty when the question asks for none. Hides the gap's words only."""
    changed: tuple[Piece, ...] = ()
    match = _CHANGED.search(sheet.rest)
    if match:
        changed = (sheet.piece(*match.span("what")),)
    else:
        match = _FOLLOWED.search(sheet.rest) or _AFTER.search(sheet.rest)
        if match is None:
            return Sequence()
    other = None if changed else _OTHER.search(sheet.rest)
    if other:
        changed = (sheet.piece(*other.span("what" if other.group("what") else "what2")),)
    events = tuple(_event(sheet, *match.span(side)) for side in ("first", "second"))
    if any(_BARE_WORDS.match(event.text) for event in events):
        return Sequence()
    piece = sheet.piece(*match.span())
    return Sequence(piece, events, changed, _within(sheet))


def _event(sheet: Sheet, start: int, end: int) -> Piece:
    lead = _LEAD.match(sheet.rest[start:end])
    skip = lead.end() if lead and lead.end() < end - start else 0
    return sheet.piece(start + skip, end)


def _within(sheet: Sheet) -> Window | None:
    match = _GAP_ANY.search(sheet.rest)
    if match is None:
        return None
    count = match.group("number") or "one"
    length = seconds("one" if count.lower() in {"a", "an"} else count, match.group("unit"))
    return Window(sheet.take_match(match), seconds=length)
