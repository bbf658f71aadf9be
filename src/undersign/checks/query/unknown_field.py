"""The check `unknown-field` for queries."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_names import (
    bound_to_something,
    columns_made,
    homes_of,
    other_case,
    tables_read,
    trusted,
)
from undersign.checks.reading.wording import did_you_mean, listed, nearest, quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.visible import Visible


def unknown_field(query: Query, visible: Visible) -> Iterator[Fault]:
    """Report a column that the tables and stages before it do not give."""
    bound_to_something(query, visible)
    tables = tables_read(query, visible)
    known = [c for t in tables for c in visible.tables[t].columns] + list(columns_made(query))
    for problem in trusted(query, "unknown-column"):
        if other_case(problem.name, known):
            continue
        gone = problem.name in known
        near = [] if gone else nearest(problem.name, known)
        homes = [h for h in homes_of(problem.name, visible) if h not in tables]
        where = listed(tables) if tables else "what is read"
        verb = "have" if len(tables) > 1 else "has"
        message = f"{where} {verb} no field {quoted(problem.name)}"
        if gone:
            message = f"no field {quoted(problem.name)} is left at this stage"
        elif homes and not near:
            message += f"; {listed(homes, 'or')} has"
        yield Fault(
            message,
            problem.span,
            {"field": problem.name, "tables": list(tables), "nearest": near, "found_in": homes},
            "keep it in the stages before" if gone else did_you_mean(near),
        )
