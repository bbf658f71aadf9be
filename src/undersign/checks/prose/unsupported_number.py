"""unsupported-number: a count that the cited evidence does not give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Cited, Reader
from undersign.checks.prose.reading.stated import Count, stated
from undersign.records.document import Document, Sentence
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline

_SEVERAL = re.compile(
    r"\b(?:these|those|both)(?: of (?:these|those))? (?:calls|events|lines|logons|requests|"
    r"records)\b",
    re.IGNORECASE,
)


def unsupported_number(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Look for every number of a sentence: lines cited, counts of entries, or a typed field."""
    reader = Reader(case, timeline)
    for sentence in document.sentences:
        if not sentence.cited:
            continue
        said = stated(sentence.text)
        several = _SEVERAL.search(said.words)
        if not (said.counts or several):
            continue
        cited = reader.cited(sentence)
        if several and len(cited.evidence) == 1 and not cited.entries:
            start = sentence.start + several.start()
            yield Fault(
                f"speaks of {several[0]!r} and cites a single line",
                document.span(start, start + len(several[0])),
                evidence={"evidence": list(sentence.cited)},
            )
        for count in said.counts if cited.evidence else ():
            if not _is_supported(count, cited, sentence):
                start = sentence.start + count.start
                yield Fault(
                    f"says {count.value:,}; it cites {_lines(cited)}, and no field says so",
                    document.span(start, sentence.start + count.end),
                    evidence={"evidence": list(sentence.cited)},
                )


def _is_supported(count: Count, cited: Cited, sentence: Sentence) -> bool:
    lines = len(cited.evidence)
    counted = {lines, sum(entry.count for entry in cited.entries)}
    for role in ("actor", "target", "address", "host", "file", "action", "event", "error"):
        counted.add(len(cited.by_role.get(role, ())))
    for outcome in ("success", "failure"):
        counted.add(sum(one.outcome == outcome for one in cited.evidence))
    return count.value in counted or count.value in cited.numbers


def _lines(cited: Cited) -> str:
    every = sum(entry.count for entry in cited.entries)
    lines = len(cited.evidence)
    return f"{lines} line{'s' * (lines != 1)}" + (f", which stand for {every}" if every else "")
