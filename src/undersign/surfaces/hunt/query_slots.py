"""The slots of a reply -> a query draft. The text is only kept here; the language rooms read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from undersign.records.drafting import QueryDraft
from undersign.records.query import And, Condition, Not, Opaque, Or, Query, comparisons
from undersign.workflow.replies import questions, unstated, unused

_QUOTED = re.compile(r"\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'")
_STATED_KINDS = ("string", "long", "double")


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What a query draft is made of besides the slots."""

    drafter: str
    language: str
    question: str
    """Question or instruction: what the words of the reply are held against."""
    sources: tuple[str, ...] = ()
    """Where names and values that were shown come from."""
    stated: tuple[str, ...] = ()
    """Texts a value may come from: question, estate, values really seen, the first try."""


def query_text(slots: Mapping[str, Any]) -> str:
    """Return the query as it was answered, newlines made one kind."""
    text: str = slots["query"]
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"


def query_draft(slots: Mapping[str, Any], query: Query, facts: QueryFacts) -> QueryDraft:
    """Make the draft of a query that was parsed from `query_text`."""
    asked = questions(slots, facts.drafter)
    invented = unstated(literals(query), (facts.question, *facts.stated), slots["value_reasons"])
    return QueryDraft(
        text=query.text,
        language=facts.language,
        understood={},
        open_questions=tuple(dict.fromkeys((*asked, *invented))),
        unused_words=unused(slots, facts.question),
        sources=facts.sources,
    )


def edited(draft: QueryDraft, before: Query, after: Query) -> QueryDraft:
    """Say what an edit changed: filters that are new, gone, or about a column that had another."""
    old, new = dict(_filters(before)), dict(_filters(after))
    added = [text for text in new if text not in old]
    removed = [text for text in old if text not in new]
    changed = []
    for text in list(removed):
        twin = next((t for t in added if new[t] and new[t] == old[text]), None)
        if twin is not None:
            changed.append((text, twin))
            removed.remove(text)
            added.remove(twin)
    return replace(draft, added=tuple(added), removed=tuple(removed), changed=tuple(changed))


def literals(query: Query) -> Iterator[object]:
    """Yield every text and number that the query's filters compare with, in order."""
    for condition in _conditions(query):
        for one in comparisons(condition):
            yield from (v.value for v in one.values if v.kind in _STATED_KINDS)
        for opaque in _opaque(condition):
            yield from (a or b for a, b in _QUOTED.findall(opaque.text))


def _filters(query: Query) -> Iterator[tuple[str, str]]:
    """Yield every filter as it is written, with the column it is about."""
    for condition in _conditions(query):
        yield from ((one.text, one.column.lower()) for one in comparisons(condition))
        yield from ((one.text, "") for one in _opaque(condition))


def _conditions(query: Query) -> Iterator[Condition]:
    for pipeline in query.pipelines():
        yield from (stage.condition for stage in pipeline.stages if stage.condition)


def _opaque(condition: Condition) -> Iterator[Opaque]:
    if isinstance(condition, Opaque):
        yield condition
    elif isinstance(condition, And | Or):
        for child in condition.children:
            yield from _opaque(child)
    elif isinstance(condition, Not):
        yield from _opaque(condition.child)
