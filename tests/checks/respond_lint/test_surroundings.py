"""Documents in a workspace: files beside them, secrets in them, and names to keep inside."""

from __future__ import annotations

import secrets
import string
from pathlib import Path
from typing import Any

import pytest

from faces.cli_runner import Terminal


@pytest.fixture
def token() -> str:
    letters = string.ascii_letters + string.digits
    return "ghp_" + "".join(secrets.choice(letters) for _ in range(36))


@pytest.fixture
def type_(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    terminal = Terminal(tmp_path, capsys)
    (tmp_path / "undersign.toml").write_text('[respond]\ninternal = ["heron"]\n', encoding="utf-8")
    return terminal


def _lint(type_: Terminal, path: Path, *words: str) -> tuple[str, list[dict[str, Any]]]:
    ran = type_("respond", "lint", path, "--json", "--workspace", type_.folder, *words)
    outcomes = [one for artifact in ran.json["artifacts"] for one in artifact["outcomes"]]
    return ran.out + ran.err, outcomes


def _told(outcomes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["code"], said["severity"]) for one in outcomes for said in one["findings"]]


def test_what_lies_around_a_document(tmp_path: Path, type_: Terminal, token: str) -> None:
    (tmp_path / "there.png").write_bytes(b"")
    (tmp_path / "a b.md").write_text("x", encoding="utf-8")
    path = tmp_path / "outage.md"
    path.write_text(
        f"# Outage\n\n![here](there.png) ![gone](gone.png) [spaced](a%20b.md) [web](https://example.org/x)"
        f"\n\nThe log held {token} and heron-db at 10.1.2.3.\n",
        encoding="utf-8",
    )
    output, outcomes = _lint(type_, path)
    told = _told(outcomes)
    assert told.count(("RSP028", "error")) == 1
    assert told.count(("RSP030", "warning")) == 1
    assert told.count(("RSP029", "note")) == 2
    assert token not in output


def test_names_that_go_outside_are_errors(tmp_path: Path, type_: Terminal) -> None:
    path = tmp_path / "outage.notice.md"
    path.write_text(
        "---\nkind: notice\naudience: customer\n---\n\nThe heron was down.\n", encoding="utf-8"
    )
    _, outcomes = _lint(type_, path, "--select", "RSP029")
    assert ("RSP029", "error") in _told(outcomes)


def test_checks_without_evidence_are_not_run_and_not_clean(tmp_path: Path, type_: Terminal) -> None:
    path = tmp_path / "outage.md"
    path.write_text("# Outage\n\nIt was down [auth.log:12].\n", encoding="utf-8")
    _, outcomes = _lint(type_, path)
    status = {one["code"]: one["status"] for one in outcomes}
    assert status["RSP002"] == "not_run"
    assert status["RSP020"] == "clean"
