"""Whatever a question quotes stays a literal: the draft has the stages of a harmless one."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from drafters.hunt.world import LANGUAGES, visible
from undersign.drafters.offline.hunt import ask, refine
from undersign.languages.question import link, read
from undersign.records.query import Query, comparisons

QUOTES = (("'", "'"), ('"', '"'))
TEMPLATES = (
    "processes where the command line contains {} in the last day",
    "processes where the file name is {}",
    "top 3 hosts by processes where the command line is not {}",
)
_SOUP = st.text(
    st.one_of(st.sampled_from("'\"`|;\\/*-()[]{}$%=<>&,.#@! \n\r\t"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=24,
)
_PIECES = st.sampled_from(
    ["| take 1", "'; DROP TABLE x --", '" or true //', "`m(1)`", "\\", "*/", "}}", "[ search * ]"]
)
HOSTILE = st.lists(st.one_of(_SOUP, _PIECES), min_size=1, max_size=3).map("".join)


def _query(language: str, text: str) -> Query:
    query: Query = import_module(f"undersign.languages.{language}").bind(text, visible(language))
    return query


def _shape(query: Query) -> list[tuple[str, ...]]:
    """Return all that a literal must not change: sources, stages, columns compared."""
    sources = [(s.kind, s.table or "") for s in query.main.sources]
    stages = [
        (s.kind, s.keyword, *(c.column for c in comparisons(s.condition)))
        for s in query.main.stages
    ]
    return [*sources, *stages]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(template=st.sampled_from(TEMPLATES), quotes=st.sampled_from(QUOTES), literal=HOSTILE)
@example(template=TEMPLATES[0], quotes=QUOTES[1], literal="' | take 1 //")
@example(template=TEMPLATES[1], quotes=QUOTES[0], literal='x" ] | outputlookup y')
@example(template=TEMPLATES[0], quotes=QUOTES[0], literal="a\\")
def test_a_quoted_text_stays_a_literal(
    language: str, template: str, quotes: tuple[str, str], literal: str
) -> None:
    here = visible(language)
    question = read(template.format(quotes[0] + literal + quotes[1]))
    harmless = read(template.format("'qqzzx'"))
    made = ask(question, link(question, here), here, language, None)
    query = _query(language, made.text)
    assert not query.problems, (made.text, query.problems)
    if [v.value for v in question.values] == [literal]:
        # The question was read as the same question: so its query differs by the literal alone.
        plain = ask(harmless, link(harmless, here), here, language, None)
        assert _shape(query) == _shape(_query(language, plain.text)), made.text


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(literal=HOSTILE)
@example(literal='" | take 1')
def test_an_edit_adds_a_literal_and_nothing_else(language: str, literal: str) -> None:
    here = visible(language)
    first = read("processes on SRV01 in the last day")
    text = ask(first, link(first, here), here, language, None).text
    more = read(f"only where the command line contains '{literal}'")
    made = refine(text, _query(language, text), more, link(more, here), here, None)
    query = _query(language, made.text)
    assert not query.problems, (made.text, query.problems)
    assert [(s.kind, s.table) for s in query.main.sources] == [
        (s.kind, s.table) for s in _query(language, text).main.sources
    ]
    rest = made.text
    for added in made.added:
        assert added in rest
        rest = rest.replace(added, "", 1)
    if not made.added and not made.changed:
        assert made.text == text
