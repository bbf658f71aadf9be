"""The check `literal-invented`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_filters import Filter, filters, seen_column
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Question
from undersign.records.visible import Visible

_KINDS = {
    "address": re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*", re.I),
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "hash": re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", re.I),
    "event_id": re.compile(r"\d{3,5}"),
}
_EVENT_ID = re.compile(r"event_?(?:id|code)|eventid", re.IGNORECASE)


def literal_invented(query: Query, question: Question, visible: Visible | None) -> Iterator[Fault]:
    """Report an address, account, hash or event id in a filter that the question does not name."""
    for one in filters(query):
        kind = _kind(one)
        if kind is None or one.excludes or one.comparison.op not in ("==", "in"):
            continue
        named = [v.value for v in question.values if v.kind == kind]
        if len(one.texts) > len(named) + 2:
            continue  # a list of indicators is data of its own
        for text in one.texts:
            if text.lower() in question.text.lower() or (not named and _seen(one, text, visible)):
                continue
            if not named and kind == "event_id":
                continue  # that 4625 is a failed logon is knowledge, not invention
            also = f"; it names {listed(map(quoted, named))}" if named else ""
            yield Fault(
                f"the query asks for {quoted(text)}, which the question does not name{also}",
                one.comparison.span,
                {"value": text, "kind": kind, "named": named},
                f"use {quoted(named[0])}" if named else "say where this value comes from",
                None if named else Severity.NOTE,
            )


def _kind(one: Filter) -> str | None:
    for kind, pattern in _KINDS.items():
        if one.texts and all(pattern.fullmatch(t) for t in one.texts):
            if kind == "event_id" and not _EVENT_ID.search(one.comparison.column):
                return None
            return kind
    return None


def _seen(one: Filter, text: str, visible: Visible | None) -> bool:
    column = seen_column(one.comparison, visible) if visible else None
    return column is not None and text in column.examples
