"""ask, refine, check of queries, draft and baseline of queries, as typed at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from faces.cli_runner import Terminal

QUESTION = "how many failed logons per user in the last 24 hours"
FAILED = """\
SecurityEvent
| where EventID == 4625
| summarize Events = count() by TargetUserName
"""


def test_the_answer_comes_in_the_order_in_which_it_is_read(workspace: Terminal) -> None:
    ran = workspace("ask", QUESTION, "--as-of", "latest", "--limit", "100")
    assert ran.code == 0
    places = [
        ran.out.index(text)
        for text in (QUESTION, "kql by offline", "every check ran", "█", "rows (", "not journalled")
    ]
    assert places == sorted(places)


def test_ask_has_the_shape_of_the_contract(workspace: Terminal) -> None:
    told = workspace("ask", QUESTION, "--as-of", "latest", "--limit", "100", "--json").json
    assert {
        "question", "language", "query", "drafter", "critique", "not_run", "stages", "columns",
        "rows", "unused_words", "hunt", "snapshot", "as_of", "truncated",
    } <= set(told)  # fmt: skip
    assert told["hunt"] is None
    assert told["summary"] is None
    assert [s["rows"] for s in told["stages"]] == sorted(
        (s["rows"] for s in told["stages"]), reverse=True
    )
    assert len(told["rows"]) == told["stages"][-1]["rows"]
    assert sum(row[-1] for row in told["rows"]) == told["stages"][-2]["rows"]


def test_only_so_many_rows_are_shown_and_all_are_journalled(workspace: Terminal) -> None:
    assert workspace("hunt", "new", "Guessing").code == 0
    told = workspace("ask", QUESTION, "--as-of", "latest", "--limit", "1", "--json").json
    assert (len(told["rows"]), told["truncated"], told["entry"]) == (1, True, 1)
    kept = workspace("hunt", "show", "--json").json
    assert kept["entries"][0]["shown"]["rows"] == told["stages"][-1]["rows"]
    again = workspace("hunt", "rerun", "--json")
    assert again.code == 0
    assert {one["outcome"] for one in again.json["reruns"]} == {"same"}


def test_refine_edits_the_last_query_and_tells_what_changed(workspace: Terminal) -> None:
    first = workspace("ask", QUESTION, "--as-of", "latest", "--json").json
    told = workspace("refine", "only from external IPs", "--as-of", "latest", "--json").json
    assert told["before"] == first["query"]
    assert told["added"] and not told["removed"] and not told["changed"]
    for line in first["query"].splitlines():
        assert line in told["query"]
    assert told["question"].startswith(QUESTION)


def test_refine_needs_something_to_edit(workspace: Terminal) -> None:
    ran = workspace("refine", "only from external IPs")
    assert ran.code == 2
    assert "nothing was asked here yet" in ran.err


@pytest.mark.parametrize("words", [("ask", ""), ("ask", "  "), ("refine", " ")])
def test_an_empty_sentence_is_no_question(workspace: Terminal, words: tuple[str, str]) -> None:
    ran = workspace(*words)
    assert ran.code == 2
    assert "empty" in ran.err


def test_an_unknown_drafter_is_named(workspace: Terminal) -> None:
    ran = workspace("ask", QUESTION, "--with", "nobody:at-all")
    assert ran.code == 2
    assert "nobody:at-all" in ran.err and "offline" in ran.err


def test_check_holds_a_query_file_against_its_question(workspace: Terminal) -> None:
    Path("mine.kql").write_text(FAILED)
    ran = workspace("check", "mine.kql", "--question", f"{QUESTION} by EventIDD", "--json")
    (artifact,) = ran.json["artifacts"]
    said = {o["check"]: o["status"] for o in artifact["outcomes"]}
    assert said["missing-window"] == "found"
    assert said["unknown-field"] == "clean"
    silent = workspace("check", "mine.kql", "--json").json["artifacts"][0]
    reasons = {o["check"]: o.get("reason") for o in silent["outcomes"]}
    assert "--question" in (reasons["missing-window"] or "")


def test_check_of_a_query_says_what_it_did_on_history(workspace: Terminal) -> None:
    Path("none.kql").write_text("SecurityEvent\n| where EventID == 99\n| take 5\n")
    ran = workspace("check", "none.kql", "--json")
    found = {o["check"]: o for o in ran.json["artifacts"][0]["outcomes"] if o["findings"]}
    assert "removes-everything" in found
    assert found["removes-everything"]["findings"][0]["line"] == 2
    unrun = workspace("check", "none.kql", "--no-history", "--json").json["artifacts"][0]
    said = {o["check"]: o["status"] for o in unrun["outcomes"]}
    assert said["removes-everything"] == "not_run"


def test_a_drafted_query_is_checked_against_its_brief(workspace: Terminal) -> None:
    made = workspace("draft", "kql", "--brief", QUESTION, "--json").json
    assert made["path"].startswith("hunts/") and made["path"].endswith(".kql")
    ran = workspace("check", made["path"], "--json").json["artifacts"][0]
    asked = {o["check"]: o["status"] for o in ran["outcomes"]}
    assert asked["missing-window"] == "clean"
    assert ran["drafter"] == "offline"


def test_baseline_measures_a_query_like_a_rule(workspace: Terminal) -> None:
    Path("all.kql").write_text("SecurityEvent\n| where EventID == 4625\n")
    Path("back.kql").write_text(
        "SecurityEvent\n| where TimeGenerated > ago(1d)\n| where EventID == 4625\n"
    )
    Path("lost.kql").write_text("SecurityEvent\n| where NoSuchColumn == 1\n")
    ran = workspace("baseline", "all.kql", "back.kql", "lost.kql", "--json")
    rules = {r["path"]: r for r in ran.json["rules"]}
    assert rules["all.kql"]["status"] == "measured"
    assert rules["all.kql"]["matches"] == sum(rules["all.kql"]["per_day"].values()) > 0
    # The invented logs lie within one day, so a replay of that day sees the same events.
    assert sum(rules["back.kql"]["per_day"].values()) == rules["all.kql"]["matches"]
    assert "replayed" in rules["back.kql"]["missing"][0]
    assert rules["lost.kql"]["status"] == "unmeasured"
    assert "NoSuchColumn" in rules["lost.kql"]["missing"][0]
