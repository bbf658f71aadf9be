"""The check `hidden-by-limit`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.outputs import limits
from undersign.checks.reading.wording import plural, quoted
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.question import Question


def hidden_by_limit(query: Query, run: QueryRun, question: Question | None) -> Iterator[Fault]:
    """Report rows that the query's own limit hides, with their number."""
    given = limits(query)
    if not given or (question and question.limit in {s.limit for s in given}):
        return
    if run.rows is None or run.rows_without_limit is None:
        raise CannotRun("History", run.refused or "the rows behind the limit were not counted")
    hidden = run.rows_without_limit - run.rows
    if hidden > 0:
        yield Fault(
            f"{quoted(given[-1].text)} shows {run.rows:,} of"
            f" {plural(run.rows_without_limit, 'row')}; {hidden:,} are hidden",
            given[-1].span,
            {"shown": run.rows, "all": run.rows_without_limit, "hidden": hidden},
            "count them, or remove the limit",
        )
