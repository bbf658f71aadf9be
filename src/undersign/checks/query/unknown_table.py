"""The check `unknown-table`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_names import bound_to_something, other_case, trusted
from undersign.checks.reading.wording import did_you_mean, quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.visible import Visible


def unknown_table(query: Query, visible: Visible) -> Iterator[Fault]:
    """Report a table that this workspace neither holds nor has a schema of."""
    bound_to_something(query, visible)
    for problem in trusted(query, "unknown-table"):
        if other_case(problem.name, visible.tables):
            continue
        near = visible.nearest_tables(problem.name)
        yield Fault(
            f"no table {quoted(problem.name)} is known here",
            problem.span,
            {"table": problem.name, "nearest": list(near), "known": len(visible.tables)},
            did_you_mean(near) or "ingest its logs or import its schema, if it exists",
        )
