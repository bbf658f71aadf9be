"""The check `naive-time-zone`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import quoted
from undersign.records.estate import Estate
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.question import Question

_READS_CLOCK = re.compile(
    r"\b(hourofday|dayofweek|datetime_part|date_part|date_hour|date_wday|hour|dow|isodow)\b",
    re.IGNORECASE,
)
_CONVERTS = re.compile(
    r"utc_to_local|local_to_utc|at\s+time\s+zone|timezone|\[[\"']?timegenerated[^|]*[+-]\s*\d+h"
    r"|[+-]\s*(?:time\()?\d+\s*[hm]\b|datetime_add|interval|relative_time",
    re.IGNORECASE,
)
_UTC = frozenset({"utc", "gmt", "z", "zulu", "etc/utc"})


def naive_time_zone(query: Query, question: Question, estate: Estate | None) -> Iterator[Fault]:
    """Report hours or days of somebody's zone that the query takes from UTC times."""
    asked = question.window
    if asked is None or not (asked.hours or asked.weekdays or asked.zone):
        return
    zone = asked.zone or (estate.time_zone if estate else None)
    if zone is not None and zone.lower() in _UTC:
        return
    code = code_of(query)
    read = _READS_CLOCK.search(code)
    if _CONVERTS.search(code) or (read is None and not asked.zone):
        return
    whose = f"in {quoted(zone)}" if zone else "in a time zone that nobody stated"
    yield Fault(
        f"the question says {quoted(asked.piece.text)}, {whose}; the query reads UTC",
        query.main.span,
        {"asked": asked.piece.text, "zone": zone, "reads": read.group() if read else None},
        f"convert the time to {zone}" if zone else "state `time_zone` in [estate], then convert",
    )
