"""undersign draft, ask: what is told of a drafter, and what is kept of what a person wrote."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

import pytest

from faces.cli_runner import Terminal
from surfaces.replies_world import query_slots, rule_slots

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@pytest.fixture
def password() -> str:
    return "".join(random.Random(4).choices(_LETTERS, k=14)) + "!x"


def program(folder: Path, code: str) -> str:
    path = folder / "drafter.py"
    path.write_text(f"import sys, re, json\nprompt = sys.stdin.read()\n{code}\n")
    return f"command:{sys.executable} {path}"


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_password_in_a_brief_is_neither_kept_nor_named(
    workspace: Terminal, password: str
) -> None:
    brief = f"detect kerberoasting, password={password} was tried"
    ran = workspace("draft", "sigma", "--brief", brief, "--json")
    assert ran.code == 0, ran.err
    assert "credentials" in ran.json["not_kept"]
    ran = workspace("draft", "kql", "--brief", f"failed logons with password={password}")
    assert ran.code == 0 and "not kept in the ledger" in ran.err
    asked = workspace("ask", f"failed logons with password={password}", "--json")
    assert asked.json["question"].endswith(password), "the person's own screen"
    last = workspace.folder / ".undersign" / "last_query.json"
    last.unlink()
    assert password[:-2].encode() not in everything(workspace.folder)


def test_a_key_in_a_drafters_name_is_refused(workspace: Terminal, password: str) -> None:
    drafter = f"command:curl -d password={password}"
    ran = workspace("draft", "sigma", "--brief", "kerberoasting", "--with", drafter)
    assert ran.code == 2 and "holds a secret" in ran.err and password not in ran.err
    assert password.encode() not in everything(workspace.folder)


def test_a_value_that_stayed_hidden_is_told(workspace: Terminal) -> None:
    code = f"""slots = {rule_slots()!r}
token = re.search(r"USX_HOST_\\w{{13}}Z", prompt)[0]
slots["false_positives"] = ["see https://evil.test/" + token]
print(json.dumps(slots))"""
    drafter = program(workspace.folder, code)
    words = ("draft", "sigma", "--brief", "kerberoasting on db01.corp", "--with", drafter)
    ran = workspace(*words, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["withheld"] == 1
    assert any("stays a token" in one for one in ran.json["open_questions"])
    record = json.loads((workspace.folder / ran.json["record"]).read_text())
    assert record["draft"]["open_questions"] == ran.json["open_questions"]
    assert "stays a token" in workspace(*words, "--force").out


def test_a_second_draft_does_not_stand_on_the_first(workspace: Terminal) -> None:
    """The value a drafter made up is no more stated because it was written down once."""
    slots = rule_slots()
    slots["selections"][0]["any_of"][0][1]["values"] = ["0x99"]
    slots["examples"] = []
    drafter = program(workspace.folder, f"print(json.dumps({slots!r}))")
    words = ("draft", "sigma", "--brief", "service tickets with weak encryption")
    told = [workspace(*words, "--with", drafter, "--force", "--json").json for _ in range(2)]
    assert told[0]["open_questions"] == told[1]["open_questions"]
    assert any("0x99" in one for one in told[0]["open_questions"])


def test_ask_tells_what_stayed_hidden_too(workspace: Terminal) -> None:
    slots = query_slots("SecurityEvent | take 1")
    drafter = program(workspace.folder, f"print(json.dumps({slots!r}))")
    ran = workspace("ask", "any event", "--with", drafter, "--json")
    assert ran.code in (0, 1), ran.err
    assert (ran.json["withheld"], ran.json["not_kept"]) == (0, "")


def test_the_ledger_reads_like_sentences(workspace: Terminal) -> None:
    drafter = program(workspace.folder, "print('odd words', file=sys.stderr); sys.exit(3)")
    ran = workspace("draft", "sigma", "--brief", "kerberoasting", "--with", drafter)
    assert ran.code == 2 and "exit 3 (it said: odd words)" in ran.err
    sending, failed = workspace("log", "show").out.splitlines()[-2:]
    assert f" sending: sigma to {drafter} for detect; allow by ordinary-work; data: " in sending
    assert failed.endswith("failed: exit 3") and "odd words" not in failed


def test_a_refusal_says_what_why_and_where_to_look(workspace: Terminal) -> None:
    server = "openai-compatible:m@http://198.51.100.1/v1"
    ran = workspace("draft", "sigma", "--brief", "kerberoasting", "--with", server)
    assert ran.code == 3
    assert "is in no group of the policy" in ran.err and "nothing was sent" in ran.err
    assert f"undersign policy explain --drafter {server} --purpose detect" in ran.err
    assert " refused: sigma to " in workspace("log", "show").out


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 3), (b"\x04", 130)])
def test_consent_at_a_terminal_says_how_much_of_what(
    terminal: Terminal, answer: bytes, code: int
) -> None:
    import pty
    import subprocess

    terminal("init", ".")
    policy = terminal.folder / "policy.yml"
    asks = "classes: [confidential, source-code, internal], ruling: ask"
    text = policy.read_text().replace("classes: [confidential, source-code], ruling: ask", asks)
    policy.write_text(text)
    drafter = program(terminal.folder, f"print(json.dumps({rule_slots()!r}))")
    ours, theirs = pty.openpty()
    words = ["draft", "sigma", "--brief", "kerberoasting on db01.corp", "--with", drafter]
    with subprocess.Popen(
        [sys.executable, "-m", "undersign", *words], cwd=terminal.folder,
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
        env={**os.environ, "UNDERSIGN_PERSON": "lead@example.org"},
    ) as process:  # fmt: skip
        os.close(theirs)
        told = b""
        while b"[y/N]" not in told:
            told += os.read(ours, 4096)
        os.write(ours, answer)
        assert process.stdout is not None
        process.stdout.read()
        assert process.wait(20) == code
    os.close(ours)
    assert f"To {drafter}, for detect, would go:" in told.decode()
    assert "internal: brief (26 characters)" in told.decode()
    assert "internal-names: 1 piece spotted, hidden" in told.decode()
    assert "Send it, as lead@example.org?" in told.decode()


@pytest.mark.parametrize("drafter", ["offline", "command:true"])
@pytest.mark.parametrize(("kind", "told"), [("hunt", "not drafted"), ("sgima", "no kind")])
def test_what_can_be_drafted_is_named(
    terminal: Terminal, kind: str, told: str, drafter: str
) -> None:
    ran = terminal("draft", kind, "--brief", "x", "--with", drafter)
    assert ran.code == 2 and told in ran.err
    assert "drafted are: sigma, kql, spl, sql)" in ran.err
