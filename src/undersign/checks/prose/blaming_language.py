"""blaming-language: words that blame a person instead of a system."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault

_I = re.IGNORECASE
_ROLE = (
    r"(?:(?:[Tt]he|[Aa]n?|[Oo]ur|[Oo]ne|[Tt]his|[Tt]hat|[Aa]nother) (?:on-?call |responsible )?"
    r"(?:\w+ )?(?:engineer|developer|operator|admin(?:istrator)?|analyst|employee|contractor|"
    r"intern|colleague|manager|team member|responder|person|individual)s?|[Hh]e|[Ss]he|"
    r"[Ss]omebody|[Ss]omeone|@[A-Za-z][\w-]*)"
)
_NAME = (
    r"(?!(?:It|Nobody|None|Nothing|This|That|There|Here|We|I|The|A|An|What|Which|Who|Our|My)\b)"
    r"[A-Z][a-z]+"
)
"""A capitalised word may be a person or a program: it counts only with what programs never do."""
_ONLY_PEOPLE = (
    r"(?:carelessly|foolishly|stupidly|forgot(?: to)?|neglected to|did not bother|didn't bother|"
    r"was(?:n't| not) paying attention|messed up|screwed up|should(?: have|'ve| of) known)\b"
)
_BLAME = (
    re.compile(r"\b(?:human|operator|user|pilot) error\b", _I),
    re.compile(
        r"\b(?:careless(?:ly|ness)?|negligen(?:t|ce)|incompeten(?:t|ce)|sloppy|too lazy|"
        r"stupid(?:ly|ity)?|idiotic|foolish(?:ly)?|reckless(?:ly)?|inexcusabl[ey])\b", _I
    ),
    re.compile(
        rf"\b{_ROLE} (?:\w+ )?should(?: have|'ve| of) (?:known|noticed|checked|reali[sz]ed|"
        r"been more careful|paid|asked|read|tested|seen|verified|reported|escalated)\b"
    ),
    re.compile(r"\bshould have (?:known better|been more careful)\b", _I),
    re.compile(rf"\b(?:{_ROLE}(?:'s|s'|’s)|[Hh]is|[Hh]er) (?:mistake|fault|error|blunder|failure|"
               r"oversight|carelessness|negligence)\b"),
    re.compile(r"(?<![\w.-])[a-z][a-z0-9_.-]{0,40}(?:'s|’s) "
               r"(?:mistake|blunder|carelessness|negligence)\b", _I),
    re.compile(rf"(?:{_ROLE}|\b{_NAME}) {_ONLY_PEOPLE}"),
    # In a report of an intrusion, failing to log in is an observation.
    re.compile(rf"\b{_ROLE} (?:wrongly|mistakenly|failed to "
               r"(?!log|sign|authenticate|connect|access|reach)\w+)"),
    re.compile(rf"\b(?:{_ROLE}|{_NAME}) (?:is|was|are|were) (?:clearly |solely |entirely )?"
               r"(?:to blame|at fault)\b"),
    re.compile(rf"\b[Bb]lam(?:ed|es?|ing) (?:{_ROLE}|him|her|them)\b"),
)  # fmt: skip
_DENIED = re.compile(
    r"(?:\b(?:no|not|never|nobody|nor|neither|without|instead of|rather than|beyond|"
    r"avoid(?:s|ing)?|stop(?:s|ping)? at)\b|n't\b)[^.;:]{0,40}$", _I
)  # fmt: skip
_DENIED_BEHIND = re.compile(
    r"[\"'”*_`]*,? (?:is|was|are|were) \W{0,2}(?:never|not|no|an? symptom)\b|[\"'”*_`]* isn't\b", _I
)


def blaming_language(document: Document) -> Iterator[Fault]:
    """Report words that put a person where a system or a process belongs."""
    for sentence in document.sentences:
        match = _blame(sentence.text)
        if match is None:
            continue
        at = sentence.start + match.start()
        yield Fault(
            f"{match[0]!r} blames a person; say what let it happen",
            document.span(at, at + len(match[0])),
        )


def _blame(text: str) -> re.Match[str] | None:
    """Return the first words of blame in a sentence that it does not deny."""
    for pattern in _BLAME:
        for match in pattern.finditer(text):
            denied = _DENIED.search(text, max(0, match.start() - 60), match.start())
            if not denied and not _DENIED_BEHIND.match(text, match.end()):
                return match
    return None
