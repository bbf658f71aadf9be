"""The check `duplicate-candidate`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen
from undersign.records.flow import akin
from undersign.records.others import Others


def duplicate_candidate(candidate: Candidate, others: Others) -> Iterator[Fault | Seen]:
    """Report a candidate that says of the same lines what another one said already."""
    for id_, other in others.candidates:
        if same(candidate, other):
            yield Fault(f"{other.origin} says the same of line {other.line}", evidence={"of": id_})
            return


def same(one: Candidate, other: Candidate) -> bool:
    """Say whether two candidates speak of the same fault of the same lines."""
    if one.file != other.file or not one.category or not other.category:
        return False
    overlap = one.line <= other.last_line and other.line <= one.last_line
    return overlap and akin(one.category, other.category)
