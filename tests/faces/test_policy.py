"""undersign policy: check, explain, schema, cedar."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from faces.cli_runner import Terminal

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def key() -> str:
    return "ghp_" + "".join(random.Random(5).choices(_LETTERS, k=36))


def test_check_of_a_new_workspace_is_fine(terminal: Terminal) -> None:
    assert terminal("init", ".").code == 0
    assert (terminal.folder / "policy.yml").exists()
    ran = terminal("policy", "check")
    assert (ran.code, ran.err) == (0, "")
    assert "nothing open" in ran.out
    document = terminal("policy", "check", "--json").json
    assert document["fit"] is True
    assert document["holes"] == []
    assert {one["ruling"] for one in document["cells"]} == {"allow", "redact", "ask", "refuse"}


def test_check_of_a_policy_with_holes(terminal: Terminal) -> None:
    terminal("init", ".")
    path = terminal.folder / "policy.yml"
    path.write_text(path.read_text().replace("opaque-binary", "public"))
    ran = terminal("policy", "check")
    assert ran.code == 1
    assert "hole" in ran.out and "local, hosted / opaque-binary / every purpose" in ran.out
    document = terminal("policy", "check", "--json").json
    assert document["holes"][0]["classes"] == ["opaque-binary"]
    path.write_text(path.read_text().replace("ruling: redact", "ruling: hide", 1))
    ran = terminal("policy", "check")
    assert ran.code == 2
    assert "policy.yml:" in ran.err and "hide" in ran.err


def test_explain(terminal: Terminal, key: str) -> None:
    words = ("policy", "explain", "--drafter", "anthropic:m", "--purpose", "hunt")
    ran = terminal(*words, f"who used {key}?")
    assert ran.code == 0
    assert key not in ran.out
    assert "would be sent" in ran.out
    document = terminal(*words, "--json", f"who used {key}?").json
    assert document["decision"] == "redact"
    assert document["rule"] == "never-in-clear"
    assert key not in json.dumps(document)
    assert document["redacted"].startswith("who used USX_")
    assert document["spotted"][0]["column"] == 10
    assert [one["class"] for one in document["classes"]] == ["secrets", "internal"]
    shown = terminal(*words, "--json", "--show", f"who used {key}?").json
    assert shown["spotted"][0]["value"] == key


def test_explain_of_a_file_and_of_classes_alone(terminal: Terminal, key: str) -> None:
    (terminal.folder / "log.txt").write_text(f"one\ntwo {key}\n")
    words = ("policy", "explain", "--drafter", "anthropic:m", "--purpose", "hunt", "--json")
    assert terminal(*words, "@log.txt").json["spotted"][0]["line"] == 2
    document = terminal(*words, "--class", "incident-restricted").json
    assert (document["decision"], document["redacted"]) == ("refuse", None)
    assert terminal(*words, "@nothing.txt").code == 2


def test_schema_and_cedar(terminal: Terminal) -> None:
    assert terminal("policy", "schema").json["title"].startswith("Undersign")
    ran = terminal("policy", "cedar", "--drafter", "anthropic:m")
    assert 'permit (principal, action in [Action::"sendAfterConsent"], resource)' in ran.out
    assert '//         "id": "hosted"' in ran.out
    document = terminal("policy", "cedar", "--json", "--drafter", "anthropic:m").json
    assert document["entities"][0]["parents"] == [{"type": "DrafterGroup", "id": "hosted"}]


def test_a_workspace_elsewhere(terminal: Terminal, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert terminal("init", elsewhere).code == 0
    document = terminal("policy", "check", "--json", "--workspace", elsewhere).json
    assert document["policy"] == str(elsewhere / "policy.yml")
