"""The check `broad-exclusion`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_filters import filters
from undersign.checks.reading.stage_rows import probe_at
from undersign.checks.reading.wording import plural, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.query_run import QueryRun

BROAD = 0.5
"""Share of the rows from which on an exclusion decides the answer."""


def broad_exclusion(query: Query, run: QueryRun) -> Iterator[Fault]:
    """Report an exclusion that throws out half of the rows or more, or none."""
    for one in filters(query):
        probe = probe_at(run, one.comparison.span)
        if not (one.excludes and one.sure) or probe is None or not probe.rows:
            continue
        if one.comparison.op == "exists":
            continue
        out = probe.matches if one.flipped else probe.rows - probe.matches
        evidence = {"excluded": out, "rows": probe.rows}
        if out >= BROAD * probe.rows:
            yield Fault(
                f"{quoted(one.comparison.text)} throws out {out:,} of"
                f" {plural(probe.rows, 'row')} ({out / probe.rows:.0%})",
                one.comparison.span,
                evidence,
                "look at what it throws out; narrow it by a second field",
            )
        elif out == 0:
            yield Fault(
                f"{quoted(one.comparison.text)} throws out none of {plural(probe.rows, 'row')}",
                one.comparison.span,
                evidence,
                "check how the value is really written",
                Severity.NOTE,
            )
