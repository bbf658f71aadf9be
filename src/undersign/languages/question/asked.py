"""What form the answer should have, and along what it is grouped."""

from __future__ import annotations

import re

from undersign.languages.question.sheet import NUMBER, Sheet, number, phrase
from undersign.records.question import Grouping, Output, Piece

_ENTITIES = (
    r"users?|accounts?|identit(?:y|ies)|principals?|roles?|admins?|administrators?|people"
    r"|employees|hosts?|devices?|computers?|machines?|servers?|workstations?|endpoints?|ips?"
    r"|ip address(?:es)?|addresses|domains?|hostnames?|usernames?|countries|locations|regions"
    r"|processes|hashes|applications?|apps?|services?|urls?|ports?|buckets?|senders?|recipients?"
    r"|subnets?|(?:device|user|account|object|report|subscription) ?ids?"
)
_OF = (
    r"(?: (?:the|all|any|list|of|source|client|remote|destination|unique|distinct|different|email"
    r"|service|azure|aws|windows|linux|ip|managed|guest|local|disabled|active|my|our))*"
)
_ENDED = (
    r"(?=\s*(?:$|[?.,!:;]|\b(?:that|who|which|whose|where|with|without|in|from|on|by|for|having|over"
    r"|during|of|to|not|alive|is|are|were|have|has|did|do|does|can|\w+ed|\w+ing|seen|sent|made|ran"
    r"|run)\b))"
)
_OUTPUTS: tuple[tuple[Output, re.Pattern[str]], ...] = (
    (
        "spike",
        phrase(
            r"spikes?|spiked|spiking|surges?|bursts?|sudden(?:ly)? (?:increase|rise|jump)s?"
            r"|sharp (?:increase|rise)s?"
        ),
    ),
    (
        "rare",
        phrase(
            r"rare(?:st|ly)?|uncommon|infrequent(?:ly)?|seldom|low prevalence"
            r"|least (?:common|frequent|seen|used|prevalent)|bottom \d{1,2}\s?(?:%|percent)"
        ),
    ),
    (
        "anomalous",
        phrase(
            r"unusual(?:ly)?|anomalous(?:ly)?|anomal(?:y|ies)|abnormal(?:ly)?|atypical(?:ly)?"
            r"|strange|weird|odd|out of the ordinary|outliers?|suspicious(?:ly)?"
            r"|deviat(?:es?|ing|ions?)"
        ),
    ),
    (
        "first_seen",
        phrase(
            r"for the first time|first[- ]?(?:time|seen|observed|appeared|occurrence|appearance)"
            r"|new(?:ly)?[- ](?:seen|observed)|never[- ](?:before[- ])?seen(?: before)?"
            r"|not (?:previously )?seen before|previously unseen|not previously seen"
            r"|when (?:did|was|were) .{0,60}?\bfirst"
            r"|new (?=(?:source |client |user )?(?:countr|ips?\b|ip addr|addresses|locations?\b"
            r"|user\s?agents?\b|devices?\b|hosts?\b|domains?\b))(?:\w+)"
        ),
    ),
    (
        "last_seen",
        phrase(
            r"last[- ]?(?:time|seen|observed|occurrence|active|login|logon|activity)"
            r"|(?:most recent|last|latest)(?=(?: \w+){1,4} (?:for|of|per|by|grouped by) each\b)"
            r"|when (?:did|was|were) .{0,60}?\blast"
        ),
    ),
    (
        "top",
        phrase(
            r"most (?:common|active|frequent(?:ly)?|used|seen|popular|prevalent|often|events|\w+ed)"
            r"|highest|busiest|noisiest|biggest|largest|the most"
        ),
    ),
    ("bottom", phrase(r"least \w+|lowest|smallest|fewest")),
    ("trend", phrase(r"trend(?:s|ing)?|over time|time\s?(?:line|series|chart)|histogram")),
    (
        "count",
        phrase(
            r"how many|how often|(?:total )?(?:number|count|amount|quantity) of"
            r"|total (?:number|count)|counts?|total (?=\w+s\b)\w+|counting|tally"
        ),
    ),
    (
        "distinct",
        phrase(
            rf"(?:which|what)(?: are| were)?{_OF} (?:{_ENTITIES})|who(?:m|se)?"
            rf"|(?:list|show|get|find|give me|display|identify|return|enumerate|check for|list of)"
            rf"(?: me)?{_OF} (?:{_ENTITIES}){_ENDED}"
            r"|(?:unique|distinct|deduplicated) \w+|different \w+s"
        ),
    ),
)
_ROWS = phrase(
    "show|list|find|get|give|display|search|return|fetch|hunt|look|retrieve|identify|detect|see"
)
_NO_COUNT = re.compile(r"\s*(?:is\b|>|<|=|of\s+(?:zero|\d)|above\b|over\b)")

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000}
_SHORT = {"min": "minute", "hr": "hour"}
_BIN_WORD = phrase("hourly|daily|weekly|monthly")
_BIN = phrase(
    r"(?P<lead>per|by|for each|each|every|for every|in|into|using|with) (?:the )?"
    rf"(?:(?P<number>{NUMBER})[\s-]*)?(?P<unit>second|minute|min|hour|hr|day|week|month)s?"
    r"(?P<bins>[\s-]*(?:bins?|buckets?|intervals?|windows?))?"
)
_STOP = (
    r"(?!(?:and|or|in|for|from|of|on|over|that|which|who|where|with|to|is|are|was|were|there|during"
    r"|within|since|between|have|has|had|based|by|sort|sorted|order|ordered|show|per|at|the|last"
    r"|past|only|using|each|every|limit|then|if|not|descending|ascending|desc|asc|list|count"
    r"|filter|so|as|when|while|but|did|do|does|made|into)\b)"
)
_NOUN = rf"{_STOP}[A-Za-z_][\w.]*(?:[\s-]+{_STOP}[A-Za-z_][\w.]*){{0,4}}"
_AND = r"\s*(?:,\s*(?:and\s+)?|\band\s+)(?:by\s+|per\s+)?(?:the\s+)?"
_GROUP = phrase(
    r"(?:(?P<by>(?:(?:grouped|group|grouping|broken down|split|summari[sz]ed?|counted|listed"
    r"|aggregated|bucketed|segmented|categori[sz]ed) (?:\w+ ){0,2}?)?by)"
    r"|per|for (?:each|every)|of each|each|every|across all)"
    r"(?: (?:type of|unique|distinct|different|individual|single|the|each|its|their|an?))*"
    rf" (?P<nouns>{_NOUN}(?:{_AND}{_NOUN}){{0,6}})"
)
_PASSIVE = re.compile(
    r"\b(?:\w+ed|sent|made|done|seen|taken|run|written|known|begun|driven|signed\s+in|set|put)\s*\Z",
    re.IGNORECASE,
)
_METRIC = re.compile(
    r"(?:counts?|number|volume|total|amount|frequency|make|time\b|default)\b", re.IGNORECASE
)
_NO_GROUP = frozenset(
    ["other", "one", "two", "case", "using", "way", "far", "itself", "now", "any"]
)
_PLURAL_KEEP = re.compile(r"(?:ss|us|is|os|as)\Z")


def output(sheet: Sheet, ranked: tuple[Piece | None, str]) -> tuple[Output, Piece | None]:
    """Read what is asked for, the most telling word first; `rows` when nothing is.

    `ranked` is what `counts.limit` found of `top 10`: its words, and `top`, `bottom` or nothing.
    """
    piece, side = ranked
    ranking: Output = "bottom" if side == "bottom" else "top"
    for name, pattern in _OUTPUTS:
        match = pattern.search(sheet.rest)
        if match is None or _false_friend(sheet, name, match):
            continue
        if side and name in ("top", "bottom", "count", "distinct"):
            return ranking, piece
        return name, sheet.piece(*match.span())
    if side:
        return ranking, piece
    rows = _ROWS.search(sheet.rest)
    return "rows", sheet.piece(*rows.span()) if rows else None


def _false_friend(sheet: Sheet, name: Output, match: re.Match[str]) -> bool:
    """Tell words that look like an output and are none: `users who failed` asks for no `who`."""
    found = match.group()
    first = not sheet.text[: match.start()].strip(" \t\r\n\"'")
    if name == "distinct" and found.lower().startswith("who"):
        return not first
    if name == "count":
        return _NO_COUNT.match(sheet.text, match.end()) is not None
    # A capital inside a sentence belongs to a name: `Suspicious File`, `UEBA Anomalous ...`.
    return name == "anomalous" and found[0].isupper() and not first


def groups(sheet: Sheet) -> tuple[Grouping, ...]:
    """Read along what is grouped; bins of time carry their width in seconds."""
    found: list[Grouping] = []
    for match in list(_BIN_WORD.finditer(sheet.rest)):
        word = match.group().lower()
        unit = "day" if word == "daily" else word.removesuffix("ly")
        found.append(Grouping(sheet.take_match(match), unit, float(_UNITS[unit])))
    for match in list(_BIN.finditer(sheet.rest)):
        if match.group("lead").lower() in ("in", "into", "using", "with") and not match["bins"]:
            continue
        count = number(match.group("number")) if match.group("number") else 1
        unit = match.group("unit").lower()
        unit = _SHORT.get(unit, unit)
        found.append(Grouping(sheet.take_match(match), unit, count * _UNITS[unit]))
    for match in list(_GROUP.finditer(sheet.rest)):
        if (match.group("by") or "").lower() != "by" or _groups_really(sheet, match):
            found += _nouns(sheet, match)
    return tuple(sorted(found, key=lambda one: one.piece.start))


def _groups_really(sheet: Sheet, match: re.Match[str]) -> bool:
    """Tell `count by user` from `files sent by a user` and `sort the users by name`."""
    before = sheet.rest[: match.start()].rstrip()
    sort = re.search(r"\b(?:sort|order|rank|arrange)(?:ed|ing)?\b[^,;.\0]{0,60}\Z", before, re.I)
    return not sort and not _PASSIVE.search(before)


def _nouns(sheet: Sheet, match: re.Match[str]) -> list[Grouping]:
    found: list[Grouping] = []
    start = match.start("nouns")
    for noun in re.finditer(rf"(?:\A|{_AND})({_NOUN})", match.group("nouns"), re.IGNORECASE):
        text = " ".join(noun.group(1).split())
        if text.lower() in _NO_GROUP or _METRIC.match(text):
            continue
        begin = start + noun.start(1) if found else match.start()
        word = singular(text)
        width = float(_UNITS[word]) if word in _UNITS else None
        found.append(Grouping(sheet.piece(begin, start + noun.end(1)), word, width))
    return found


def singular(text: str) -> str:
    """Return an English noun phrase in lower case with its last word in the singular."""
    head, blank, last = text.lower().rpartition(" ")
    if last.endswith("ies") and len(last) > 4:
        last = last[:-3] + "y"
    elif last.endswith(("sses", "shes", "ches", "xes")):
        last = last[:-2]
    elif last.endswith("s") and len(last) > 2 and not _PLURAL_KEEP.search(last):
        last = last[:-1]
    return head + blank + last
