"""A sentence -> the facts it states: times, names of things, numbers, outcome, cause, attribution.

Nothing here knows the evidence. What is read is masked before the next thing is looked for, so that
a time is no number and an address no version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from undersign.languages.when import Length, When, lengths, times
from undersign.records.evidence import CITATION

_I = re.IGNORECASE
_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_DOT = r"(?:\.|\[\.\]|\(\.\)|\[dot\])"
_ADDRESS = re.compile(
    rf"(?<![\w.-]){_OCTET}(?:{_DOT}{_OCTET}){{3}}(?![\w-]|\.\d)"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,7}(?![\w:.])"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){1,6}:(?![\w:.])|(?<![\w:])::1(?![\w:])"
)
_MARKED = re.compile(
    r"(`+)(?P<code>.+?)\1|\"(?P<quote>[^\"\n]{1,400})\"|“(?P<curly>[^”\n]{1,400})”"
)
_QUOTED = re.compile(r"\"(?P<quote>[^\"\n]{1,600})\"|\u201c(?P<curly>[^\u201d\n]{1,900})\u201d")
_FEW = 3
"""Words up to which what stands in quotation marks is a name."""
_NAME = re.compile(
    r"""
    (?P<arn>\barn:[a-z-]+:[^\s,;'"`)]+)
  | (?P<email>\b[\w.%+-]+@[\w-]+(?:\.[\w-]+)+)
  | (?P<hash>\b[0-9a-fA-F]{32}(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{32})?\b)
  | (?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)
  | (?P<path>(?<![\w/])(?:[A-Za-z]:\\[^\s,;'"`)]+|\\\\[^\s,;'"`)]+|/(?:[\w.@+-]+/)+[\w.@+-]*))
  | (?P<account>\b[A-Za-z][\w.-]*\\[\w.$-]+)
  | (?P<region>\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-)?(?:north|south|east|west|central|
      northeast|southeast|northwest|southwest)-\d\b)
  | (?P<event>\b(?:[Ee]vents?\s+(?:ID\s+)?|EventID\s*[:=]?\s*|ID\s+)(?P<number>\d{1,5})\b)
  | (?P<key>\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{8,})
  | (?P<id>\b[a-z]{1,5}-[0-9a-f]{8,17}\b)
  | (?P<domain>\b[A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9][\w-]*)*
      \.(?:com|net|org|io|dev|local|internal|corp|lan|test|example|exe|dll|ps1|bat|vbs|py|sh|msi|sys|lnk|
      zip|docx?|xlsx?|gov|edu|cloud|amazonaws)(?:\.[\w-]+)*\b)
  | (?P<camel>\b[A-Z][a-z]+(?:[A-Z][A-Za-z0-9]+)+\b|\b[A-Z]{2,}[a-z]+[A-Z][A-Za-z]+\b)
  | (?P<hostlike>(?<![\w-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])
      [A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*\$?(?![\w-]))
  | (?P<dashed>(?<![\w-])(?=[\w-]*[a-z])
      [a-z][a-z0-9]*(?:[-_][a-z0-9]+)*[-_]?\d[a-z0-9]*(?:[-_][a-z0-9]+)*\b)
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"(?<![\w.:,/#$-])(\d{1,3}(?:,\d{3})+|\d+)(?![\w:/%]|[.,]\d|-\w)")
_SPELLED = {
    "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_SPELLED_NUMBER = re.compile(rf"\b({'|'.join(_SPELLED)})\b(?!\s+(?:factor|of|hundred|sides))", _I)
_CAUSE = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|caused by|cause[sd]?(?= the| a| an)|led to|leading to|"
    r"result(?:ed|ing|s) (?:in|from)|as a (?:result|consequence)|in order to|so that|thereby|"
    r"(?:which|thus) allow(?:ed|s|ing)?|allow(?:ed|ing|s) the (?:attacker|intruder|actor)|"
    r"enabl(?:ed|ing) the|triggered by|root cause|the reason (?:was|is|for)|as (?:the|a) key "
    r"(?:had|was)|"
    r"since the|therefore|consequently|attributable to|stem(?:s|med) from|to (?:exfiltrate|steal|"
    r"escalate|cover|hide|maintain))\b", _I
)  # fmt: skip
_ATTRIBUTION = re.compile(
    r"\b(?:APT[- ]?\d+|UNC\d{3,5}|FIN\d{1,2}|TA\d{3,4}|DEV-\d{4}|Storm-\d{4}|[Nn]ation[- ]states?|"
    r"[Ss]tate[- ](?:sponsored|backed)|"
    r"(?:Russian|Chinese|Iranian|North Korean|DPRK)\b[^.]{0,30}\b(?:actor|group|hacker|attacker|"
    r"operator|intelligence|linked|state)s?|[Ii]nsider(?: threat)?|Lazarus|Cozy Bear|Fancy Bear|"
    r"Sandworm|Turla|Scattered Spider|LAPSUS\$?|Conti|LockBit|BlackCat|ALPHV|Cl0p|REvil|Kimsuky|"
    r"MuddyWater|(?:Midnight|Forest|Volt|Salt|Charcoal|Flax)\s(?:Blizzard|Typhoon)|"
    r"(?:[Rr]ansomware|[Cc]riminal|[Cc]ybercrime|[Hh]acktivist) (?:gang|group|operator|"
    r"affiliate)s?|"
    r"[Dd]isgruntled (?:employee|contractor|insider)|(?:attributed to|the work of) "
    r"(?=[A-Z]))(?![\w-])"
)
_FAILED = re.compile(
    r"\b(?:den(?:ied|ial)|fail(?:ed|s|ing|ure|ures)?|unsuccessful(?:ly)?|reject(?:ed|s|ion)|refused|"
    r"blocked|forbidden|unauthori[sz]ed|AccessDenied|in vain|errored|not (?:permitted|allowed|"
    r"authori[sz]ed)|"
    r"(?:did|was|were|could|is|are|has|have|had|do|does) ?(?:not|n't) (?:succeed(?:ed)?|go "
    r"through|work(?:ed)?|"
    r"log(?:ged)? in|permitted|allowed|granted|completed?)|without success|returned an error|"
    r"was turned (?:away|down)|unable to)\b", _I
)  # fmt: skip
_DONE = re.compile(
    r"\b(?:succeed(?:ed|s|ing)?|success(?:ful|fully)?|(?:was|were|been|is|are) (?:allowed|"
    r"granted|permitted|"
    r"accepted|authori[sz]ed|completed)|went through|completed (?:without error|successfully)|"
    r"without (?:an )?"
    r"errors?|worked|accepted|authenticated|logged (?:on|in)(?! (?:attempt|failure)))\b", _I
)  # fmt: skip
_NEVER = re.compile(
    r"\b(?:no|none|never|without|zero|nothing|neither|not|nor|(?:did|was|were|could|has|have|is|are)n't)\b"
    r"[^.;,]{0,24}$", _I
)  # fmt: skip
MARK = re.compile(
    r"\((?:inference|judgement|judgment|hypothesis|assessment|unconfirmed)\b[^)]*\)", _I
)
_HEDGED = re.compile(
    r"\b(?:may|might|could|possibl[ey]|probabl[ey]|suspect(?:ed|s)?|likely|appears? to|seems?|"
    r"unclear|"
    r"not (?:yet )?(?:known|confirmed|clear)|hypothesis|we (?:believe|think|assume))\b", _I
)  # fmt: skip


_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
"""A mark of Markdown that is meant as itself."""


class Thing(NamedTuple):
    """The name of a thing in a sentence."""

    kind: str
    """`address`, `event`, `quoted`, `code`, or the shape it was told by."""
    value: str
    """Refanged, without marks."""
    start: int
    end: int
    before: str
    """The word before it, in lower case."""


class Count(NamedTuple):
    """A number in a sentence."""

    value: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stated:
    """What one sentence states."""

    bare: str
    """Without its citations; offsets below count in it, and equal those in the sentence."""
    times: tuple[When, ...]
    lengths: tuple[Length, ...]
    things: tuple[Thing, ...]
    counts: tuple[Count, ...]
    failed: tuple[str, ...]
    done: tuple[str, ...]
    causes: tuple[tuple[str, int], ...]
    attributions: tuple[tuple[str, int], ...]
    marked: bool
    """Whether it says itself that it is an inference or a judgement."""
    hedged: bool
    words: str
    """What is left in letters: without names, numbers and quotations."""


@lru_cache(maxsize=8192)
def stated(sentence: str) -> Stated:
    """Read one sentence."""
    bare = _HIDDEN.sub(_blank, CITATION.sub(_blank, sentence))
    # What somebody is quoted with is held against the evidence word by word, and not read.
    quotes = [m for m in _QUOTED.finditer(bare) if len(m[0].split()) > _FEW]
    spoken = [_thing("quoted", (m["quote"] or m["curly"]).strip(), *m.span(), bare) for m in quotes]
    unquoted = _masked(bare, [m.span() for m in quotes])
    # Digits inside of a value are no time, unless the value is one.
    values = [m.span() for m in _MARKED.finditer(unquoted) if m["code"] and not _is_time(m["code"])]
    when = times(_masked(unquoted, values))
    rest = _masked(unquoted, [(w.start, w.end) for w in when])
    long = lengths(rest)
    rest = _masked(rest, [(w.start, w.end) for w in long])
    things, rest = _things(rest)
    prose = _masked(unquoted, [m.span() for m in _QUOTED.finditer(unquoted)])
    plain = MARK.sub(_blank, prose)
    return Stated(
        bare=bare,
        times=when,
        lengths=long,
        things=tuple(sorted((*spoken, *things), key=lambda t: t.start)),
        counts=tuple(_counts(rest)),
        failed=tuple(_polar(_FAILED, plain)),
        done=tuple(_polar(_DONE, _FAILED.sub(_blank, plain))),
        causes=tuple((m[0], m.start()) for m in _CAUSE.finditer(plain)),
        attributions=tuple((m[0], m.start()) for m in _ATTRIBUTION.finditer(plain)),
        marked=MARK.search(sentence) is not None,
        hedged=_HEDGED.search(plain) is not None,
        words=rest,
    )


def refang(value: str) -> str:
    """Return an indicator as it stands in a log."""
    for written in ("[.]", "(.)", "[dot]"):
        value = value.replace(written, ".")
    return value.replace("[:]", ":").replace("hxxp", "http")


def _is_time(code: str) -> bool:
    found = times(code.strip())
    return len(found) == 1 and found[0].end - found[0].start == len(code.strip())


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _things(text: str) -> tuple[list[Thing], str]:
    found: list[Thing] = []
    spans: list[tuple[int, int]] = []
    for match in _ADDRESS.finditer(text):
        found.append(_thing("address", match[0], match.start(), match.end(), text))
        spans.append(match.span())
    rest = _masked(text, spans)
    spans = []
    for match in _MARKED.finditer(rest):
        kind = "code" if match["code"] is not None else "quoted"
        value = match["code"] or match["quote"] or match["curly"]
        spans.append(match.span())
        # An address inside of the marks was found already.
        if value.strip() and value.strip() == value.strip(" .,"):
            found.append(_thing(kind, value.strip(), match.start(), match.end(), text))
    rest = _masked(rest, spans)
    spans = []
    for match in _NAME.finditer(rest):
        kind = match.lastgroup or ""
        kind = "event" if match["event"] else kind
        value = match["number"] if match["event"] else match[0].rstrip(".,;:")
        spans.append(match.span())
        found.append(_thing(kind, value, match.start(), match.start() + len(match[0]), text))
    return found, _masked(rest, spans)


def _thing(kind: str, value: str, start: int, end: int, text: str) -> Thing:
    before = re.findall(r"[A-Za-z]+", text[max(0, start - 24) : start])
    plain = refang(_ESCAPED.sub(r"\1", value)).removesuffix("...").rstrip()
    return Thing(kind, plain, start, end, before[-1].lower() if before else "")


def _counts(text: str) -> list[Count]:
    found = [Count(int(m[1].replace(",", "")), m.start(), m.end()) for m in _NUMBER.finditer(text)]
    found += [Count(_SPELLED[m[1].lower()], *m.span()) for m in _SPELLED_NUMBER.finditer(text)]
    return sorted(found, key=lambda one: one.start)


def _polar(pattern: re.Pattern[str], text: str) -> list[str]:
    """Return the words that say an outcome; `no failure` and `none succeeded` say no such."""
    return [
        match[0] for match in pattern.finditer(text) if not _NEVER.search(text[: match.start()])
    ]
