"""The check `has-versus-contains`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_filters import Filter, filters, seen_column
from undersign.checks.reading.stage_rows import probe_at
from undersign.checks.reading.wording import plural, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.question import Question
from undersign.records.visible import Visible

_WHOLE_TERM = re.compile(r"[A-Za-z0-9]{4,}(?:[^A-Za-z0-9]+[A-Za-z0-9]{4,})*")
_TERM = re.compile(r"[A-Za-z0-9]+")


def has_versus_contains(
    query: Query, visible: Visible | None, run: QueryRun | None, question: Question | None
) -> Iterator[Fault]:
    """Report `has` that misses longer words, and `contains` where whole words would do."""
    for one in filters(query):
        if one.comparison.op == "has":
            yield from _misses(one, run) or _partial(one, visible) or _within(one, question)
        elif one.comparison.op == "contains" and query.language == "kql":
            yield from _would_do(one, visible)


def _misses(one: Filter, run: QueryRun | None) -> list[Fault]:
    probe = probe_at(run, one.comparison.span)
    if probe is None or probe.contains is None:
        return []
    more = abs(probe.contains - probe.matches)
    if not more:
        return []
    text = quoted(one.comparison.text)
    found = f"{text} finds whole words only: {plural(probe.matches, 'row')};"
    message = f"{found} {more:,} more hold it within a longer word"
    if one.excludes:
        message = f"{text} keeps {plural(more, 'row')} that hold it within a longer word"
    return [
        Fault(
            message,
            one.comparison.span,
            {"has": probe.matches, "contains": probe.contains, "rows": probe.rows},
            "use `contains` if these are meant too",
        )
    ]


def _partial(one: Filter, visible: Visible | None) -> list[Fault]:
    """Look for values really seen that hold the text, but never as a whole word."""
    column = seen_column(one.comparison, visible) if visible else None
    if column is None:
        return []
    for text in one.texts:
        holding = [e for e in column.examples if text.lower() in e.lower()]
        if holding and not any(_as_term(text, e) for e in holding):
            return [
                Fault(
                    f"{quoted(text)} is part of a longer word in every value seen, as in"
                    f" {quoted(holding[0])}; `has` finds whole words only",
                    one.comparison.span,
                    {"text": text, "seen": holding[:3]},
                    "use `contains` or the whole word",
                )
            ]
    return []


def _within(one: Filter, question: Question | None) -> list[Fault]:
    """Look for the text within a longer word of the question: `mimi` of mimikatz."""
    said = question.text if question else ""
    for text in one.texts:
        longer = re.search(rf"\w*{re.escape(text)}\w*", said, re.IGNORECASE)
        if longer and not _as_term(text, said):
            return [
                Fault(
                    f"the question says {quoted(longer.group())}; {quoted(one.comparison.text)}"
                    " finds whole words only",
                    one.comparison.span,
                    {"text": text, "said": longer.group()},
                    "use `contains` or the whole word",
                    Severity.NOTE,
                )
            ]
    return []


def _would_do(one: Filter, visible: Visible | None) -> Iterator[Fault]:
    column = seen_column(one.comparison, visible) if visible else None
    examples = column.examples if column else ()
    for text in one.texts:
        within = [e for e in examples if text.lower() in e.lower() and not _as_term(text, e)]
        if _WHOLE_TERM.fullmatch(text) and not within:
            yield Fault(
                f"{quoted(one.comparison.text)} also finds {quoted(text)} within longer words, and"
                " reads every value to do so",
                one.comparison.span,
                {"text": text, "seen": [e for e in examples if text.lower() in e.lower()][:3]},
                "use `has` if whole words are meant",
                Severity.NOTE,
            )
            return


def _as_term(text: str, value: str) -> bool:
    """Say whether the text stands in the value between characters that are no letter or digit."""
    start = r"(?<![A-Za-z0-9])" if _TERM.match(text) else ""
    end = r"(?![A-Za-z0-9])" if text[-1:].isalnum() else ""
    return re.search(f"{start}{re.escape(text)}{end}", value, re.IGNORECASE) is not None
