"""unreadable-clocks: a file of deadlines that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.clock import Clocks
from undersign.records.finding import Fault


def unreadable_clocks(clocks: Clocks) -> Iterator[Fault]:
    """Report what of the file is no clocks, with its place."""
    for problem in clocks.problems:
        yield Fault(problem)
