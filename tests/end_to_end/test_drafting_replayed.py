"""Drafting with a model from end to end, the model's answers read from files written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from faces.cli_runner import Terminal
from faces.conftest import day_of_logs, terminal, workspace

__all__ = ["day_of_logs", "terminal", "workspace"]

REPLIES = Path(__file__).with_name("replies")
BRIEF = (
    "detect Kerberoasting where a non-admin account requests TGS tickets for SPNs at high volume"
    " from a single workstation in a 30-minute window"
)
QUESTION = "how many failed logons per user in the last 24 hours"


def _with(name: str) -> tuple[str, str]:
    return "--with", f"replay:{REPLIES / name}"


def _entries(terminal: Terminal, kind: str) -> list[dict[str, Any]]:
    told = terminal("log", "show", "--json", "--limit", "1000").json
    entries = told["entries"] if isinstance(told, dict) else told
    return [e["body"] for e in entries if e["kind"] == kind]


def test_the_seeds_rule_is_drafted_checked_and_on_record(workspace: Terminal) -> None:
    ran = workspace("draft", "sigma", "--brief", BRIEF, *_with("kerberoasting.jsonl"), "--json")
    assert ran.code == 0, ran.err
    told = ran.json
    assert len(told["calls"]) == 1 and not told["repaired"]
    assert told["unused_words"] == ["non-admin"]
    assert workspace("test", told["path"]).code == 0
    checked = workspace("check", told["path"], "--json")
    assert checked.json["summary"]["errors"] == 0
    text = Path(told["path"]).read_text(encoding="utf-8")
    assert "from: history" in text, "the guess gave way to a number measured on the day of logs"
    steps = [e["step"] for e in _entries(workspace, "call")]
    assert steps == ["sending", "answered"]
    (entry,) = _entries(workspace, "draft")
    assert entry["calls"] == told["calls"]
    assert entry["findings"]["error"] == 0 and entry["invented"] == 0
    assert entry["seconds"] > 0 and entry["cost_usd"] is None and entry["tokens_in"] is None
    kept = workspace.folder / ".undersign" / "drafts" / entry["artifact_digest"]
    assert kept.read_text(encoding="utf-8") == text


def test_offline_drafts_are_recorded_alike(workspace: Terminal) -> None:
    assert workspace("draft", "sigma", "--brief", BRIEF).code == 0
    assert workspace("draft", "kql", "--brief", QUESTION).code == 0
    assert not _entries(workspace, "call")
    rule, query = _entries(workspace, "draft")
    for entry in (rule, query):
        assert (entry["drafter"], entry["calls"], entry["repaired"]) == ("offline", [], False)
        assert (entry["findings"]["error"], entry["invented"]) == (0, 0)
        assert (workspace.folder / ".undersign" / "drafts" / entry["artifact_digest"]).is_file()


def test_errors_are_sent_back_once(workspace: Terminal) -> None:
    told = workspace("draft", "sigma", "--brief", BRIEF, *_with("repaired.jsonl"), "--json").json
    assert told["repaired"]
    calls = _entries(workspace, "call")
    assert [(e["step"], e["attempt"]) for e in calls] == [
        ("sending", 1), ("answered", 1), ("sending", 2), ("answered", 2),
    ]  # fmt: skip
    (entry,) = _entries(workspace, "draft")
    assert entry["findings_before"]["error"] > 0 == entry["findings"]["error"]
    record = json.loads(Path(told["record"]).read_text(encoding="utf-8"))
    assert record["draft"]["repaired"] and record["draft"]["calls"] == told["calls"]


def test_a_question_is_answered_and_summed_up_after_its_rows(workspace: Terminal) -> None:
    assert workspace("hunt", "new", "Guessing").code == 0
    words = (QUESTION, "--as-of", "latest", "--limit", "100", "--summary")
    told = workspace("ask", *words, *_with("failed_logons.jsonl"), "--json").json
    assert sum(row[-1] for row in told["rows"]) == told["stages"][2]["rows"]
    assert told["summary"].startswith("- one account failed 48 times [r1]")
    assert "eve" not in told["summary"] and "struck" in told["summary"]
    assert not [f for f in told["critique"] if f["check"] == "unsupported-summary"]
    (entry,) = _entries(workspace, "draft")
    assert entry["subject"] == f"{told['hunt']}#1"
    assert len(entry["calls"]) == 2
    ran = workspace("ask", *words, *_with("failed_logons.jsonl"))
    assert ran.out.index("48") < ran.out.index("not evidence")


def test_rows_that_the_policy_keeps_here_are_shown_and_not_summed_up(workspace: Terminal) -> None:
    policy = workspace.folder / "policy.yml"
    text = policy.read_text(encoding="utf-8")
    assert "classes: [confidential, source-code, opaque-binary]," in text
    kept = text.replace(
        "classes: [confidential, source-code, opaque-binary],", "classes: [opaque-binary],"
    )
    policy.write_text(kept, encoding="utf-8")
    ran = workspace(
        "ask", QUESTION, "--as-of", "latest", "--summary", *_with("failed_logons.jsonl"), "--json"
    )
    assert ran.code == 3
    assert ran.json["rows"] and ran.json["summary"] is None
    assert "confidential" in ran.json["summary_refused"]
    assert [e["step"] for e in _entries(workspace, "call")] == ["sending", "answered", "refused"]


def test_a_refused_drafter_sends_nothing_and_writes_nothing(workspace: Terminal) -> None:
    mark = workspace.folder / "ran"
    brief = "detect the password hunter2hunter2 in Kerberoasting, api_key = " + "a1B2c3D4e5F6g7H8"
    (workspace.folder / "policy.yml").write_text(
        "format: undersign/policy/v1\ndrafters: {none: [offline]}\npurposes: {detect: Rules.}\n"
        "rules:\n"
        "  - {id: a, drafters: [none], classes: all, purposes: all, ruling: allow, why: x.}\n",
        encoding="utf-8",
    )
    ran = workspace("draft", "sigma", "--brief", brief, "--with", f"command:touch {mark}")
    assert ran.code == 3
    assert not mark.exists() and not list((workspace.folder / "rules").glob("*.yml"))
    assert [e["step"] for e in _entries(workspace, "call")] == ["refused"]


def test_what_a_hosted_drafter_was_asked_is_asked_of_its_recording(
    workspace: Terminal, tmp_path: Path
) -> None:
    """The packaged policy shows a recording, which is local, values that no hosted drafter sees."""
    reply = (REPLIES / "failed_logons.jsonl").read_text().splitlines()[0]
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(json.loads(reply)["reply"]))
    tape = tmp_path / "tape.jsonl"
    words = ("ask", QUESTION, "--as-of", "latest", "--json")
    first = workspace(*words, "--with", f"command:cat {answer}", "--record", tape)
    assert first.code == 0, first.err
    again = workspace(*words, "--with", f"replay:{tape}")
    assert again.code == 0, again.err
    assert again.json["query"] == first.json["query"]


@pytest.mark.parametrize("verb", ["draft", "ask"])
def test_what_is_recorded_answers_again(workspace: Terminal, verb: str) -> None:
    file, words = {
        "draft": ("kerberoasting.jsonl", ("draft", "sigma", "--brief", BRIEF)),
        "ask": ("failed_logons.jsonl", ("ask", QUESTION, "--as-of", "latest")),
    }[verb]
    tape = workspace.folder / "tape.jsonl"
    first = workspace(*words, *_with(file), "--record", tape, "--json")
    assert first.code == 0, first.err
    for name in ("tests", "record", "path"):
        if first.json.get(name):
            (workspace.folder / first.json[name]).unlink()
    again = workspace(*words, "--with", f"replay:{tape}", "--json")
    assert again.code == 0, again.err
    slot = "slots" if verb == "draft" else "query"
    assert again.json[slot] == first.json[slot]
    other = "port scans" if verb == "draft" else "which hosts talk most"
    changed = (*words[:3], other) if verb == "draft" else ("ask", other)
    assert "nothing is recorded" in workspace(*changed, "--with", f"replay:{tape}").err
