"""missing-time-zone: times of a document that name no zone anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.when import times, zones
from undersign.records.document import Document
from undersign.records.finding import Fault

_ENOUGH = 2


def missing_time_zone(document: Document) -> Iterator[Fault]:
    """Report once a document with times of day in which no word names a zone."""
    first, count = None, 0
    for block in document.blocks:
        if block.kind in ("code", "html"):
            continue
        if next(zones(block.text), None) is not None:
            return
        for when in times(block.text):
            if when.zone:
                return
            if when.time is not None:
                count += 1
                first = first or (block.start + when.start, block.start + when.end)
    if first is not None and count >= _ENOUGH and "time_zone" not in document.front:
        yield Fault(
            f"{count} times of day and no time zone anywhere",
            document.span(*first),
            suggestion="say it once above the timeline: All times are UTC.",
        )
