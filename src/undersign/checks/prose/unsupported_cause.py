"""unsupported-cause: a sentence that says why, which no log line does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Cited, Reader
from undersign.checks.prose.reading.stated import stated
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline

_ANALYSIS = re.compile(
    r"\b(?:causes?|whys?|factors?|hypothes[ei]s|analysis|lessons|actions?|recommendations?|"
    r"inferences?|judgements?|assessment|open questions?)\b", re.I
)  # fmt: skip
"""Sections that say of themselves that they conclude; they have checks of their own."""
_REPORTED = re.compile(
    r"\b(?:wrote|said|says|report(?:s|ed)|explain(?:s|ed)|state[ds]|told|not(?:es|ed)|argued|thinks|"
    r"believes|suspects|according to)\b", re.I
)  # fmt: skip


def unsupported_cause(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Report causes that are told as facts: unmarked, unreported, and said by no cited message."""
    reader = Reader(case, timeline)
    for sentence in document.sentences:
        said = stated(sentence.text)
        if not sentence.cited or not said.causes or said.marked:
            continue
        if _ANALYSIS.search(" / ".join(sentence.block.section)):
            continue
        if _is_reported(said.bare, reader.cited(sentence)):
            continue
        word, at = said.causes[0]
        yield Fault(
            f"says why ({word!r}); the lines it cites say that it happened, not why",
            document.span(sentence.start + at, sentence.start + at + len(word)),
            suggestion="mark it (inference), or quote the message that says so",
        )


def _is_reported(text: str, cited: Cited) -> bool:
    """Tell whether the sentence gives the words of somebody whose message it cites."""
    authors = {one.author.casefold() for one in cited.messages if one.author}
    lowered = text.casefold()
    return bool(_REPORTED.search(text)) and any(author in lowered for author in authors)
