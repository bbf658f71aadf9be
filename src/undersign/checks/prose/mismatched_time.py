"""mismatched-time: a time or a length that the cited evidence does not have."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Reader
from undersign.checks.prose.reading.compare import wrong_length, wrong_time
from undersign.checks.prose.reading.stated import stated
from undersign.languages.when import offset_of, zones
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline


def mismatched_time(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Hold every time of a sentence against its evidence, at the precision in which it is told."""
    reader = Reader(case, timeline)
    offset = _zone_of(document)
    for sentence in document.sentences:
        if not sentence.cited:
            continue
        cited = reader.cited(sentence)
        said = stated(sentence.text)
        for at, when in enumerate(said.times):
            real = wrong_time(when, at, said, cited, offset)
            if real is not None:
                start = sentence.start + when.start
                yield Fault(
                    f"says {said.bare[when.start : when.end].strip()}, and the evidence it cites "
                    f"is "
                    f"of {real}",
                    document.span(start, sentence.start + when.end),
                    evidence={"evidence": list(sentence.cited)},
                    suggestion=real if ";" not in real else None,
                )
        for length in said.lengths:
            if wrong_length(length, cited):
                start = sentence.start + length.start
                yield Fault(
                    f"says {said.bare[length.start : length.end]}, and no two moments of its "
                    f"evidence are so far apart",
                    document.span(start, sentence.start + length.end),
                    evidence={"evidence": list(sentence.cited)},
                )


def _zone_of(document: Document) -> int:
    """Return the zone that a document states for all of its times; UTC when it states none."""
    stated_zone = document.front.get("time_zone")
    if isinstance(stated_zone, str):
        return offset_of(stated_zone) or 0
    for block in document.blocks[:40]:
        lowered = block.text.lower()
        if "time" in lowered and ("all times" in lowered or "times are" in lowered):
            for zone in zones(block.text):
                return offset_of(zone.name) or 0
    return 0
