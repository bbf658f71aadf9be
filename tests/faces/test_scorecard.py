"""The scorecard as typed: drafts, an edit, a signature, a rejection, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from faces.cli_runner import Terminal
from faces.test_loop import BRIEF, keygen


def draft(workspace: Terminal, name: str) -> None:
    done = workspace("draft", "sigma", "--brief", BRIEF, "-o", f"rules/{name}.yml")
    assert done.code == 0, done.err


def test_from_drafts_to_figures(workspace: Terminal) -> None:
    for name in "abcdefg":
        draft(workspace, name)
    reason = ("--reason", "a duplicate")
    assert workspace("triage", "rules/g.yml", "reject", *reason).code == 0
    rule = Path("rules/a.yml")
    rule.write_text(rule.read_text() + "# read and understood\n")
    workspace("triage", "rules/a.yml#missing-threat-model", "accept-risk", "--reason", "a test")
    signed = workspace("sign", "rules/a.yml", "--key", keygen(workspace.folder))
    assert signed.code == 0, signed.err

    (row,) = workspace("scorecard", "--json").json["rows"]
    assert (row["drafter"], row["kind"], row["drafts"]) == ("offline", "sigma", 7)
    assert row["fates"] == {"signed": 1, "rejected": 1, "replaced": 0, "asked": 0, "open": 5}
    figures = {measure["name"]: measure for measure in row["measures"]}
    assert figures["errors"]["measured"] == 7 and figures["errors"]["value"] == 0
    assert figures["edit distance"]["measured"] == 1 and figures["edit distance"]["value"] is None
    assert figures["cost in USD"]["value"] is None

    shown = workspace("scorecard", "--html", "card.html")
    assert "too few (1)" in shown.out and "not recorded" in shown.out
    page = Path("card.html").read_text()
    assert "<script" not in page and "offline" in page


def test_a_rejected_draft_cannot_be_signed_until_that_is_taken_back(workspace: Terminal) -> None:
    draft(workspace, "k")
    target = "rules/k.yml#missing-threat-model"
    workspace("triage", target, "accept-risk", "--reason", "a test")
    workspace("triage", "rules/k.yml", "reject", "--reason", "too noisy")
    key = keygen(workspace.folder)
    refused = workspace("sign", "rules/k.yml", "--key", key)
    assert refused.code == 1 and "rules/k.yml" in refused.err
    workspace("triage", "rules/k.yml", "confirm", "--reason", "kept after all")
    assert workspace("sign", "rules/k.yml", "--key", key).code == 0


@pytest.mark.parametrize("verdict", ["dismiss", "accept-risk", "needs-info"])
def test_a_whole_artifact_can_only_be_rejected_or_confirmed(
    workspace: Terminal, verdict: str
) -> None:
    draft(workspace, "k")
    done = workspace("triage", "rules/k.yml", verdict, "--reason", "a test")
    assert done.code == 2 and "as a whole" in done.err


def test_one_finding_cannot_be_rejected(workspace: Terminal) -> None:
    draft(workspace, "k")
    target = "rules/k.yml#missing-threat-model"
    assert workspace("triage", target, "reject", "--reason", "no").code == 2


def test_nothing_on_record(terminal: Terminal) -> None:
    assert terminal("scorecard").code == 2
    terminal("init")
    told = terminal("scorecard")
    assert told.code == 0 and "no drafts" in told.out
    assert terminal("scorecard", "--json").json["drafts"] == 0
