"""unknown-citation: a citation of an address at which there is nothing."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Reader
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline


def unknown_citation(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Look up every address and claim id that a sentence cites."""
    reader = Reader(case, timeline)
    for sentence in document.sentences:
        for one in reader.cited(sentence).unknown if sentence.cited else ():
            at = document.text.find(one, sentence.start)
            yield Fault(
                f"cites {one}, and there is nothing at that address",
                document.span(at, at + len(one)) if at >= 0 else None,
            )
