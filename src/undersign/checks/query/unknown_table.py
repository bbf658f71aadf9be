"""The check `unknown-table`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_names import bound_to_something, other_case, trusted
from undersign.checks.reading.wording import did_you_mean, quoted
from undersign.records.artifact import Span
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.visible import Visible


def unknown_table(query: Query, visible: Visible) -> Iterator[Fault]:
    """Report a table that this workspace neither holds nor has a schema of."""
    bound_to_something(query, visible)
    for problem in trusted(query, "unknown-table"):
        if other_case(problem.name, visible.tables):
            continue
        yield _fault(problem.name, problem.span, visible)
    reported = {p.name for p in query.problems if p.kind == "unknown-table"}
    for pipeline in query.pipelines():
        for source in pipeline.sources:
            lost = source.kind == "table" and source.table is None and source.name not in reported
            if lost and re.fullmatch(r"\w+", source.name) and not visible.find(source.name):
                yield _fault(source.name, source.span, visible, skipped=True)


def _fault(name: str, span: Span, visible: Visible, *, skipped: bool = False) -> Fault:
    """Make the fault; `skipped`: the engine passes over it silently, as with `isfuzzy`."""
    near = visible.nearest_tables(name)
    return Fault(
        f"no table {quoted(name)} is known here" + (", so it is skipped" if skipped else ""),
        span,
        {"table": name, "nearest": list(near), "known": len(visible.tables)},
        did_you_mean(near) or "ingest its logs or import its schema, if it exists",
        Severity.WARNING if skipped else None,
    )
