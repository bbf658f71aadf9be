"""The check `case-slip`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_filters import Filter, filters, seen_column
from undersign.checks.reading.stage_rows import probe_at
from undersign.checks.reading.wording import listed, plural, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.question import Question
from undersign.records.visible import Visible

_FOLDED = {
    "kql": "use =~ or in~, or write it as it is logged",
    "spl": "compare lower(...) on both sides, or write it as it is logged",
    "sql": "use ILIKE or compare lower(...), or write it as it is logged",
}
_FOLDING = frozenset({"tolower", "toupper", "lower", "upper"})


def case_slip(
    query: Query, visible: Visible | None, run: QueryRun | None, question: Question | None
) -> Iterator[Fault]:
    """Report a comparison in which case counts, with a value that occurs in another case."""
    for one in filters(query):
        if not one.comparison.case_sensitive or one.comparison.op not in ("==", "!=", "in"):
            continue
        if _FOLDING & set(one.comparison.functions):
            yield from _folded(one)
            continue
        yield from (
            _counted(query, one, run) or _seen(one, visible) or _written(query, one, question)
        )


def _folded(one: Filter) -> Iterator[Fault]:
    """Report `tolower(x) == "ABC"`, which can never hold."""
    lower = {"tolower", "lower"} & set(one.comparison.functions)
    for text in one.texts:
        if text != (text.lower() if lower else text.upper()):
            yield Fault(
                f"{quoted(one.comparison.text)} can never hold: the left side is all"
                f" {'lower' if lower else 'upper'} case",
                one.comparison.span,
                {"value": text},
                f"write {quoted(text.lower() if lower else text.upper())}",
                Severity.ERROR,
            )


def _counted(query: Query, one: Filter, run: QueryRun | None) -> list[Fault]:
    probe = probe_at(run, one.comparison.span)
    if probe is None or probe.any_case is None:
        return []
    more = abs(probe.any_case - probe.matches)
    if not more:
        return []
    text = quoted(one.comparison.text)
    message = (
        f"{text} fits {plural(probe.matches, 'row')}; {more:,} more differ in nothing but case"
    )
    if one.excludes:
        message = f"{text} keeps {plural(more, 'row')} that differ from it in nothing but case"
    return [
        Fault(
            message,
            one.comparison.span,
            {"exact": probe.matches, "any_case": probe.any_case},
            _FOLDED[query.language],
        )
    ]


def _seen(one: Filter, visible: Visible | None) -> list[Fault]:
    column = seen_column(one.comparison, visible) if visible else None
    if column is None:
        return []
    slips = {}
    for text in one.texts:
        other = [e for e in column.examples if e.lower() == text.lower() and e != text]
        if other and text not in column.examples:
            slips[text] = other
    if not slips:
        return []
    real = [quoted(o[0]) for o in slips.values()]
    return [
        Fault(
            f"{listed(map(quoted, slips))} was never seen in {quoted(column.name)},"
            f" {listed(real)} was",
            one.comparison.span,
            {"written": list(slips), "seen": [o[0] for o in slips.values()]},
            f"write {listed(real)}",
        )
    ]


def _written(query: Query, one: Filter, question: Question | None) -> list[Fault]:
    """Look for the value in another case in the question or elsewhere in the same query."""
    for text in one.texts:
        if len(text) < 4 or not any(c.isalpha() for c in text):
            continue
        for said, where in ((question.text if question else "", "question"), *_others(query, one)):
            other = _in_other_case(text, said)
            if other:
                return [
                    Fault(
                        f"the {where} writes {quoted(other)}; {quoted(one.comparison.text)}"
                        " compares case",
                        one.comparison.span,
                        {"written": text, "other": other, "where": where},
                        _FOLDED[query.language],
                        Severity.NOTE,
                    )
                ]
    return []


def _others(query: Query, one: Filter) -> Iterator[tuple[str, str]]:
    for other in filters(query):
        if other.comparison.span != one.comparison.span and other.comparison.column:
            yield from ((t, "same query") for t in other.texts)


def _in_other_case(text: str, said: str) -> str | None:
    pattern = rf"(?<![\w.-]){re.escape(text)}(?![\w-])"
    found = re.findall(pattern, said, re.IGNORECASE)
    mixed = [f for f in found if f != text]
    if not mixed or text in found:
        return None
    # An ordinary word opens a sentence with a capital; a name has its case within it.
    plain = all(f.lower() == f or f.capitalize() == f for f in (text, mixed[0]))
    return None if plain and " " not in text and not re.search(r"[\d_.\-]", text) else mixed[0]
