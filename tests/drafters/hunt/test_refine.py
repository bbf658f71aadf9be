"""Edits of queries: what the instruction speaks of changes, the rest stays byte for byte."""

from __future__ import annotations

from importlib import import_module

import pytest

from drafters.hunt.world import LANGUAGES, visible
from undersign.drafters.offline.hunt import refine
from undersign.errors import BadInput
from undersign.languages.question import link, read
from undersign.records.drafting import QueryDraft
from undersign.records.query import Query

QUERIES = {
    "kql": "AWSCloudTrail\n| where TimeGenerated > ago(7d) // a week\n"
    '| where EventName == "GetObject"\n| summarize n = count() by SourceIpAddress\n| take 20\n',
    "spl": 'search sourcetype="AWSCloudTrail" earliest=-7d\n| where EventName="GetObject"\n'
    "| stats count by SourceIpAddress\n| head 20\n",
    "sql": 'SELECT "SourceIpAddress", count(*) AS n\nFROM "AWSCloudTrail"\n'
    "WHERE \"TimeGenerated\" > now() - INTERVAL '7 day'\n  AND \"EventName\" = 'GetObject'\n"
    'GROUP BY "SourceIpAddress"\nLIMIT 20\n',
}


def bind(language: str, text: str) -> Query:
    query: Query = import_module(f"undersign.languages.{language}").bind(text, visible(language))
    return query


def edit(language: str, instruction: str, text: str | None = None) -> QueryDraft:
    text = QUERIES[language] if text is None else text
    here, asked = visible(language), read(instruction)
    return refine(text, bind(language, text), asked, link(asked, here), here, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_narrow_to_non_corporate(language: str) -> None:
    made = edit(language, "narrow that to non-corporate IPs only")
    (added,) = made.added
    assert "SourceIpAddress" in added and "10" in added
    assert not made.removed and not made.changed
    assert made.text.replace(added, "", 1).split() != QUERIES[language].split()
    for line in QUERIES[language].splitlines():
        assert line in made.text
    assert not bind(language, made.text).problems


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_is_replaced_in_place(language: str) -> None:
    made = edit(language, "only the last 3 days")
    ((before, after),) = made.changed
    assert "7" in before and "3" in after
    assert made.text == QUERIES[language].replace(before, after)
    assert not bind(language, made.text).problems


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_limit_is_replaced(language: str) -> None:
    made = edit(language, "top 5")
    assert made.text == QUERIES[language].replace("20", "5")


@pytest.mark.parametrize("language", LANGUAGES)
def test_exclude_an_address(language: str) -> None:
    made = edit(language, "exclude 198.51.100.7")
    (added,) = made.added
    assert "198.51.100.7" in added
    assert not bind(language, made.text).problems


@pytest.mark.parametrize("language", LANGUAGES)
def test_remove_a_filter(language: str) -> None:
    made = edit(language, "remove the filter on the event name")
    assert len(made.removed) == 1 and "GetObject" in made.removed[0]
    assert "GetObject" not in made.text
    assert not bind(language, made.text).problems


def test_change_a_value() -> None:
    made = edit("kql", "change the event name to PutObject instead")
    assert 'EventName == "PutObject"' in made.text
    assert made.changed and not made.added


def test_what_cannot_be_placed_leaves_the_query_as_it_is() -> None:
    made = edit("kql", "make it more wobbly")
    assert made.text == QUERIES["kql"]
    assert any("unchanged" in q for q in made.open_questions)
    assert "wobbly" in made.unused_words


def test_a_query_without_filters_gets_its_first() -> None:
    assert edit("kql", "only GetObject", "AWSCloudTrail | take 3").text == (
        'AWSCloudTrail | where EventName == "GetObject" | take 3'
    )
    made = edit("sql", "only GetObject", 'SELECT * FROM "AWSCloudTrail" LIMIT 3')
    assert not bind("sql", made.text).problems
    assert made.text.index("WHERE") < made.text.index("LIMIT")


def test_both_sides_of_a_sequence_are_narrowed_and_said_so() -> None:
    text = (
        "let a = AWSCloudTrail\n    | where EventName == 'x'\n    | project UserIdentityArn, "
        "SourceIpAddress;\na\n| join kind=inner (AWSCloudTrail | where EventName == 'y') "
        "on UserIdentityArn\n"
    )
    made = edit("kql", "external IPs only", text)
    assert len(made.added) == 2
    assert not bind("kql", made.text).problems
    assert any("2 times" in q for q in made.open_questions)


def test_an_unreadable_query_is_not_edited() -> None:
    with pytest.raises(BadInput):
        edit("kql", "top 5", 'AWSCloudTrail | where EventName == "')
