"""differs-from-timeline: a paper written from another version of the timeline than there is now."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.languages.when import lengths
from undersign.records.claim import ClaimKind
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline

_MEASURES = {
    "ttr": r"time to resolve\b|end of the incident it took|resolved (?:after|in|within)",
    "ttm": r"time to mitigate\b|end of the impact it took|mitigated (?:after|in|within)",
    "tta": r"time to acknowledge\b|acknowledged (?:after|in|within)",
    "ttd": r"time to detect\b|detected (?:after|in|within)",
}
_SLACK = 60.0


def differs_from_timeline(
    document: Document, timeline: Timeline, case: CaseFile
) -> Iterator[Fault]:
    """Compare the measures that a paper states with those that the timeline gives."""
    written_from = document.front.get("timeline_sha256")
    if (
        isinstance(written_from, str)
        and case.timeline_digest
        and (written_from != case.timeline_digest)
    ):
        yield Fault(
            "it was written from another version of timeline.json than there is now",
            suggestion="write it anew from the timeline, or compare and change the digest",
        )
    real = {
        c.slots["measure"]: float(c.slots["seconds"])
        for c in timeline.claims
        if c.kind is ClaimKind.DERIVED and "measure" in c.slots
    }
    for block in document.blocks:
        for measure, words in _MEASURES.items():
            match = re.search(words, block.text, re.IGNORECASE) if measure in real else None
            if match is None:
                continue
            one = next((x for x in lengths(block.text) if x.start >= match.end()), None)
            if one is None or one.start - match.end() > 40:
                continue
            if abs(one.seconds - real[measure]) > max(_SLACK, one.unit):
                start = block.start + one.start
                yield Fault(
                    f"says {block.text[one.start : one.end]}, and the timeline gives "
                    f"{real[measure]:.0f} s",
                    document.span(start, block.start + one.end),
                )
