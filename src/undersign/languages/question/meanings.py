"""Words for an outcome (failed, allowed) and for the side of a network (external, corporate)."""

from __future__ import annotations

import re

from undersign.languages.question.sheet import Sheet, phrase
from undersign.records.question import Network, Polarity

_NOT = (
    r"(?P<not>(?:not|non|un|never|(?:was|were|is|are|did|do|does|has|have)\s?n['\u2019]?t|without"
    r"|don['\u2019]?t contain|not contain(?:ing)?|other than)[\s-]+(?:been |be |a |any )?)?"
)
_FAILED = (
    r"fail(?:ed|ing|ure|ures|s)?|unsuccessful(?:ly)?|denied|denials?|deny|blocked|rejected|refused"
    r"|invalid (?:credentials?|passwords?|logons?|logins?|users?)"
    r"|(?:wrong|bad|incorrect) passwords?|errored"
    r"|(?:resulted in|with|returned) (?:an? )?errors?"
)
_WORKED = r"succes*f*ul+y*|success(?:es)?|succeed(?:ed|s|ing)?|allowed|accepted|granted|permitted"
_POLARITY = phrase(rf"{_NOT}(?:(?P<failed>{_FAILED})|(?P<worked>{_WORKED}))")

_PLACES = (
    r"(?:ip(?:s| address(?:es)?| ranges?)?|address(?:es)?|ranges?|networks?|space|sources?"
    r"|locations?|hosts?|egress(?: ips?)?|offices?|subnets?)"
)
_OUTSIDE = (
    r"(?:non[-\s]?|not (?:from |in |on |our |the |a |an |within |inside |coming )*"
    r"|outside (?:of )?(?:the |our )*|un)"
)
_OURS = (
    r"(?:corporate|company|corp|office|enterprise|organi[sz]ation(?:al)?(?:['\u2019]?s)?|our own"
    r"|our)"
)
_WIRE = r"(?:(?:source|remote|destination|client|ipv4) )?"
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("non-corporate", phrase(rf"{_OUTSIDE}{_OURS}(?: {_PLACES})?")),
    ("non-corporate", phrase(rf"outside (?:of )?(?:the |our )+{_PLACES}")),
    ("external", phrase(rf"(?:non|not)[-\s](?:rfc\s?-?1918|private|internal)(?: {_PLACES})?")),
    ("internal", phrase(rf"(?:non|not)[-\s](?:public|external)(?: {_PLACES})?")),
    ("corporate", phrase(rf"{_OURS} {_PLACES}")),
    (
        "external",
        phrase(
            rf"(?:external|public|internet[-\s]?(?:facing|routable)?|foreign|outside) {_WIRE}"
            rf"(?:{_PLACES}|connections?|traffic)"
            r"|(?:from|to|on|over|across|with) the (?:public )?(?:internet|outside)|externally"
            r"|from outside"
        ),
    ),
    (
        "internal",
        phrase(
            rf"(?:internal|private|intranet|local network|lan|rfc\s?-?1918) {_WIRE}{_PLACES}"
            r"|rfc\s?-?1918|(?:inside|within) the (?:network|lan)"
        ),
    ),
)


def polarity(sheet: Sheet) -> tuple[Polarity, ...]:
    """Read which outcomes are meant; `not successful` is failed."""
    found = []
    for match in _POLARITY.finditer(sheet.rest):
        failed = bool(match.group("failed")) != bool(match.group("not"))
        found.append(Polarity(sheet.piece(*match.span()), failed))
    return tuple(found)


def network(sheet: Sheet) -> tuple[Network, ...]:
    """Read which addresses are meant."""
    found = []
    for scope, pattern in _RULES:
        matches = list(pattern.finditer(sheet.rest))
        found += [Network(sheet.take_match(match), scope) for match in matches]  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda one: one.piece.start))
