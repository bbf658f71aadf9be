"""The check `bin-mismatch`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.time_windows import spell
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Group, Query
from undersign.records.question import Question

_CALENDAR = ("startof", "date_trunc", "getmonth", "monthofyear", "hourofday", "format_datetime",
    "make-series", "timechart", "bin(", "bin_at(", "time_bucket", "strftime", "todatetime",
    "datetime_part")  # fmt: skip


def bin_mismatch(query: Query, question: Question) -> Iterator[Fault]:
    """Report counts per hour, day or week that are put into another width, or into none."""
    bins = list(_bins(query))
    for asked in question.groups:
        wanted = asked.bin_seconds
        if not wanted or any(b.bin_seconds == wanted for b in bins):
            continue
        evidence = {"asked_seconds": wanted, "bins": [b.bin_seconds for b in bins]}
        said = f"the question says {quoted(asked.piece.text)}"
        if bins:
            width = spell(bins[0].bin_seconds or 0)
            message = f"{said}; times are put into bins of {width}"
            yield Fault(message, bins[0].span, evidence, f"use bins of {spell(wanted)}")
        elif not any(word in code_of(query).lower() for word in _CALENDAR):
            message = f"{said}; nothing is put into bins of time"
            yield Fault(message, query.main.span, evidence, f"group by bins of {spell(wanted)}")


def _bins(query: Query) -> Iterator[Group]:
    for pipeline in query.pipelines():
        for stage in pipeline.stages:
            yield from (g for g in stage.groups if g.bin_seconds)
