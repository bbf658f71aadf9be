"""missing-section: a postmortem without a section it needs, or with one that nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault, Severity

_NEEDED = {
    "summary": r"summary|overview|abstract|tl;?dr|what happened|description",
    "impact": r"impact|effects?|consequences|severity|affected",
    "timeline": r"time\s?line|chronology|sequence of events|context|key events",
    "causes": r"causes?|factors?|whys?|analysis|why\b",
    "action items": r"actions?|follow[- ]?ups?|next steps?|remediation|improvements?|prevent",
    "lessons": r"lessons|what went|went well|retrospective|learn",
}
_UNSAID = re.compile(r"nobody has said yet[^.\n|]*", re.IGNORECASE)


def missing_section(document: Document) -> Iterator[Fault]:
    """Report sections that a postmortem needs and this one does not have, and open places."""
    if document.front.get("kind") == "notice":
        return
    headings = " / ".join(b.text for b in document.blocks if b.kind == "heading")
    bold = " / ".join(re.findall(r"^\W{0,6}\*\*([^*\n]{3,60})\*\*", document.text, re.MULTILINE))
    for name, words in _NEEDED.items():
        if not re.search(rf"\b(?:{words})", f"{headings} / {bold}", re.IGNORECASE):
            yield Fault(f"it has no section on {name}", severity=Severity.NOTE)
    for match in _UNSAID.finditer(document.text):
        yield Fault(
            f"a place that nobody filled in: {match[0][22:80].strip()}",
            document.span(match.start(), match.end()),
        )
