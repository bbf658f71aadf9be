"""The check `wrong-aggregate`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.entities import split_name
from undersign.checks.reading.outputs import aggregates, stages
from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault
from undersign.records.query import Aggregate, Query
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
    (r"most recent|latest|newest|last (?!\d|hour|day|week|month|year|few)\w+",
     {"max", "arg_max", "last", "maxif"}, r"\bmax|\bdesc\b|\btop\b|sort by|order by|next\(",
     "the latest"),
    (r"earliest|oldest|first (?:seen|time|occurrence|event|logon|sign-?in)",
     {"min", "arg_min", "first", "minif"}, r"\bmin|\basc\b|anti|!in|prev\(", "the earliest"),
    (r"(?:distinct|unique|different) (?:\w+ ){0,3}(?:count|number)"
     r"|(?:count|number) of (?:distinct|unique|different)"
     r"|(?:many|multiple|several|various) (?:distinct|unique|different)",
     {"dcount", "dcountif", "make_set", "make_set_if"},
     r"dcount|distinct|make_?set|set_|array_length|\bdc\(|values\(|hll", "a distinct count"),
)  # fmt: skip
"""Words of the question, aggregates that answer them, other code that may, what it is called."""


_NAMED = (
    ("first|start|earliest|oldest|min|minimum", {"max", "arg_max", "avg", "maxif"}),
    ("last|end|latest|newest|max|maximum", {"min", "arg_min", "avg", "minif"}),
    ("avg|average|mean", {"sum", "min", "max", "count", "dcount"}),
    ("total|sum", {"avg", "min", "max"}),
    ("distinct|unique", {"count", "sum", "avg"}),
)
"""Words in the name of a result column, and the functions that give something else."""
_DISTANCE = frozenset({"of", "per", "since", "between", "duration", "count"})
"""With these in it a name speaks of several things: `MaxOfAvg`."""


def wrong_aggregate(query: Query, question: Question | None) -> Iterator[Fault]:
    """Report a number of another kind than the question, or the column's own name, asks for."""
    for stage in stages(query):
        keys = {g.column for g in stage.groups if not g.functions and g.column}
        for made in stage.aggregates:
            yield from _named_otherwise(made)
            if made.function == "dcount" and made.column in keys:
                yield Fault(
                    f"distinct values of {quoted(made.column)} grouped by {quoted(made.column)}"
                    " are always 1",
                    made.span,
                    {"column": made.column},
                    "count the events, or group by something else",
                )
    if question is not None:
        yield from _asked_otherwise(query, question)


def _named_otherwise(made: Aggregate) -> Iterator[Fault]:
    """Compare `StartTime = max(...)` with what its name promises."""
    if made.name == made.column:
        return
    words = split_name(made.name) - split_name(made.column)
    for names, others in _NAMED:
        said = words & set(names.split("|"))
        if made.function in others and said and not words & _DISTANCE:
            yield Fault(
                f"{quoted(made.name)} is computed by {made.function}, its name says {min(said)}",
                made.span,
                {"name": made.name, "function": made.function},
                "use the function that the name promises, or rename it",
            )


def _asked_otherwise(query: Query, question: Question) -> Iterator[Fault]:
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
