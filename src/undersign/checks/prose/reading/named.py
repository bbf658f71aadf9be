"""Words that stand where a name stands: `user mallory`, `by mallory`, `on fileserver`.

A made-up name looks like any word. What gives it away is its place: a person or a machine is named
without an article, where English gives one to nearly every other singular noun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from undersign.checks.prose.reading.stated import MARK, Stated, Thing

_WORD = r"(?P<name>[A-Za-z][\w.-]*[\w$])"
_END = (
    r"(?=\s*$|[,;:.!?)|\]]|'s\b|\s{2,}|\s\S*\d|\s[(`]|\s(?:at|on|in|from|with|and|or|was|were|is|are|to|by|"
    r"for|of|twice|then|when|while|before|after|which|who|that|against|again|could|can|did|had|has|"
    r"until|during|as|the|a|an|under|into|via|but|through|within|between|came|made|ran|went|got|took|sent|gave|"
    r"began|wrote|set|put|shows?|names|records?|lists|\w+ed)\b)"
)
"""What may follow a name: another word would make it part of a longer noun, as in `user group`."""
_START = r"(?:^\W*|[,;:.(|]\s+|\s{2,}|\b(?i:and|then|that|when|where|while|as|but|user)\s+)"
_ROLE = (
    r"(?i:user|username|account|principal|role|host|server|machine|workstation|laptop|computer|"
    r"controller|instance|container|pod|node|employee|engineer|admin|administrator|contractor|"
    r"colleague|operator|analyst)"
)
_DID = (
    r"(?:called|invoked|assumed|created|deleted|uploaded|downloaded|modified|attached|detached|"
    r"executed|ran|launched|opened|closed|queried|enumerated|logged|signed|authenticated|requested|"
    r"listed|accessed|disabled|enabled|changed|wrote|read|started|stopped|set|used|asked|tagged|"
    r"described|granted|got|received|connected|tried|attempted|removed|added|copied|moved|renamed|"
    r"decrypted|encrypted|made|reached|installed|allowed|appears|loaded|cleared|put|sent|looked|"
    r"joined|left|locked|reset|exported|dumped|scanned|cloned|pushed|merged|mounted|spawned|injected|"
    r"exfiltrated|obtained|fetched|retrieved|generated|registered|could|failed to|"
    r"was (?:denied|refused|granted|allowed))\b"
)
_ADVERB = r"(?:(?:also|then|again|first|later|never|just|\w+ly) )*"
_PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_ROLE}(?:,? (?:named|called))?,? {_WORD}{_END}",
        rf"\b(?i:(?:on )?behalf of|by|for|from|via|on|against|as|of) {_WORD}{_END}",
        rf"\b(?:(?:logged|signed) (?:on|in) to|connect\w* to|granted to|assigned to|belongs to|"
        rf"log\w* into|access to) {_WORD}{_END}",
        rf"{_START}{_WORD} {_ADVERB}{_DID}",
        rf"^\W*(?=[a-z]|\w+[\d._-]){_WORD} \w+(?:ed|es)\b",
        rf"(?:^|[\s(|]){_WORD}'s ",
        rf"\bfrom\s{{2,}}to {_WORD}{_END}",
        rf"[:,] [\w.-]+ and {_WORD}(?=\s*(?:[.,(]|$))",
        rf"\|\s*{_WORD}\s*(?=\|)",
    )
)
_ORDINARY = re.compile(
    r"[A-Z]?[a-z]+(?:ing|ed|ly|[aeioucp]tion|sion|ment|ance|ence|ity|ness|ism|ware|wise|able|ible|ful|less|ous|"
    r"ward|wards|self|selves|body|one|thing|where)"
    r"|[a-z]+[^su]s|[A-Z]{2,5}s?"
)
"""Shapes of words that are no names here: participles, abstract nouns, plurals, abbreviations."""


def in_place_of_a_name(said: Stated) -> Iterator[Thing]:
    """Yield the plain words of a sentence that stand where a name stands."""
    seen = set()
    words = MARK.sub(lambda mark: " " * len(mark[0]), said.words)
    for place in _PLACES:
        for match in place.finditer(words):
            word, start = match["name"].rstrip("."), match.start("name")
            if start not in seen and not _is_ordinary(word):
                seen.add(start)
                yield Thing("named", word, start, start + len(word), "")


def _is_ordinary(word: str) -> bool:
    return word.casefold() in _words() or _ORDINARY.fullmatch(word) is not None


@cache
def _words() -> frozenset[str]:
    """Return words that stand there without an article and name nobody."""
    text = files("undersign.checks.prose.reading").joinpath("no_names.txt").read_text("utf-8")
    return frozenset(
        w for line in text.splitlines() if not line.startswith("#") for w in line.split()
    )
