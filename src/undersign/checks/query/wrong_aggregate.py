"""The check `wrong-aggregate`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.outputs import aggregates, stages
from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.question import Question

_WANTED = (
    (r"average|mean|avg", {"avg", "avgif", "mean"}, r"series_stats|avg|mean", "an average"),
    (r"median", {"percentile", "median"}, r"percentile|median|quantile", "a median"),
    (r"total (?:amount|bytes|size|volume|number of bytes)|sum of",
     {"sum", "sumif"}, r"\bsum", "a sum"),
    (r"maximum|highest|largest|longest|biggest",
     {"max", "maxif", "arg_max"}, r"\bmax|top|desc|sort", "a maximum"),
    (r"minimum|lowest|smallest|shortest", {"min", "minif", "arg_min"},
     r"\bmin|asc|sort|top", "a minimum"),
    (r"(?:most recent|latest|newest|last) (?:\w+ ){0,2}"
     r"(?:time|event|record|entry|logon|login|sign-?in|occurrence|state|status)",
     {"max", "arg_max", "last", "maxif"}, r"max|last|latest|desc|top|sort", "a latest time"),
    (r"(?:distinct|unique|different) (?:\w+ ){0,3}(?:count|number)"
     r"|(?:count|number) of (?:distinct|unique|different)"
     r"|(?:many|multiple|several|various) (?:distinct|unique|different)",
     {"dcount", "dcountif", "make_set", "make_set_if"},
     r"dcount|distinct|make_?set|set_|array_length|\bdc\(|values\(|hll", "a distinct count"),
)  # fmt: skip
"""Words of the question, aggregates that answer them, other code that may, what it is called."""


def wrong_aggregate(query: Query, question: Question) -> Iterator[Fault]:
    """Report a number of another kind than the question asks for: a sum for an average."""
    made = aggregates(query)
    code = code_of(query)
    for words, functions, elsewhere, name in _WANTED:
        asked = re.search(rf"\b(?:{words})\b", question.text, re.IGNORECASE)
        if not asked or not made or any(a.function in functions for a in made):
            continue
        if re.search(elsewhere, code, re.IGNORECASE):
            continue
        given = list(dict.fromkeys(a.function for a in made))
        place = next(s for s in stages(query) if s.aggregates)
        yield Fault(
            f"the question says {quoted(asked.group())}, {name}; the query computes"
            f" {listed(given)}",
            place.aggregates[0].span,
            {"asked": asked.group(), "functions": given},
            f"compute {name}",
        )
