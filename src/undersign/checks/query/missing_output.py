"""The check `missing-output`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from undersign.checks.reading.outputs import (
    aggregates,
    compares_with_usual,
    counts,
    limits,
    result_columns,
    sorts,
    stages,
)
from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import listed, quoted
from undersign.records.artifact import Span
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Links, Question

_EARLY = frozenset({"min", "first", "arg_min", "earliest", "minif"})
_PROSE = 240
"""Characters from which on a text explains more than it asks: `rare` may be said of anything."""
_LATE = frozenset({"max", "last", "arg_max", "latest", "maxif"})


def missing_output(query: Query, question: Question, links: Links | None) -> Iterator[Fault]:
    """Report an answer that the question asks for and the query does not produce."""
    produced, severity, what = _ANSWERS.get(question.output, (_anything, Severity.NOTE, ""))
    asked = question.output_piece
    if asked is not None and not produced(query):
        yield Fault(
            f"the question says {quoted(asked.text)}; nothing in the query {what}",
            _end(query),
            {"asked": asked.text, "output": question.output},
            None,
            severity if len(question.text) <= _PROSE else Severity.NOTE,
        )
    yield from _limit(query, question)
    yield from _columns(query, question, links)


def _limit(query: Query, question: Question) -> Iterator[Fault]:
    given = limits(query)
    if question.limit and given and all(s.limit != question.limit for s in given):
        yield Fault(
            f"the question asks for {question.limit}; {quoted(given[-1].text)} gives"
            f" {given[-1].limit}",
            given[-1].span,
            {"asked": question.limit, "limit": given[-1].limit},
            f"keep {question.limit} rows",
        )


def _columns(query: Query, question: Question, links: Links | None) -> Iterator[Fault]:
    """Report columns asked for by name that do not come out at the end."""
    given = result_columns(query)
    if given is None:
        return
    real = {link.piece.text.lower(): link.column for link in links.columns} if links else {}
    missing = []
    for piece in question.columns:
        name = (real.get(piece.text.lower()) or piece.text).lower()
        if name not in given and piece.text.lower() not in given and _is_name(piece.text, real):
            missing.append(piece.text)
    if missing:
        yield Fault(
            f"the question asks for {listed(map(quoted, missing))}, which the query does not show",
            _end(query),
            {"missing": missing},
            f"keep {listed(map(quoted, missing))} to the end",
        )


def _is_name(text: str, real: dict[str, str | None]) -> bool:
    return text.lower() in real or re.fullmatch(r"[A-Z][a-z]+(?:[A-Z][a-z]*)+", text) is not None


def _end(query: Query) -> Span:
    return query.main.stages[-1].span if query.main.stages else query.main.span


def _anything(_: Query) -> bool:
    return True


def _by_groups(query: Query) -> bool:
    return any(s.groups or s.kind in ("distinct", "aggregate") for s in stages(query))


def _ranked(query: Query) -> bool:
    return sorts(query) or bool(limits(query))


def _first(query: Query) -> bool:
    return any(a.function in _EARLY for a in aggregates(query)) or _set_aside(query)


def _last(query: Query) -> bool:
    return any(a.function in _LATE for a in aggregates(query)) or sorts(query)


def _set_aside(query: Query) -> bool:
    """Say whether rows are held against an earlier set: anti joins, `not in` a let."""
    joins = [s.join for s in stages(query) if s.join]
    if any("anti" in j.kind or j.kind == "left" for j in joins):
        return True
    return len(query.named) > 0 and "in" in code_of(query)


def _rare(query: Query) -> bool:
    return counts(query) or _set_aside(query) or _first(query)


def _unusual(query: Query) -> bool:
    return _rare(query) or compares_with_usual(code_of(query)) or _by_groups(query)


def _over_time(query: Query) -> bool:
    binned = any(g.bin_seconds or g.functions for s in stages(query) for g in s.groups)
    return binned or compares_with_usual(code_of(query)) or "bin(" in code_of(query)


_WARN, _NOTE = Severity.WARNING, Severity.NOTE
_ANSWERS: dict[str, tuple[Callable[[Query], bool], Severity, str]] = {
    "count": (counts, _WARN, "counts"),
    "count_by": (lambda q: counts(q) and _by_groups(q), _WARN, "counts by anything"),
    "distinct": (_by_groups, _NOTE, "makes a list without repeats"),
    "top": (_ranked, _WARN, "sorts and keeps the first"),
    "bottom": (_ranked, _WARN, "sorts and keeps the last"),
    "first_seen": (_first, _WARN, "looks for a first time"),
    "last_seen": (_last, _WARN, "looks for a last time"),
    "rare": (_rare, _WARN, "counts, so nothing can be rare"),
    "anomalous": (_unusual, _NOTE, "compares with what is usual"),
    "spike": (_over_time, _NOTE, "compares with the time before"),
    "trend": (_over_time, _NOTE, "goes over time"),
}
"""Output -> does the query produce it, how sure are we, and what is missing in words."""
