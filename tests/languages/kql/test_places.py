"""Spans name the very characters: through emoji, tabs, CRLF and NULs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.languages import kql
from undersign.languages.kql.places import Places
from undersign.records.artifact import Span
from undersign.records.query import Comparison, Stage, comparisons


def cut(text: str, span: Span) -> str:
    """Return what a span covers, the slow and obvious way."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
    end = sum(len(line) + 1 for line in lines[: span.end_line - 1]) + span.end_column - 1
    return text[start:end]


def spanned(noun: Any) -> Iterator[Any]:
    """Yield every noun with a span below this one."""
    if is_dataclass(noun):
        if hasattr(noun, "span"):
            yield noun
        for field in fields(noun):
            yield from spanned(getattr(noun, field.name))
    elif isinstance(noun, tuple):
        for inner in noun:
            yield from spanned(inner)
    elif isinstance(noun, dict):
        for inner in noun.values():
            yield from spanned(inner)


words = st.text(
    st.characters(blacklist_characters="'\\\"\n\r\0\u2028\u2029\x85", blacklist_categories=("Cs",)),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(words, words, st.sampled_from(["\n", "\r\n", " ", "\t", " // 🙂\n"]))
def test_spans_are_exact(first: str, second: str, gap: str) -> None:
    text = (
        f"T{gap}| where a == '{first}' and b has '{second}'{gap}| project c = strcat(a, '{first}')"
    )
    query = kql.parse(text)
    assert query.problems == ()
    found = list(comparisons(query.main.stages[0].condition))
    assert [c.values[0].text for c in found] == [f"'{first}'", f"'{second}'"]
    assert [c.values[0].value for c in found] == [first, second]
    assert cut(text, query.main.sources[0].span) == "T"
    for noun in spanned(query.main):
        if isinstance(noun, Stage | Comparison):
            assert cut(text, noun.span) == noun.text
    assert [cut(text, span) for _, span in query.functions] == ["strcat"]
    assert cut(text, query.main.stages[1].assigned[0].span) == f"c = strcat(a, '{first}')"


@given(st.text(max_size=30))
def test_offsets_go_there_and_back(text: str) -> None:
    places = Places(text)
    if places.widened:
        return
    assert [places.character(places.unit(i)) for i in range(len(text) + 1)] == list(
        range(len(text) + 1)
    )
    assert places.unit(len(text)) == len(text.encode("utf-16-le", "surrogatepass")) // 2
