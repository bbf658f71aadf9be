"""Questions to queries: the plan behind them, in every language, and what stays open."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module

import pytest

from drafters.hunt.world import LANGUAGES, visible
from undersign.drafters.offline.hunt import ask
from undersign.errors import BadInput
from undersign.languages.question import link, read
from undersign.records.drafting import QueryDraft
from undersign.records.estate import Estate
from undersign.records.query import Query
from undersign.records.visible import Visible

NOW = datetime(2024, 5, 1, tzinfo=UTC)
QUESTIONS = (
    "show me unusual S3 GetObject patterns from non-corporate IPs in the last 24 hours",
    "find anomalous AssumeRole patterns where the source IP changed between authentication and "
    "the role-assumption call",
    "failed sign-ins per user and hour in the last 7 days",
    "top 10 users by failed sign-ins from external IPs",
    "users with more than 5 failed sign-ins within 10 minutes",
    "which users signed in from more than 3 different countries",
    "rare processes on weekends",
    "new countries users signed in from in the last 2 days",
    "a spike of failed sign-ins per user in the last day",
    "powershell processes started by winword.exe yesterday, except on SRV01",
    "sign-ins from 192.0.2.0/24 between 2024-01-01 and 2024-01-31",
    "how many users signed in today",
    "show TimeGenerated, AccountName and FileName of processes where the command line contains"
    ' "-enc" outside business hours',
    "sign-ins of a@example.org not from internal addresses",
    "the 5 latest ConsoleLogin calls",
    "when was DeleteTrail last called",
)


def draft(
    text: str, language: str = "kql", estate: Estate | None = None, seen: Visible | None = None
) -> QueryDraft:
    here = seen or visible(language)
    question = read(text)
    return ask(question, link(question, here), here, language, estate)


def bound(made: QueryDraft) -> Query:
    reader = import_module(f"undersign.languages.{made.language}")
    query: Query = reader.bind(made.text, visible(made.language))
    return query


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", QUESTIONS)
def test_every_draft_binds_and_translates(text: str, language: str) -> None:
    made = draft(text, language)
    query = bound(made)
    assert not query.problems, (made.text, query.problems)
    translator = import_module(f"undersign.telemetry.translate.{language}")
    assert translator.translate(query, visible(language), NOW).sql


def test_the_first_question_of_the_seed() -> None:
    made = draft(QUESTIONS[0], estate=Estate(corporate=("203.0.113.0/24",)))
    assert 'EventName == "GetObject"' in made.text
    assert 'EventSource == "s3.amazonaws.com"' in made.text
    assert '"203.0.113.0/24"' in made.text and '"100.64.0.0/10"' in made.text
    assert "EventsBefore" in made.text
    assert made.text.rstrip().count("by UserIdentityArn, SourceIpAddress") == 1
    assert any("unusual is read as" in q for q in made.open_questions)
    assert any("services" in q for q in made.open_questions)
    assert not made.unused_words


def test_without_corporate_ranges_the_draft_says_so() -> None:
    made = draft(QUESTIONS[0])
    assert any("no corporate ranges" in q for q in made.open_questions)


def test_the_second_question_of_the_seed() -> None:
    made = draft(QUESTIONS[1])
    assert 'EventName in ("ConsoleLogin", "GetCallerIdentity")' in made.text
    assert '"AssumeRole"' in made.text and '"AssumeRoleWithSAML"' in made.text
    assert "CreateLoginProfile" not in made.text
    assert "FirstSourceIpAddress != SecondSourceIpAddress" in made.text
    assert "SecondTime > FirstTime" in made.text
    assert any("authentication" in q for q in made.open_questions)


def test_a_failure_is_what_the_table_calls_it() -> None:
    assert 'ResultType != "0"' in draft("failed sign-ins in the last day").text
    assert "isnotempty(ErrorCode)" in draft("failed cloudtrail calls in the last day").text


def test_a_value_never_seen_is_used_as_written_and_asked_about() -> None:
    made = draft("DeleteTrail calls in aws in the last day")
    assert 'EventName == "DeleteTrail"' in made.text
    assert any("never seen" in q for q in made.open_questions)


def test_names_come_from_the_workspace_and_words_that_shape_nothing_are_told() -> None:
    made = draft("sign-ins with a flurble in the last day")
    assert "flurble" in made.unused_words
    assert "flurble" not in made.text


def test_nothing_known_is_refused() -> None:
    with pytest.raises(BadInput, match="names a table"):
        draft("lorem ipsum dolor")
    with pytest.raises(BadInput, match="no tables"):
        draft("failed sign-ins", seen=Visible("kql", {}))


HOSTILE = (
    'sign-ins of user "x\\" | take 1 //" today',
    "sign-ins from app 'a'; drop table x; --' in the last day",
    "processes with command line containing \"`| externaldata(x:string)[@'h']`\"",
    'processes where the file name is "a\u2028b\nc" in the last day',
    'sign-ins from app "][ ] | search *"',
    'processes where the command line contains "\'] | delete index=*"',
    'processes where the command line contains "\\" today',
    'sign-ins from app "\' OR 1=1 UNION SELECT * FROM duckdb_secrets() --"',
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_never_leaves_its_quotes(text: str, language: str) -> None:
    made = draft(text, language)
    query = bound(made)
    assert not query.problems, (made.text, query.problems)
    keywords = {stage.keyword for stage in query.main.stages}
    assert keywords <= {
        "where",
        "search",
        "from",
        "take",
        "head",
        "select",
        "table",
        "distinct",
        "limit",
    }
    assert all(source.kind in ("table", "events") for source in query.main.sources)
