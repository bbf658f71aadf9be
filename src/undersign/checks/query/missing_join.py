"""The check `missing-join`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.outputs import aggregates, stages
from undersign.checks.reading.query_filters import opaques
from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Condition, Query, comparisons
from undersign.records.question import Question

_ACROSS_ROWS = ("prev(", "next(", "row_window_session", "scan ", "scan\n", "sequence", "lag(",
    "lead(", "transaction", "streamstats", "serialize", "arg_max", "arg_min", "make_set",
    "make_list", "dcount", "values(", "list(", "partition", "exists")  # fmt: skip


def missing_join(query: Query, question: Question) -> Iterator[Fault]:
    """Report two events that the question holds together and the query does not."""
    code = code_of(query).lower()
    together = _puts_together(query, code)
    if question.output == "sequence" and not together:
        words = [quoted(p.text) for p in question.events]
        what = f" ({listed(words)})" if len(words) > 1 else ""
        yield Fault(
            f"the question is about two events{what}; the query looks at each row alone",
            query.main.span,
            {"events": [p.text for p in question.events]},
            "join the two on what they share, with the order of time between them",
            None if question.events else Severity.NOTE,
        )
    for piece in question.changed:
        if not _compares_sides(query, code):
            yield Fault(
                f"the question says {quoted(piece.text)} differs; the query compares it nowhere",
                query.main.span,
                {"changed": piece.text},
                "keep it from both events and compare the two",
            )


def _puts_together(query: Query, code: str) -> bool:
    for stage in stages(query):
        if stage.join is not None or stage.branches or stage.kind in ("window", "lookup"):
            return True
    used = len(query.named) > 0
    return used or any(word in code for word in _ACROSS_ROWS)


def _compares_sides(query: Query, code: str) -> bool:
    """Say whether two columns meet in one condition, or distinct values are counted."""
    if any(a.function in ("dcount", "make_set", "make_list") for a in aggregates(query)):
        return True
    if any(word in code for word in ("prev(", "lag(", "next(", "lead(", "streamstats")):
        return True
    for stage in stages(query):
        conditions = (stage.condition, stage.join.condition if stage.join else None)
        if any(_two_columns(c) for c in conditions):
            return True
        if any(len(set(a.columns)) > 1 for a in stage.assigned):
            return True
    return False


def _two_columns(condition: Condition | None) -> bool:
    if any(len(o.columns) > 1 for o in opaques(condition)):
        return True
    return any(v.kind == "name" for c in comparisons(condition) for v in c.values)
