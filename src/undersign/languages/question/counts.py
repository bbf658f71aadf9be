"""Numbers a question asks for or compares with: `top 10`, `more than five`, `over 10 MB`."""

from __future__ import annotations

import re

from undersign.languages.question.sheet import NUMBER, Sheet, blanks, number, phrase
from undersign.records.question import Piece, Sorting, Threshold

_SIZES = {"b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = r"\s{0,2}(?:(?P<si>[kmgt])(?P<bi>i?)b(?:ytes?)?|(?P<word>kilo|mega|giga|tera)?bytes?)\b"
_OPERATORS = (
    (
        ">=",
        r"at least|no (?:fewer|less) than|(?:a )?minimum of|not less than|>=|≥"
        r"|(?:greater|more|higher|larger|bigger) than or equals?(?: to)?",
    ),
    (
        "<=",
        r"at most|no more than|not more than|(?:a )?maximum of|up to|<=|≤"
        r"|(?:less|fewer|lower|smaller) than or equals?(?: to)?",
    ),
    (
        ">",
        r"(?:more|greater|higher|larger|bigger|longer) than|above|exceed(?:s|ed|ing)?|in excess of"
        r"|over|>",
    ),
    ("<", r"(?:less|fewer|lower|smaller|shorter) than|below|under|<"),
    ("!=", r"not equals? to|!=|<>"),
    ("==", r"exactly|precisely|==|equal(?:s| to)"),
)
_COMPARED = tuple(
    (
        op,
        re.compile(
            rf"(?<![\w<>=])(?:{blanks(words)})\s{{0,3}}(?P<number>{NUMBER})"
            rf"(?:{_SIZE}|(?![\w%:/-]|\.\d))",
            re.IGNORECASE,
        ),
    )
    for op, words in _OPERATORS
)
_AFTER = phrase(
    rf"(?P<number>{NUMBER})(?:{_SIZE})?"
    r"(?:\s*\+| (?:or|and) (?P<side>more|higher|greater|above|up|less|fewer|lower|below))"
)
_DISTINCT = re.compile(
    r"\s*(?:of\s+)?(?:\w+\s+)?(?:different|distinct|unique|separate|individual|unrelated)\b", re.I
)
_MANY_DISTINCT = phrase(
    r"(?:multiple|several|many|numerous|various) (?:different |distinct |unique )?"
    r"(?P<of>(?:[A-Za-z]+ )?(?:users|accounts|identities|hosts|devices|computers|machines"
    r"|addresses|ips|countries|locations|regions|ports|processes|domains|services|names))"
)
_ONE_SOURCE = phrase(
    r"(?:only|just) (?:\w+ ){0,3}?(?:from|on|by|to|in|with) (?:a single|one|1)"
    r" (?P<of>(?:[A-Za-z]+ )?[A-Za-z]+)"
)
_MEASURED = re.compile(
    r"((?:[A-Za-z][\w.-]{0,40}\s+){0,2}[A-Za-z][\w.]{0,60})"
    r"(?:\s+(?:is|are|was|were|of|has|have|being|counts?|counted))?\s{0,3}\Z",
    re.IGNORECASE,
)
_STOP_OF = re.compile(
    r"\b(?:in|on|over|during|within|from|to|by|per|for|and|or|with|that|who|which|where|were|was"
    r"|is|are|have|has|had|at|of|since|between|occurred|than|i|we|a|an|the|it|times?)\b|[^\w\s-]",
    re.IGNORECASE,
)
_NO_UNIT = r"(?!\s*%|\s*(?:percent|seconds?|minutes?|mins?|hours?|days?|weeks?|months?|years?)\b)"
_TOP = phrase(
    r"(?<!at\s)(?P<word>top|bottom|most|least|highest|lowest|biggest|largest|smallest)"
    rf" (?P<number>{NUMBER})"
    rf"{_NO_UNIT}|(?P<number2>{NUMBER}) (?P<word2>most(?! recent)|least|highest|lowest|biggest"
    r"|largest|smallest|rarest|busiest|noisiest)"
)
_EDGE = phrase(
    r"(?:first|last|latest|earliest|newest|oldest|most recent|initial|recent)"
    rf" (?P<number>{NUMBER}){_NO_UNIT}"
    rf"|(?P<number2>{NUMBER}) (?:latest|earliest|newest|oldest|most recent|recent)"
)
_TAKE = phrase(
    r"(?:limit(?:ed)?(?: to| the results? to)?|sample(?: of)?|any|take|only(?: show)?"
    rf"|max(?:imum)?(?: of)?) (?P<number>{NUMBER}){_NO_UNIT}"
    r"|(?:show|get|give|display|list|return|fetch|find|retrieve|pull|select|provide|sample)"
    rf"(?: me)?(?: the| up to| only| any)? (?P<number2>{NUMBER}){_NO_UNIT}(?= [A-Za-z])"
    rf"|(?P<number3>{NUMBER}) (?:samples?|examples?|random|results?|rows?|records?|entries)"
)
_UP_TO = re.compile(rf"\A\s*(?:only\s+)?up\s+to\s+(?P<number>{NUMBER})\b", re.IGNORECASE)
_ONE_EXAMPLE = re.compile(r"\bone\b(?=.{0,60}\bexample\b)", re.IGNORECASE)
_RECENT = phrase(r"(?P<new>latest|newest|most recent)|(?P<old>earliest|oldest)")
_SORT = phrase(
    r"(?:sort|order|rank|arrange)(?:ed)?(?: (?P<all>.{1,60}?))?"
    r"(?: in (?P<dir1>asc|desc)\w*(?: order)?)? (?:by|on|of) (?:the )?(?P<what>\w[\w. ]{0,50}?)"
    r"(?: (?:in |by )?(?:the )?(?P<dir2>asc|desc)\w*(?: order)?)?"
    r"(?=\s*(?:[.,;?!\0]|$|\b(?:and|in|for|from|where|over|between|during)\b))"
)
_BY_DIRECTION = re.compile(r"(?:asc|desc)\w*(?:\s+order)?\Z", re.IGNORECASE)
_DESCENDING = phrase(r"desc(?:ending)?|(?:highest|most|largest|newest|latest) first")
_METRIC = re.compile(r"(?:total\s+)?(?:count|number|frequency|volume|size|amount)\b", re.IGNORECASE)
_LOW = frozenset(("bottom", "least", "lowest", "smallest", "rarest"))
_LESS = frozenset(("less", "fewer", "lower", "below"))


def thresholds(sheet: Sheet) -> tuple[Threshold, ...]:
    """Read what a count or a field is compared with."""
    found: list[Threshold] = []
    for op, pattern in _COMPARED:
        matches = list(pattern.finditer(sheet.rest))
        found.extend(_threshold(sheet, match, op) for match in matches)
    for match in list(_AFTER.finditer(sheet.rest)):
        less = (match.group("side") or "").lower() in _LESS
        found.append(_threshold(sheet, match, "<=" if less else ">="))
    for pattern, op in ((_ONE_SOURCE, "=="), (_MANY_DISTINCT, ">")):
        for match in list(pattern.finditer(sheet.rest)):
            of = " ".join(match.group("of").split())
            piece = sheet.piece(*match.span())
            found.append(Threshold(piece, op, 1.0, of, distinct=True))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda one: one.piece.start))


def _threshold(sheet: Sheet, match: re.Match[str], op: str) -> Threshold:
    value, of, end = number(match.group("number")), "", match.end()
    if match.group("si") or match.group("word") or "byte" in match.group().lower():
        unit = (match.group("si") or match.group("word") or "b")[0].lower()
        value *= 1024 ** "bkmgt".index(unit) if match.group("bi") else _SIZES[unit]
        of = "bytes"
    distinct = _DISTINCT.match(sheet.rest, end, end + 60)
    if distinct:
        end = distinct.end()
    of = of or _of(sheet.rest[end : end + 80]) or _before(sheet, match.start())
    piece = sheet.take(match.start(), end)
    return Threshold(piece, op, value, of, distinct=distinct is not None)  # type: ignore[arg-type]


def _of(after: str) -> str:
    """Return the words counted: what follows, up to a preposition or a verb."""
    if not after[:1].isspace():
        return ""
    stop = _STOP_OF.search(after)
    return " ".join((after[: stop.start()] if stop else after).split()[:3])


def _before(sheet: Sheet, start: int) -> str:
    """Return the words measured: `confidence score above 80`."""
    found = _MEASURED.search(sheet.rest[max(0, start - 120) : start])
    if found is None:
        return ""
    words = _STOP_OF.sub("\n", found.group(1)).split("\n")[-1].split()
    return " ".join(words[-3:])


def limit(sheet: Sheet) -> tuple[int | None, Piece | None, str]:
    """Read how many rows are asked for: the number, its words, and `top`, `bottom` or nothing."""
    for pattern in (_TOP, _EDGE, _UP_TO, _TAKE):
        match = pattern.search(sheet.rest)
        if match is None:
            continue
        groups = match.groupdict()
        text = next(v for k, v in groups.items() if v and k.startswith("number"))
        word = (groups.get("word") or groups.get("word2") or "").lower()
        side = "bottom" if word in _LOW else "top" if pattern is _TOP else ""
        return int(number(text)), sheet.take_match(match), side
    one = _ONE_EXAMPLE.search(sheet.rest)
    return (1, sheet.take_match(one), "") if one else (None, None, "")


def sorting(sheet: Sheet, limit_piece: Piece | None) -> tuple[Sorting, ...]:
    """Read the order asked for; latest and earliest are orders by time."""
    found: list[Sorting] = []
    said = (limit_piece.text if limit_piece else "").lower()
    if limit_piece and re.search(r"first|earliest|oldest|initial|latest|last|newest|recent", said):
        newest = re.search(r"latest|last|newest|recent", said) is not None
        found.append(Sorting(limit_piece, "time", newest))
    match = None if found else _RECENT.search(sheet.rest)
    if match:
        found.append(Sorting(sheet.piece(*match.span()), "time", bool(match.group("new"))))
    found += [_sorted(sheet, match) for match in _SORT.finditer(sheet.rest)]
    return tuple(found)


def _sorted(sheet: Sheet, match: re.Match[str]) -> Sorting:
    what = " ".join(match.group("what").split())
    direction = (match.group("dir1") or match.group("dir2") or "").lower()
    if _BY_DIRECTION.match(what) and match.group("all"):
        direction, what = what[:4].lower(), " ".join(match.group("all").split())
    falling = bool(_DESCENDING.search(sheet.rest)) or bool(_METRIC.match(what))
    return Sorting(sheet.piece(*match.span()), what, direction == "desc" if direction else falling)
