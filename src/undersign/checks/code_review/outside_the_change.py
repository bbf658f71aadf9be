"""The check `outside-the-change`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.candidate import Candidate
from undersign.records.change import Change, FileChange
from undersign.records.finding import Fault, Seen


def outside_the_change(candidate: Candidate, change: Change) -> Iterator[Fault | Seen]:
    """Report a candidate about lines that the change did not touch."""
    one = change.file(candidate.file)
    if one is None:
        yield Fault(f"{candidate.file} is not in this change")
    elif candidate.line and one.has(candidate.line, candidate.last_line):
        yield Seen(f"line {candidate.line} is new")
    elif candidate.line and one.added:
        near = _nearest(candidate, one)
        yield Fault(
            f"line {candidate.line} is not new; the nearest new lines are {near[0]}-{near[1]}",
            evidence={"nearest": list(near)},
        )
    elif not one.added:
        yield Fault(f"the change adds no line to {candidate.file}")


def _nearest(candidate: Candidate, one: FileChange) -> tuple[int, int]:
    def away(run: tuple[int, int]) -> int:
        return min(abs(run[0] - candidate.line), abs(run[1] - candidate.line))

    return min(one.added, key=away)
