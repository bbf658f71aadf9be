"""What a brief asks for besides the behaviour: counts, windows, groups, literals and exclusions.

A deterministic grammar over English; every slot knows where its words stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.drafters.offline.words import Reading

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {
    **{word: value for value, word in enumerate(_DIGITS)},
    **{"twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50},
    **{"sixty": 60, "ninety": 90, "hundred": 100, "a hundred": 100, "dozen": 12, "a dozen": 12},
}
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,7}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_UNIT = r"(?:seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)"
_MEASURED = re.compile(
    rf"[ -]?(?:{_UNIT}|[kmg]i?b|bytes|megabytes|gigabytes|percent)\b|\s?%|[.\d]", re.IGNORECASE
)
"""What follows a number that counts no events."""
_WINDOW = re.compile(
    rf"\b(?:(?:with)?in|over|during|per|every|for|each)?\s*(?:an?\s|the\s(?:last|past|same)\s|any\s|one\s)?"
    rf"\b({_NUMBER})[\s-]?({_UNIT})\b(?:\s(?:time\s)?(?:window|period|interval|span))?",
    re.IGNORECASE,
)
_WINDOW_ONE = re.compile(
    r"\b(?:within|in|per|every|each|over|during)\s(?:an?\s|one\s|the\ssame\s|the\s)?(?:single\s)?"
    r"(second|minute|hour|day|week)\b|\b(hourly|daily|weekly)\b",
    re.IGNORECASE,
)
_COUNTS = (
    (
        "gt",
        rf"\b(?:more than|greater than|above|exceed(?:s|ing)?|in excess of|over)\s({_NUMBER})\b",
    ),
    ("gte", rf"(?:\bat least|\bno fewer than|\bno less than|\bminimum of|>=|≥)\s?({_NUMBER})\b"),
    ("gte", rf"\b({_NUMBER})\s(?:or more|or higher|and more|plus)\b|\b(\d+)\+"),
    ("gt", rf">\s?({_NUMBER})\b"),
    ("gte", rf"\b({_NUMBER})\s(?:times|different|distinct|unique|failed|failures|attempts)\b"),
    ("gte", r"\bfrom\s(two|three|four|five)\s"),
)
_VAGUE = re.compile(
    r"\b(?:at |in )?(?:an? )?(?:unusually |very )?(?:high|large|excessive|abnormal|unusual) "
    r"(?:volumes?|numbers?|rates?|counts?|amounts?|frequency)(?: of)?\b"
    r"|\b(?:multiple|many|repeated(?:ly)?|numerous|several|lots of|a lot of|dozens of|hundreds of"
    r"|bursts? of|spikes? (?:in|of)|floods?(?: of)?|in bulk|bulk|mass|volume|again and again"
    r"|frequent(?:ly)?|in rapid succession|en masse)\b",
    re.IGNORECASE,
)
_DISTINCT = re.compile(
    r"\b(?:different|distinct|unique|separate|various|unrelated)\s((?:[A-Za-z0-9-]+\s){0,2}[A-Za-z0-9-]+)",
    re.IGNORECASE,
)
_NOUNS = {
    "source": "workstation client ip address host source computer machine device endpoint ips"
    " addresses box",
    "user": "user account identity principal role username caller person users accounts",
    "host": "server target destination host system",
    "service": "service spn spns services",
    "port": "port ports",
    "domain": "domain domains",
    "country": "country countries location locations",
}
_ROLE_OF = {noun: role for role, nouns in reversed(_NOUNS.items()) for noun in nouns.split()}
_NOUN = "|".join(sorted(_ROLE_OF, key=len, reverse=True))
_ADJECTIVE = (
    r"(?:(?:source|client|windows|linux|entra|aws|iam|ip|user|single|local|remote|domain)\s)?"
)
_GROUPS = (
    re.compile(
        rf"\b(from|by|for|on|to|against|with|of)?\s*(?:the |an? )?"
        rf"(?:same|single|one|individual|each|every)\s(?:and the same\s)?{_ADJECTIVE}({_NOUN})\b"
        rf"(?:\saddress)?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(per)\s{_ADJECTIVE}({_NOUN})\b(?:\saddress)?", re.IGNORECASE),
    re.compile(rf"\b(from|by)\san?\s{_ADJECTIVE}({_NOUN})\b(?:\saddress)?", re.IGNORECASE),
    re.compile(rf"\b(grouped by)\s(?:the )?{_ADJECTIVE}({_NOUN})\b(?:\saddress)?", re.IGNORECASE),
)
_ROOT = r"(?:[A-Za-z]:\\|\\\\|%\w+%\\)"
_LITERALS = (
    ("technique", re.compile(r"\b(T\d{4}(?:\.\d{3})?)\b", re.IGNORECASE)),
    ("event", re.compile(r"\bevent(?:s|[ _-]?ids?)?[ :=#]{1,3}(\d{1,5})\b", re.IGNORECASE)),
    ("port", re.compile(r"\bports?\s(\d{1,5})\b", re.IGNORECASE)),
    ("text", re.compile(r"(?<!\w)'([^'\n]{1,120})'(?!\w)|\"([^\"\n]{1,120})\"")),
    ("address", re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)(?![\w])")),
    ("size", re.compile(r"\b(\d{1,6}\s?(?:[KMG]i?B|megabytes|gigabytes))\b", re.IGNORECASE)),
    ("process", re.compile(r"(?<![\w\\/.])([\w-]{1,60}\.(?:exe|dll|ps1|bat|cmd|com|scr))\b", re.I)),
    ("path", re.compile(rf"(?<![\w.])({_ROOT}(?:Program Files(?: \(x86\))?\\)?[\w.$\\-]*[\w$])")),
    ("path", re.compile(r"(?<![\w./])(/(?:[\w.-]+/)*[\w.-]*[\w])")),
    ("registry", re.compile(r"(?<![\w\\])((?:HK\w{2,4}\\)?[A-Z]\w+(?:\\\w+)+)")),
)
_NOT = re.compile(
    r"(?:\b(?:except|excluding|excludes?|other than|apart from|aside from|not from|not by|not in"
    r"|not via|but not|unless|outside|ignor(?:e|ing)|without|anything but|anyone but"
    r"|filter(?:ing)? out|not)"
    r"(?:\s(?:a|an|for|from|by|in|when|it|is|on|the|those|any|coming|made|run|via|inside|within|if"
    r"|user|account|to))*"
    r"|\bnon)[\s-]*\Z",
    re.IGNORECASE,
)
_LIST = 8
"""Items of an excluded list that are looked back over."""
_JOINT = re.compile(
    r"(?:\s*,\s*(?:and|or|nor)?|\s+(?:and|or|nor))(?:\s(?:a|an|the|from|by|in|on|for|user"
    r"|account))*\s*\Z",
    re.IGNORECASE,
)
_ITEM = re.compile(r"((?:[^\s,'\"]+\s)?)('[^'\n]+'|\"[^\"\n]+\"|[^\s,'\"]+)\Z")
_LEVEL = re.compile(
    r"\b(informational|low|medium|high|critical)[ -](?:severity|level|priority)\b"
    r"|\b(?:severity|level|priority)(?: is| of|:)? (informational|low|medium|high|critical)\b",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"\b(?:outside|out of|after|not during|off)[ -](?:of )?(?:business|office|working|work)?[ -]?"
    r"hours\b"
    r"|\bat night\b|\b(?:on|at|over) (?:the )?weekends?\b|\bat unusual (?:hours|times)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that the brief states."""

    kind: str
    value: str
    negated: bool
    start: int
    end: int


@dataclass(slots=True)
class Slots:
    """What the grammar understood of one brief."""

    count: tuple[str, int] | None = None
    """(gt or gte, number)."""
    vague: str = ""
    """The words that ask for many without saying how many."""
    distinct: str = ""
    """What has to be different, as written."""
    group: str = ""
    """Role to group by: source, user, host, ..."""
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Slot -> where its words stand."""
    window: str = ""
    """A Sigma timespan."""
    level: str = ""
    hours: str = ""
    literals: list[Literal] = field(default_factory=list)

    def of_kind(self, kind: str) -> Iterator[Literal]:
        """Yield the literals of one kind in order."""
        return (one for one in self.literals if one.kind == kind)


def fill(reading: Reading) -> Slots:
    """Fill the slots from a brief; hours and level are marked as used, the rest by who uses it."""
    slots = Slots()
    text = _literals(reading, slots)
    text = _window(slots, text)
    text = _hours_and_level(reading, slots, text)
    _count(slots, text)
    _group(slots, text)
    return slots


def negated_at(text: str, start: int) -> re.Match[str] | None:
    """Return the words before a place that exclude what stands there.

    In a list (`except 'a', 'b' or from 10.0.0.0/8`) the exclusion holds for every item.
    """
    before = text[:start]
    for _ in range(_LIST):
        found = _NOT.search(before)
        joint = None if found else _JOINT.search(before)
        if found or joint is None:
            return found
        item = _ITEM.search(before[: joint.start()])
        if item is None:
            return None
        # One or two words: `machine accounts and admins`.
        for place in dict.fromkeys((item.start(2), item.start(1))):
            if _NOT.search(before[:place]):
                return _NOT.search(before[:place])
        before = before[: item.start(2)]
    return None


def role_of(noun: str) -> str:
    """Return the role a noun stands for (`workstation` is a source), or an empty text."""
    lowered = noun.lower()
    return _ROLE_OF.get(lowered) or _ROLE_OF.get(lowered.removesuffix("s"), "")


def _blank(text: str, start: int, end: int) -> str:
    """Hide what was understood from the patterns that follow, keeping all places."""
    return text[:start] + "\0" * (end - start) + text[end:]


def _literals(reading: Reading, slots: Slots) -> str:
    text = reading.text
    for kind, pattern in _LITERALS:
        for match in list(pattern.finditer(text)):
            group = next(n for n, part in enumerate(match.groups(), 1) if part)
            # From the brief itself: what was understood before is blanked out in `text`.
            value = reading.text[match.start(group) : match.end(group)]
            if kind == "registry" and not _looks_like_key(value):
                continue
            negation = negated_at(reading.text, match.start())
            slots.literals.append(
                Literal(kind, value, negation is not None, match.start(), match.end())
            )
            text = _blank(text, match.start(), match.end())
    slots.literals.sort(key=lambda one: one.start)
    return text


def _looks_like_key(value: str) -> bool:
    """Tell a registry path from DOMAIN\\user."""
    known = ("hk", "currentversion", "software", "system", "microsoft", "policies")
    return value.lower().startswith(known)


def _window(slots: Slots, text: str) -> str:
    for match in _WINDOW.finditer(text):
        number, unit = match.groups()
        if not slots.window:
            slots.window = f"{_number(number)}{unit[0].lower()}"
            slots.spans["window"] = match.span()
            text = _blank(text, *match.span())
    one = None if slots.window else _WINDOW_ONE.search(text)
    if one:
        word = (one.group(1) or one.group(2)).lower()
        slots.window = {"d": "1d", "h": "1h", "m": "1m", "s": "1s", "w": "1w"}[word[0]]
        slots.spans["window"] = one.span()
        text = _blank(text, *one.span())
    return text


def _hours_and_level(reading: Reading, slots: Slots, text: str) -> str:
    for name, pattern in (("hours", _HOURS), ("level", _LEVEL)):
        match = pattern.search(text)
        if match:
            found = next((g for g in match.groups() if g), match.group())
            setattr(slots, name, found.lower())
            reading.use(*match.span())
            text = _blank(text, *match.span())
    return text


def _count(slots: Slots, text: str) -> None:
    for operator, pattern in _COUNTS:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            number = next(g for g in match.groups() if g)
            after = text[
                match.start() + match.group().lower().rfind(number.lower()) + len(number) :
            ]
            if slots.count or _MEASURED.match(after):
                continue
            slots.count = (operator, _number(number))
            slots.spans["count"] = match.span()
    vague = _VAGUE.search(text)
    if vague:
        slots.vague = "" if slots.count else vague.group().lower()
        slots.spans["vague"] = vague.span()
    distinct = _DISTINCT.search(text)
    if distinct:
        slots.distinct = distinct.group(1).lower()
        slots.spans["distinct"] = (distinct.start(), distinct.start(1))


def _group(slots: Slots, text: str) -> None:
    for pattern in _GROUPS:
        for match in pattern.finditer(text):
            role = role_of(match.group(2))
            preposition = (match.group(1) or "").lower()
            if preposition in ("against", "to", "on") and role == "source":
                role = "host"
            if not slots.group:
                slots.group, slots.spans["group"] = role, match.span()


def _number(written: str) -> int:
    lowered = written.lower()
    return NUMBERS[lowered] if lowered in NUMBERS else int(lowered.replace(",", ""))
