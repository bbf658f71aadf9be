"""Words of a calendar: placed by every writer alike, or said to be left open."""

from __future__ import annotations

from importlib import import_module

import pytest

from undersign.drafters.offline.hunt.ask import ask
from undersign.drafters.offline.hunt.place import PLACED
from undersign.languages.question import link, read
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

COLUMNS = (VisibleColumn("TimeGenerated", "timestamp"), VisibleColumn("UserId"))
SEEN = Visible(
    "kql",
    {
        "OfficeActivity": VisibleTable(
            "OfficeActivity", {c.name: c for c in COLUMNS}, "TimeGenerated"
        )
    },
)


@pytest.mark.parametrize("writer", ["kql_terms", "write_spl", "write_sql"])
def test_every_writer_places_the_same_words(writer: str) -> None:
    module = import_module(f"undersign.drafters.offline.hunt.{writer}")
    assert set(module._CALENDAR) == PLACED


@pytest.mark.parametrize("words", ["since monday", "last night"])
def test_a_time_that_cannot_be_placed_is_asked_for(words: str) -> None:
    question = read(f"OfficeActivity events {words}")
    assert question.window is not None
    draft = ask(question, link(question, SEEN), SEEN, "kql", None)
    assert "TimeGenerated" not in draft.text
    assert any(words in one for one in draft.open_questions)
