"""The check `literal-dropped`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_names import tables_read
from undersign.checks.reading.query_text import holds_literal, says
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Links, Question, Value
from undersign.records.visible import Visible

_NO_LITERAL = frozenset({"technique", "number"})
"""Said about a question, or covered by thresholds, and seldom found in a log."""
_SURE = frozenset({"address", "network", "email", "hash", "event_id", "registry", "path", "arn"})


_SHORTEST = 4
"""Characters from which on a value seen in the logs is looked for in the question."""


def literal_dropped(
    query: Query, question: Question, links: Links | None, visible: Visible | None
) -> Iterator[Fault]:
    """Report a value that the question names and the query does not hold."""
    columns = _names(query, links)
    if visible is not None:
        yield from _seen(query, question, visible, columns)
    for value in question.values:
        if (
            value.kind in _NO_LITERAL
            or value.value.lower() in columns
            or _said_aside(value, question)
        ):
            continue
        if any(holds_literal(query, form) for form in _forms(value)):
            continue
        severity = None if value.kind in _SURE else Severity.NOTE
        yield _fault(query, value, severity)


def _seen(
    query: Query, question: Question, visible: Visible, names: frozenset[str]
) -> Iterator[Fault]:
    """Look for values really seen in the tables that are read, among the question's words."""
    told = {v.value.lower() for v in question.values} | names
    asked = question.text.lower()
    for table in tables_read(query, visible):
        for column in visible.tables[table].columns.values():
            for value in column.examples:
                # Most values are not even part of the text: that is told apart first, and fast.
                if len(value) < _SHORTEST or value.isdigit() or value.lower() not in asked:
                    continue
                if value.lower() in told or not says(question.text, value):
                    continue
                told.add(value.lower())
                if not holds_literal(query, value):
                    yield Fault(
                        f"the question says {quoted(value)}, which {table}.{column.name} holds;"
                        " the query does not ask for it",
                        query.main.span,
                        {"value": value, "table": table, "column": column.name},
                        f"add a filter on {column.name}, if that is meant",
                        Severity.NOTE,
                    )


def _said_aside(value: Value, question: Question) -> bool:
    """Say whether the words are prose in quotes, or a link to where something was read."""
    if value.kind == "quoted":
        return len(value.value.split()) > 4 or len(value.value) > 60
    if value.kind not in ("url", "domain"):
        return False
    before = question.text[max(0, value.piece.start - 12) : value.piece.start].lower()
    return re.search(r"\b(?:to|from|of|url|host|domain|visited|contacted)\W*$", before) is None


def _fault(query: Query, value: Value, severity: Severity | None) -> Fault:
    verb = "excludes" if value.negated else "names"
    return Fault(
        f"the question {verb} {quoted(value.value)}; the query does not",
        query.main.span,
        {"value": value.value, "kind": value.kind},
        f"add a filter {'without' if value.negated else 'on'} {quoted(value.value)}",
        severity,
    )


def _forms(value: Value) -> Iterator[str]:
    yield value.value
    if value.kind in ("path", "file", "registry"):
        yield value.value.replace("\\", "/").rstrip("/").rpartition("/")[2].removesuffix(".exe")
    if value.kind == "network":
        yield value.value.partition("/")[0].removesuffix(".0")
    if value.kind in ("url", "email"):
        yield value.value.partition("://")[2] or value.value.partition("@")[2]


def _names(query: Query, links: Links | None) -> frozenset[str]:
    """Return words that name tables and columns; these are no values."""
    found = {s.name.lower() for p in query.pipelines() for s in p.sources}
    if links is not None:
        found |= {link.piece.text.lower() for link in (*links.tables, *links.columns)}
    return frozenset(found)
