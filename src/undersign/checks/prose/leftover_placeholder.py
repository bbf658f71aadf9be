"""leftover-placeholder: a place of a template that nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.languages.when import times
from undersign.records.document import Document
from undersign.records.finding import Fault

_PLACE = re.compile(
    r"\b(?:TODO|TBD|TBA|FIXME|XXX)\b(?!\s*list)|\bX+h\s?X+m\b|\bYYYY\b|"
    r"\[(?:brief |short |insert |your |enter |describe |name|date|time|title|description|link|"
    r"add )[^\]\n]{0,60}\]"
    r"(?![\[(])|<(?:insert|your|enter|name|date|describe|add|fill)[^>\n]{0,60}>|\blorem ipsum\b|"
    r"\{\{[^}\n]{1,60}\}\}|\b(?:Short|Brief) (?:event |incident )?description\b\.?", re.I
)  # fmt: skip
_CODE = re.compile(r"(`+)(?!`)[^\n]*?[^`]\1(?!`)")


def leftover_placeholder(document: Document) -> Iterator[Fault]:
    """Report words and times of templates that still stand in a document."""
    for block in document.blocks:
        if block.kind == "code":
            continue
        text = _CODE.sub(lambda match: " " * len(match[0]), block.text)
        found = {(m.start(), m.end()) for m in _PLACE.finditer(text)}
        found |= {(w.start, w.end) for w in times(text) if w.placeholder}
        for start, end in _apart(sorted(found)):
            yield Fault(
                f"{block.text[start:end]!r} was never filled in",
                document.span(block.start + start, block.start + end),
            )


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = -1
    for start, end in spans:
        if start >= last:
            yield start, end
            last = end
