"""The check `threshold-dropped`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.thresholds import number_filters
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.question import Question, Threshold

_SCALE = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1024.0, "mib": 1024.0**2, "gib": 1024.0**3}


def threshold_dropped(query: Query, question: Question) -> Iterator[Fault]:
    """Report a number that the question compares with and the query nowhere holds."""
    code = code_of(query)
    compared = list(number_filters(query))
    for asked in question.thresholds:
        if any(n.counted for n in compared) or _held(code, asked):
            continue
        yield Fault(
            f"the question says {quoted(asked.piece.text)}; no filter of the query compares"
            " anything with that",
            query.main.stages[-1].span if query.main.stages else query.main.span,
            {"asked": asked.piece.text, "value": asked.value},
            f"count, then keep what is {asked.op} {asked.value:g}",
        )


def _held(code: str, asked: Threshold) -> bool:
    """Say whether the number, or the next whole one, stands anywhere in the code."""
    numbers = {float(n) for n in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", code)}
    wanted = {asked.value, asked.value + 1, asked.value - 1}
    wanted |= {asked.value * scale for scale in _SCALE.values()}
    return bool(numbers & wanted)
