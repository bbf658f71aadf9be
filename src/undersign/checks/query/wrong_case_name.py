"""The check `wrong-case-name`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_names import (
    columns_made,
    functions_of,
    other_case,
    tables_read,
    trusted,
)
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Problem, Query
from undersign.records.visible import Visible

_WHAT = {"unknown-column": "field", "unknown-table": "table", "unknown-function": "function"}


def wrong_case_name(query: Query, visible: Visible) -> Iterator[Fault]:
    """Report a name that is right but for its case, in a language where case counts."""
    fields = [c for t in tables_read(query, visible) for c in visible.tables[t].columns]
    known = {
        "unknown-column": [*columns_made(query), *fields],
        "unknown-table": list(visible.tables),
        "unknown-function": list(functions_of(query.language)),
    }
    for problem in trusted(query, *known):
        right = other_case(problem.name, known.get(problem.kind, ()))
        if right:
            yield _fault(problem, right)


def _fault(problem: Problem, right: str) -> Fault:
    return Fault(
        f"the {_WHAT[problem.kind]} is called {quoted(right)}, not {quoted(problem.name)}:"
        " case counts in names",
        problem.span,
        {"written": problem.name, "name": right},
        f"write {quoted(right)}",
    )
