"""The check `unknown-function`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_names import functions_of, other_case, trusted
from undersign.checks.reading.wording import did_you_mean, nearest, quoted
from undersign.records.finding import Fault
from undersign.records.query import Query

_NAMES = {"kql": "KQL", "spl": "SPL", "sql": "SQL"}


def unknown_function(query: Query) -> Iterator[Fault]:
    """Report a function that neither the language nor the query itself defines."""
    known = functions_of(query.language)
    for problem in trusted(query, "unknown-function"):
        if other_case(problem.name, known):
            continue
        near = nearest(problem.name, known)
        yield Fault(
            f"{_NAMES[query.language]} has no function {quoted(problem.name)}",
            problem.span,
            {"function": problem.name, "nearest": near},
            did_you_mean(near) or "if your workspace has saved it, put its text into the query",
        )
