"""Maturity as typed: what a workspace holds is counted, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faces.cli_runner import Terminal
from faces.test_loop import RULE, keygen


def practice(terminal: Terminal, name: str) -> Any:
    told = terminal("maturity", "--json")
    assert told.code == 0, told.err
    return next(one for one in told.json["practices"] if one["id"] == name)


def test_outside_a_workspace_there_is_nothing_to_show(terminal: Terminal) -> None:
    assert terminal("maturity").code == 2


def test_a_new_workspace_shows_what_init_made(terminal: Terminal) -> None:
    terminal("init")
    assert practice(terminal, "Secure Build")["standing"] == "shown"
    assert practice(terminal, "MEASURE 1")["standing"] == "not shown"
    assert practice(terminal, "GOVERN 3")["standing"] == "not visible"
    shown = terminal("maturity")
    assert shown.code == 0 and "no grade" in shown.out


def test_work_leaves_evidence(workspace: Terminal) -> None:
    Path("rules/shell.yml").write_text(RULE)
    assert "no rules" not in str(practice(workspace, "Requirements-driven Testing")["gaps"])
    assert practice(workspace, "Incident Management")["evidence"] == ["4 tables of logs"]
    workspace("baseline", "rules/shell.yml")
    workspace("triage", "rules/shell.yml", "reject", "--reason", "too noisy")
    after = practice(workspace, "Incident Management")["evidence"]
    assert "1 rule measured on history" in after
    assert practice(workspace, "Defect Management")["evidence"] == [
        "1 verdict of 1 person, each with a reason"
    ]


def test_a_signature_counts_only_while_it_holds(workspace: Terminal) -> None:
    rule = Path("rules/shell.yml")
    rule.write_text(RULE)
    key = keygen(workspace.folder)
    for check in workspace("check", str(rule), "--json").json["artifacts"][0]["outcomes"]:
        if check["status"] == "not_run":
            target = f"{rule}#{check['check']}"
            workspace("triage", target, "accept-risk", "--reason", "a test")
    assert workspace("sign", str(rule), "--key", key).code == 0
    assert "1 of 1 artifacts signed" in practice(workspace, "Secure Deployment")["evidence"]
    rule.write_text(RULE + "# edited\n")
    assert (
        "1 of 1 artifacts not signed: undersign sign PATH"
        in practice(workspace, "Secure Deployment")["gaps"]
    )
