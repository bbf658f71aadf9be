"""What is printed: nothing of others moves the cursor, every locale and closed pipe is survived."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from faces.cli_runner import Terminal

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202eevil"
RULE = """\
title: Überwachung 🦊
logsource: {product: windows, category: process_creation}
detection: {s: {Image: a}, condition: s}
"""


def _run(
    words: list[str], folder: Path, *, stdout: int = subprocess.PIPE, **more: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "undersign", *words],
        cwd=folder,
        env={**os.environ, **more},
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.parametrize("name", [f"{HOSTILE}.yml", "two\nlines.yml"])
def test_a_hostile_file_name_stays_text(terminal: Terminal, name: str) -> None:
    terminal("init")
    (terminal.folder / "rules" / name).write_text(RULE)
    for words in (
        ("check", "rules"),
        ("test", "rules"),
        ("verify", "rules"),
        ("triage", f"rules/{name}#missing-threat-model", "accept-risk", "--reason", HOSTILE),
        ("log", "show"),
        ("verify", f"{name}-that-is-not-here"),
        ("log", name),
    ):
        ran = terminal(*words)
        told = ran.out + ran.err
        assert "\x1b" not in told
        assert "\u202e" not in told
        assert "\nlines" not in told


@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "sarif", "junit", "github"])
def test_a_terminal_without_the_character_gets_an_escape(tmp_path: Path, format_: str) -> None:
    (tmp_path / "über.yml").write_text(RULE, encoding="utf-8")
    ran = _run(
        ["check", "über.yml", "--output-format", format_], tmp_path, PYTHONIOENCODING="latin-1"
    )
    assert (ran.returncode, ran.stderr) == (1, b"")
    text = ran.stdout.decode("latin-1")
    if format_ == "json":
        assert json.loads(text)["artifacts"][0]["path"] == "über.yml"


def test_a_name_that_is_no_utf8_is_shown(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.yml", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(RULE)
    for format_ in ("text", "json", "jsonl", "sarif", "junit", "github"):
        ran = _run(["check", ".", "--output-format", format_], tmp_path)
        assert (ran.returncode, ran.stderr) == (1, b""), format_
        assert b"xff.yml" in ran.stdout


def test_a_reader_that_went_away_gets_no_verdict(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = _run(["check", "--help"], tmp_path, stdout=write)
    os.close(write)
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_a_full_disk_behind_stdout_is_an_error(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = _run(["check", "--help"], tmp_path, stdout=full.fileno())
    assert ran.returncode == 2
    assert ran.stderr == b"undersign: No space left on device\n"


def test_nobody_is_asked_for_a_passphrase_without_a_terminal(tmp_path: Path) -> None:
    key = tmp_path / "key"
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key)]
    subprocess.run(keygen, check=True)
    (tmp_path / "undersign.toml").touch()
    (tmp_path / "logs.jsonl").write_text('{"EventID": 1, "Channel": "Security"}\n')
    assert _run(["ingest", "logs.jsonl"], tmp_path).returncode == 0
    words = ["log", "checkpoint", "--key", "key", "--person", "you@example.org"]
    ran = _run(words, tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"undersign: the key has a passphrase")
    assert ran.stderr.count(b"\n") == 1
