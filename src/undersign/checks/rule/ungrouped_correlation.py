"""The check `ungrouped-correlation`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault


def ungrouped_correlation(file: SigmaFile) -> Iterator[Fault]:
    """Report a count over everybody together, where one actor is what is meant."""
    for correlation in file.correlations:
        if correlation.group_by or correlation.problems:
            continue
        yield Fault(
            f"the {correlation.type} has no `group-by`: it counts all hosts and users together",
            correlation.span("correlation", "type"),
            {"type": correlation.type},
            "group by what is one actor here: a source address, a user or a host",
        )
