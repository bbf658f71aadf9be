"""Words that tell a milestone, and words that take it back: planned, negated, asked, quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from undersign.records.timeline import Mark

_I = re.IGNORECASE


class Cue(NamedTuple):
    """Words that tell a milestone."""

    mark: Mark
    pattern: re.Pattern[str]
    strong: bool
    """Whether these words alone are enough."""


def _cue(mark: Mark, pattern: str, *, strong: bool) -> Cue:
    return Cue(mark, re.compile(pattern, _I), strong)


_INCIDENT = r"(?:incident|outage|issue|sev-?\s?\d|p[1-4])"
_DECLARABLE = r"(?:incident|outage|sev-?\s?\d|p[1-4])"
"""An issue is raised in a tracker, which declares nothing."""
CUES = (
    _cue(Mark.RESOLVED, rf"\b{_INCIDENT}\b(?:\s+(?:is|was|has been|now|been|declared|as|considered|"
         r"marked|fully|and repaired))*\s+\*{0,2}(?:resolved|closed|over)\b", strong=True),
    _cue(Mark.RESOLVED, rf"\b(?:resolved|closed|closing)(?:\s+(?:the|this|our))?\s+{_INCIDENT}\b",
         strong=True),
    _cue(Mark.RESOLVED, r"\b(?:repaired and resolved|declared (?:as )?resolved|all clear)\b",
         strong=True),
    _cue(Mark.RESOLVED, r"^\W*(?:fully\s+)?resolved\b|\bfully resolved\b", strong=True),
    _cue(Mark.RESOLVED, r"\bresolved\b", strong=False),
    _cue(Mark.MITIGATED, r"\b(?:incident|service|issue|impact|outage|problem)s?\b(?:\s+(?:is|are|"
                         r"was|"
         r"were|has been|have been|now|fully|been))*\s+(?:repaired|mitigated|restored|contained|"
         r"recovered)\b", strong=True),
    _cue(Mark.MITIGATED, r"\brepaired\b|\bmitigated\b|\bcontained\b", strong=True),
    _cue(Mark.MITIGATED, r"\b(?:back (?:to normal|online|up(?: and running)?)|(?:healthy|working|"
         r"available|reachable|operational|up) again|recovered|restored|(?:service|access|traffic|"
         r"site|availability)\b[^.]{0,40}\b(?:restored|back|available))\b", strong=True),
    _cue(Mark.MITIGATED, r"\b(?:no (?:more|further|longer any|new) (?:errors?|failures?|alerts?|"
                         r"5\d\ds?)"
         r"|errors? (?:have )?(?:stopped|ceased|gone)|(?:access|reads|attack|exfiltration|"
         r"traffic)\b"
         r"[^.]{0,60}\b(?:stopped|blocked|denied now|cut off))\b", strong=True),
    _cue(Mark.MITIGATED, r"\b(?:fixed|started working|is working|works now|becomes? healthy|"
         r"stopped|healthy|returned? to (?:normal|baseline))\b", strong=False),
    _cue(Mark.DECLARED, rf"\b{_DECLARABLE}\b(?:\s+(?:is|was|has been|officially|now))*\s+"
         r"(?:declared|raised|opened|called|created)\b", strong=True),
    _cue(Mark.DECLARED, rf"\b(?:declar(?:e|es|ed|ing)|raised|opened|called|calling|opening)"
         rf"(?:\s+(?:an?|the|this|it|as|major|security))*\s+{_DECLARABLE}\b", strong=True),
    _cue(Mark.DETECTED, r"^\W*(?:detection|detected|discovery|first (?:alert|sign|report))\b\W",
         strong=True),
    _cue(Mark.DETECTED, r"\b(?:alert(?:s|ed|ing)?|alarm(?:s|ed)?|paged|page[dr]?duty|pingdom|"
         r"health\s?checks? (?:is|are|was|went|reports?)\b[^.]{0,20}\b(?:down|failing))\b",
         strong=True),
    _cue(Mark.DETECTED, r"\b(?:users?|customers?|teams?|developers?|colleagues?|someone|i|we|they|"
         r"reporter|client|tenant|partner|vendor|support|author|member|engineers?|operators?|staff|"
         r"monitor(?:s|ing)?|automation|probes?)\b[^.]{0,60}\b(?:report(?:s|ed|"
         r"ing)?|notic(?:e|ed|es)|complain(?:s|ed|ing)?|flagged|spotted|saw|seeing|detect(?:ed)?|"
         r"discover(?:ed)?|observ(?:e|ed|es)|notifie[sd])\b", strong=True),
    _cue(Mark.DETECTED, r"\b(?:reports? (?:an? )?(?:failure|error|problem|issue|outage)s?|"
         r"report(?:s|ed)? (?:of|from|by|that)|(?:was|were|got) (?:notified|informed|alerted)|"
         r"(?:notified|informed|alerted) (?:by|of)|"
         r"became aware|first (?:noticed|reported|detected|report|sign))\b", strong=True),
    _cue(Mark.DETECTED, r"\b(?:noticed|(?:issue|problem|incident|errors?|outage|"
                        r"anomaly)\b[^.]{0,20}"
         r"\b(?:detected|observed|discovered|seen)|errors? appear(?:ed|ing)?)\b", strong=True),
    _cue(Mark.DETECTED, r"\b(?:detected|observed|discovered|reported|down|unavailable|failing|"
                        r"fails|"
         r"failed|not (?:available|working))\b", strong=False),
    _cue(Mark.ACKNOWLEDGED, r"\b(?:acknowledg(?:ed|es|ing)|ack(?:'?ed)?\b|(?:i'm|i am|we're|we are|"
         r"i'll|team is) (?:now )?(?:looking|investigating|on it|taking)|on it\b|tak(?:ing|es|"
         r"ing over)"
         r" (?:this|over|the lead|it)|looking (?:into|at) (?:it|this|"
         r"the)\b(?![^.]{0,40}\bseems?\b)|"
         r"investigations?\b[^.]{0,20}\b(?:started|begins?|began|begun)|(?:begins?|began|start(?:s|ed))"
         r" (?:to )?(?:investigat|look))", strong=True),
    _cue(Mark.BEGAN, r"\b(?:impact|outage|incident|issue|problem|errors?|attack|downtime)s? "
                     r"(?:has |"
         r"have )?(?:began|begins|starts?|started)\b", strong=True),
)  # fmt: skip
"""In no order: every clause is held against all of them."""

REOPENED = re.compile(
    r"\b(?:re-?open(?:ed|ing|s)?|regress(?:ed|ion)|still (?:seeing|failing|happening|down|broken)|"
    r"(?:errors?|issues?|alerts?|reads|problem) (?:are |is )?(?:back|returned|again|go(?:es)? on)|"
    r"not resolved after all|recurr(?:ed|ing|ence)|came back)\b", _I
)  # fmt: skip
CHANGE = re.compile(
    r"\b(?:deploy(?:ed|ment|s|ing)?|merged?|roll(?:ed)? out|pipeline|upgrade[ds]?|release[ds]?|"
    r"planned|"
    r"maintenance|migrat(?:ed|ion)|applied|created|configured)\b", _I
)  # fmt: skip
"""What is done on purpose; it may cause an incident, and shows no sign of one."""

AWARE = re.compile(
    r"\b(?:realis\w+|realiz\w+|notif\w+|inform(?:ed|s)|reach(?:ed|es) out|contact(?:ed|s)|emails?|"
    r"tickets?|call(?:ed|s)? (?:in|us|from|about)|phoned|messaged?|complain\w*|aware|identif\w+|"
    r"investigat\w+|debug\w*|troubleshoot\w*|notic\w+|saw|found|spot(?:s|ted)|discover\w*|"
    r"report\w*|detect\w*|observ\w+|alarm\w*|alert\w*|respond(?:s|ed|ers?)|escalat\w+|"
    r"pag(?:ed|er)|on-?call|engineers?|support|customers?|asked|asks|discuss\w*|join(?:s|ed)|"
    r"look(?:s|ed|ing)? (?:at|into)|check(?:s|ed|ing))\b", _I
)  # fmt: skip
"""Somebody knows of something already, in words that tell no milestone by themselves."""
RESPONDED = re.compile(
    r"\b(?:investigat\w+|debug\w*|troubleshoot\w*|roll(?:s|ed|ing)? ?back|rollbacks?|revert\w*|"
    r"restart(?:ed|ing|s)|joined|mitigat\w+|disabled|blocked|locked|revoked|fix(?:ed|es|ing)?|"
    r"workaround|escalat\w+|respond(?:s|ed)|identified|triag\w+)\b", _I
)  # fmt: skip
"""Somebody works on it, in words that do not say that he took it up."""

FINE = re.compile(
    r"\b(?:all (?:is |was )?(?:fine|good|green|ok(?:ay)?|well)|as expected|successful(?:ly)?|"
    r"root cause|reason (?:for|was)|possible cause)\b", _I
)  # fmt: skip
"""A line that tells of no sign: all is well, or it is known already what it is."""
_TAKEN_BACK = re.compile(
    r"\b(?:not|no|never|isn't|is not|wasn't|aren't|hasn't|haven't|didn't|cannot|can't|without|"
    r"un(?=resolved)|yet to|neither|nor)\b", _I
)  # fmt: skip
_PLANNED = re.compile(
    r"\b(?:will|shall|should|would|could|may|might|going to|plan(?:s|ned|ning)? to|about to|"
    r"try(?:ing)? "
    r"to|need(?:s|ed)? to|want(?:s)? to|let's|next|tomorrow|later|once|when|if|until|unless|"
    r"after we|"
    r"before we|in case|expect(?:s|ed)?|hope(?:fully)?|to be|please|must|can we|in order to|"
    r"to)\b", _I
)  # fmt: skip
_ORDERED = re.compile(
    r"\b(?:mark|set|consider|declare|write|say|state|report|post|tell|pretend|ignore|assume|treat)\b"
    r"(?!\s+(?:down|up)\b)[^.]{0,80}$", _I
)  # fmt: skip
_NO_SIGN = re.compile(r"\b(?:no|not|never|without|missing|any)\s+(?:\w+\s+){0,2}$", _I)
"""`no alert fired` takes it back; `alert that X is not available` does not."""
_NO_SIGN_YET = re.compile(r"\b(?:will|should|would|to|could)\s+(?:\w+\s+)?$", _I)
_NOT_FIRED = re.compile(r"\s*(?:rule|threshold|fatigue|manager|config|for\b.{0,30}\badded)", _I)
_ELSEWHERE = re.compile(
    r"\b(?:last (?:week|month|year|time)|previous(?:ly)?|earlier incident|another incident|similar|"
    r"yesterday's|unrelated|not related|same as in)\b", _I
)  # fmt: skip
_QUOTED = re.compile(r"\"[^\"]{12,}\"|“[^”]{12,}”|```.*?```|(?m:^>.*$)", re.DOTALL)
_CLAUSE = re.compile(r"[.;!\n]+(?:\s|$)|,?\s+\b(?:but|however|although|whereas)\b|(?<=\?)")
_MARKUP = re.compile(r"[*_`~]+")
_REACH = 45
"""Characters before a cue in which a word takes it back."""


class Found(NamedTuple):
    """A cue that stands in a text as a fact."""

    mark: Mark
    strong: bool
    words: str


def facts_in(text: str) -> Iterator[Found]:
    """Yield the cues that a text states as facts, clause by clause."""
    plain = _MARKUP.sub("", _QUOTED.sub(" ", text))
    for clause in _CLAUSE.split(plain):
        if not clause or clause.rstrip().endswith("?") or _ELSEWHERE.search(clause):
            continue
        for cue in CUES:
            for match in cue.pattern.finditer(clause):
                if not _is_taken_back(clause, match, cue.mark):
                    yield Found(cue.mark, cue.strong, match[0].strip())
                    break


def _is_taken_back(clause: str, match: re.Match[str], mark: Mark) -> bool:
    before = clause[max(0, match.start() - _REACH) : match.start()]
    inside = match[0]
    if mark is Mark.MITIGATED and re.match(r"no ", inside, _I):
        return bool(_PLANNED.search(before))
    if _ORDERED.search(before):
        return True
    if mark is Mark.DETECTED:
        behind = clause[match.end() :]
        return any((_NO_SIGN.search(before), _NO_SIGN_YET.search(before), _NOT_FIRED.match(behind)))
    return bool(_TAKEN_BACK.search(before) or _PLANNED.search(before) or _TAKEN_BACK.search(inside))
