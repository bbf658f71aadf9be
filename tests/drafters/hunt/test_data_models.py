"""Searches over data sets of the CIM: they are no sourcetypes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from undersign.drafters.offline.hunt import ask
from undersign.languages.question import link, read
from undersign.languages.spl import bind
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.translate.spl import translate

NAME = "Authentication.Authentication"
LOGONS = VisibleTable(
    NAME,
    {
        "_time": VisibleColumn("_time", "timestamp"),
        "user": VisibleColumn("user"),
        "src": VisibleColumn("src"),
        "action": VisibleColumn("action", examples=("success", "failure")),
    },
    time="_time",
    rows=9,
    roles={"user": ("user",), "source_address": ("src",), "result": ("action",)},
    words=("logon",),
)
HERE = Visible("spl", {NAME: LOGONS})


@pytest.mark.parametrize(
    "text",
    [
        "how many failed logons per user in the last day",
        "failed logons between 2024-01-01 and 2024-01-31",
        "logons yesterday",
        "unusual logons in the last day",
        "a spike of failed logons in the last day",
        "top 5 users by failed logons",
    ],
)
def test_a_data_set_is_read_from_its_model_in_the_time_asked_about(text: str) -> None:
    question = read(text)
    made = ask(question, link(question, HERE), HERE, "spl", None)
    assert "sourcetype" not in made.text
    query = bind(made.text, HERE)
    assert not query.problems, (made.text, query.problems)
    assert [(s.kind, s.table) for s in query.main.sources] == [("datamodel", NAME)]
    assert ("_time>=" in made.text) == (question.window is not None or "spike" in text)
    assert translate(query, HERE, datetime(2024, 5, 1, tzinfo=UTC)).sql
