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


def test_explain_reads_stdin_and_never_takes_it_for_the_text(
    terminal: Terminal, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from io import BytesIO, TextIOWrapper

    words = ("policy", "explain", "--drafter", "anthropic:m", "--purpose", "hunt", "--json")
    for dash in ("-", "@-"):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(f"one\ntwo {key}\n".encode())))
        assert terminal(*words, dash).json["spotted"][0]["line"] == 2
    for raw, told in ((b"\xff\xfe", "not valid UTF-8"), (b"x" * 5_000_000, "larger than 4 MiB")):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))
        ran = terminal(*words, "-")
        assert ran.code == 2 and f"stdin: {told}" in ran.err
    (terminal.folder / "big.log").write_text("x\n" * 3_000_000)
    ran = terminal(*words, "@big.log")
    assert ran.code == 2 and "larger than 4 MiB" in ran.err and "artifact" not in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--drafter", "hosted", "--purpose", "hunt"), "hosted is a group of drafters"),
        (("--drafter", "antropic:m", "--purpose", "hunt"), "groups there: offline, local, hosted"),
        (("--drafter", "anthropic:m", "--purpose", "hnut"), "purposes there: detect, hunt"),
        (("--drafter", "offline", "--purpose", "hunt", "--class", "intrenal"), "classes there: "),
    ],
)
def test_explain_names_what_there_is(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    assert told in terminal("policy", "explain", *words, "text").out
    remarks = terminal("policy", "explain", *words, "text", "--json").json["remarks"]
    assert len(remarks) == 1 and told in remarks[0]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("ruling: redact", "ruling: redcat", "did you mean 'redact'?"),
        ("  hosted:", "\thosted:", "policy.yml:13:1: a tab: YAML is indented with spaces"),
    ],
)
def test_slips_in_a_policy_are_told_in_words(
    terminal: Terminal, before: str, after: str, told: str
) -> None:
    terminal("init", ".")
    path = terminal.folder / "policy.yml"
    path.write_text(path.read_text().replace(before, after, 1))
    ran = terminal("policy", "check")
    assert ran.code == 2 and told in ran.err


def test_a_policy_that_is_a_pipe_is_not_waited_for(terminal: Terminal) -> None:
    import os

    terminal("init", ".")
    (terminal.folder / "policy.yml").unlink()
    os.mkfifo(terminal.folder / "policy.yml")
    ran = terminal("policy", "check")
    assert ran.code == 2 and "not a regular file" in ran.err


def test_a_policy_of_a_thousand_rules_is_checked_at_once(terminal: Terminal) -> None:
    from time import process_time

    terminal("init", ".")
    path = terminal.folder / "policy.yml"
    more = "".join(
        f"  - {{id: z{n}, drafters: [hosted], classes: [public], purposes: all, ruling: allow,"
        f" why: So.}}\n"
        for n in range(1000)
    )
    path.write_text(path.read_text().replace("\nexceptions:", f"\n{more}\nexceptions:", 1))
    begun = process_time()
    told = terminal("policy", "check", "--json").json
    assert process_time() - begun < 5
    never = [one for one in told["troubles"] if one["kind"] == "never-decides"]
    assert len(never) == 1000 and "decides no cell: ordinary-work" in never[0]["message"]


def test_policy_alone_shows_its_verbs_on_lines_of_their_own(terminal: Terminal) -> None:
    ran = terminal("policy")
    assert ran.code == 2 and "\\n" not in ran.err
    assert "\n  explain  " in ran.err
