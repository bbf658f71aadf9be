"""off-register: a notice in words, or of a length, that its readers cannot use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from undersign.records.document import Document
from undersign.records.finding import Fault

_I = re.IGNORECASE


class _Register(NamedTuple):
    words: int
    """Most words of the whole notice."""
    avoided: re.Pattern[str]


_JARGON = (
    r"\b(?:IOCs?|TTPs?|C2|exfiltrat\w+|lateral movement|privilege escalation|CVE-\d{4}-\d+|"
    r"kubernetes|"
    r"pods?|nodes?|clusters?|stack ?trace|OOM\w*|5\d\d errors?|HTTP ?[45]\d\d|SQL|endpoint|"
    r"latency p\d+|"
    r"IAM|S3|EC2|RDS|VPC|root ?cause analysis|threat actor|payload|malware family|hash(?:es)?)\b"
)
_LIABLE = (
    r"\b(?:negligen\w+|liab\w+|our fault|admit\w*|guarantee\w*|never happen again|fully secure)\b"
)
_RULES: Mapping[str, _Register] = {
    "status-page": _Register(150, re.compile(f"{_JARGON}|{_LIABLE}", _I)),
    "customer": _Register(400, re.compile(f"{_JARGON}|{_LIABLE}", _I)),
    "executive": _Register(350, re.compile(
        r"\b(?:pods?|nodes?|stack ?trace|OOM\w*|HTTP ?[45]\d\d|latency p\d+|grep|regex|"
        r"kubectl)\b", _I)),
}  # fmt: skip
"""By audience; colleagues are told everything, in any words."""
_WORD = re.compile(r"\w+")


def off_register(document: Document) -> Iterator[Fault]:
    """Hold a notice against what its audience reads: length and words."""
    rule = _RULES.get(str(document.front.get("audience")))
    if document.front.get("kind") != "notice" or rule is None:
        return
    shown = [re.sub(r"<!--.*?-->", "", b.text, flags=re.DOTALL) for b in document.blocks]
    count = sum(len(_WORD.findall(text)) for text in shown)
    if count > rule.words:
        yield Fault(f"{count} words; its readers stop after {rule.words}")
    for block in document.blocks:
        for match in rule.avoided.finditer(block.text):
            at = block.start + match.start()
            yield Fault(
                f"{match[0]!r} is no word for its readers, or one for counsel to choose",
                document.span(at, at + len(match[0])),
            )
