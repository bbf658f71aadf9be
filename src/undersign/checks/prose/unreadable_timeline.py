"""unreadable-timeline: a timeline file that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.timeline import TimelineFile


def unreadable_timeline(file: TimelineFile) -> Iterator[Fault]:
    """Report what of the file is no timeline, with its place."""
    for problem in file.problems:
        yield Fault(problem)
