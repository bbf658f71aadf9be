"""`undersign hunt` as typed: what it prints, its JSON, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from faces.cli_runner import Ran, Terminal
from undersign.faces.cli import app
from undersign.faces.cli.hunt import hunt_command

HEARTH = "---\nid: H001\nhypothesis: Somebody guesses passwords.\n---\nBody.\n"


@pytest.fixture
def hunt(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in a new workspace."""
    if not any(line.name == "hunt" for line in app.COMMANDS):
        commands = (*app.COMMANDS, app.Line("hunt", "hunt", "Hunt."))
        monkeypatch.setattr(app, "COMMANDS", commands)
    assert terminal("init").code == 0
    return terminal


def opened(hunt: Terminal) -> Ran:
    return hunt("hunt", "new", "Password guessing", "--technique", "T1110.001", "--json")


def test_every_leaf_has_help_and_json() -> None:
    for name, leaf in hunt_command.commands.items():
        assert leaf.help, name
        assert "--json" in {o for p in leaf.params for o in p.opts}, name
        options = [p for p in leaf.params if isinstance(p, click.Option)]
        assert all(option.help for option in options), name


def test_a_hunt_is_opened_noted_listed_shown_and_closed(hunt: Terminal) -> None:
    made = opened(hunt).json
    assert (made["id"], made["state"], made["hunter"]) == ("0001", "open", "you@example.org")
    assert hunt("hunt", "note", "asked around").code == 0
    assert hunt("hunt", "note", "scanner", "--false-positive", "--hunt", "1").code == 0
    listed = hunt("hunt", "list", "--json").json["hunts"]
    assert [(h["id"], h["current"], h["entries"]) for h in listed] == [("0001", True, 0)]
    assert "Password guessing" in hunt("hunt", "list").out
    shown = hunt("hunt", "show")
    assert "asked around" in shown.out and "open: no verdict yet" in shown.out
    refused = hunt("hunt", "close", "refuted", "--finding", "nothing")
    assert refused.code == 2 and "no query of this hunt has run" in refused.err
    assert hunt("hunt", "close", "data-gap", "--finding", "no logs").code == 0
    assert hunt("hunt", "show", "1", "--json").json["conclusion"]["verdict"] == "data-gap"


def test_a_revoked_technique_is_refused_with_its_successor(hunt: Terminal) -> None:
    told = hunt("hunt", "new", "x", "--technique", "T1574.002")
    assert told.code == 2 and "use T1574.001" in told.err
    assert not Path("hunts").exists()


def test_a_hand_off_says_what_is_missing_and_how_to_give_it(hunt: Terminal) -> None:
    opened(hunt)
    told = hunt("hunt", "handoff")
    assert told.code == 2
    assert "undersign hunt note --hunt 0001 --validation TEXT" in told.err


def test_a_broken_hunt_is_located_and_the_list_says_so(hunt: Terminal) -> None:
    path = Path(opened(hunt).json["path"])
    path.write_text(path.read_text().replace("hypothesis:", "hypotesis:"))
    told = hunt("hunt", "show")
    assert told.code == 2 and f"{path}:5:1" in told.err
    assert hunt("hunt", "list").code == 2
    assert len(hunt("hunt", "list", "--json").json["unreadable"]) == 1


def test_hearth_comes_in_and_goes_out_word_for_word(hunt: Terminal, tmp_path: Path) -> None:
    (tmp_path / "H001.md").write_text(HEARTH)
    (tmp_path / "words.md").write_text("# Words\n")
    assert hunt("hunt", "import", "H001.md", "words.md").code == 0
    assert hunt("hunt", "import", "words.md").code == 2
    assert hunt("hunt", "export", "H001", "--format", "hearth").out == HEARTH
    assert hunt("hunt", "export", "H001", "--format", "html", "-o", "x.html").code == 0
    assert Path("x.html").read_text().startswith("<!doctype html>")
    book = hunt("hunt", "export", "H001", "--format", "notebook", "--json").json["text"]
    assert json.loads(book)["nbformat"] == 4


def test_a_hunt_without_queries_reruns_nothing(hunt: Terminal) -> None:
    opened(hunt)
    done = hunt("hunt", "rerun")
    assert done.code == 0 and "no queries to run again" in done.out
    assert hunt("hunt", "rerun", "--json").json == {"reruns": []}
