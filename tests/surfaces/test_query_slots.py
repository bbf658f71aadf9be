"""From slots to a query draft and to a summary: what is asked about, and what is struck."""

from __future__ import annotations

from surfaces.replies_world import query_slots
from undersign.languages import sql
from undersign.surfaces.hunt.query_slots import QueryFacts, edited, query_draft, query_text
from undersign.surfaces.hunt.summary_slots import counted_summary, summed
from undersign.workflow.replies import prose, unstated, unused

FACTS = QueryFacts("replay:x", "sql", "failed logons of alice in the last day", stated=("4625",))
ROWS = [
    {"user": "alice", "failures": 48, "address": "192.0.2.7"},
    {"user": "bob", "failures": 3, "address": "192.0.2.7"},
]


def _draft(text: str) -> tuple[str, ...]:
    slots = query_slots(text)
    return query_draft(slots, sql.parse(query_text(slots)), FACTS).open_questions


def test_constants_must_be_stated_somewhere() -> None:
    known = "SELECT * FROM t WHERE user = 'alice' AND event_id = 4625"
    assert _draft(known) == ()
    asked = _draft(known + " AND host = 'DC99'")
    assert len(asked) == 1 and "'DC99'" in asked[0]
    assert len(_draft("SELECT * FROM t WHERE user = 'ali' OR n > 46")) == 2


def test_an_edit_tells_its_filters_apart() -> None:
    before = sql.parse("SELECT * FROM t WHERE a = 1 AND b = 2 AND c = 3")
    after = sql.parse("SELECT * FROM t WHERE a = 1 AND b = 5 AND d = 4")
    draft = query_draft(query_slots(after.text), after, FACTS)
    told = edited(draft, before, after)
    assert told.changed == (("b = 2", "b = 5"),)
    assert (told.added, told.removed) == (("d = 4",), ("c = 3",))


def test_values_are_looked_up_as_whole_words() -> None:
    assert unstated(["7"], ["17 and 7.5"], []) != ()
    assert unstated(["7", "*svc*", True, None, ""], ["7 svc"], []) == ()
    many = unstated(range(100, 130), [""], [])
    assert len(many) == 11 and many[-1].startswith("20 more")


def test_prose_is_never_live() -> None:
    text = "see https://evil.example.org/?x ![a](http://b) <img src=x> www.evil.test\x1b[31m\n- b"
    shown = prose(text)
    assert "://" not in shown and "](" not in shown and "<img" not in shown and "![" not in shown
    assert "\x1b" not in shown and "\n" not in shown and "www.e" not in shown


def test_unused_words_are_words_of_the_question() -> None:
    slots = query_slots("x", unused_words=["alice", "sign this"])
    assert unused(slots, FACTS.question) == ("alice",)


def test_a_summary_keeps_what_the_rows_show() -> None:
    def claim(text: str, rows: list[int], values: list[str]) -> dict[str, object]:
        return {"text": text, "rows": rows, "values": values}

    true = claim("alice failed 48 times", [1], ["alice", "48"])
    told = summed({"claims": [true]}, ROWS, 2)
    assert told.text() == "- alice failed 48 times [r1]"
    for false in (
        claim("eve failed", [1], ["eve"]),
        claim("alice failed 49 times", [1], ["alice"]),
        claim("carol failed", [3], ["alice"]),
        claim("alice failed", [2], ["alice"]),
    ):
        told = summed({"claims": [true, false]}, ROWS, 2)
        assert (len(told.claims), told.struck) == (1, 1), false
        assert "struck" in told.text()


def test_rows_are_summed_up_offline_by_what_they_share() -> None:
    told = counted_summary(ROWS, 2)
    assert told == "- 2 rows\n- address is `192.0.2.7` in every row [r1, r2]"
    assert counted_summary([], 0) == "- 0 rows"
