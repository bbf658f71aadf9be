"""ruff's rules on copies: nothing of the project hides anything, and silence is never a failure."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from undersign.records.code import SourceFile
from undersign.workspace.reviewing import ruff
from undersign.workspace.reviewing.ruff import RuffSaid, ruff_candidates


def _said(**texts: str) -> RuffSaid:
    named = {name.replace("__", "/") + ".py": text for name, text in texts.items()}
    return ruff_candidates(
        {p: SourceFile(p, text, "0" * 64, "python") for p, text in named.items()}
    )


def test_findings_are_candidates_at_their_place() -> None:
    said = _said(desk__a="import subprocess\n\nsubprocess.run('x y', shell=True)\n")
    found = {(c.file, c.line, c.rule, c.category) for c in said.candidates}
    assert ("desk/a.py", 3, "S602", "command-injection") in found
    assert (said.looker.name, said.looker.failed) == ("ruff", "")
    assert said.looker.version[:1].isdigit()
    assert said.looker.candidates == len(said.candidates)


@pytest.mark.parametrize(
    "text",
    [
        "eval(x)  # noqa: S307\n",
        "eval(x)  # noqa\n",
        "# ruff: noqa\neval(x)\n",
        "# ruff: noqa: S307\neval(x)\n",
    ],
)
def test_what_a_comment_would_silence_is_shown_with_the_comment(text: str) -> None:
    said = _said(a=text, b="eval(y)\n")
    found = {c.file: c.suppressed for c in said.candidates if c.rule == "S307"}
    assert found == {"a.py": "a `noqa` comment of the project", "b.py": ""}


def test_a_comment_about_another_rule_suppresses_nothing() -> None:
    said = _said(a="eval(x)  # noqa: E501\n")
    assert [c.suppressed for c in said.candidates] == [""]


def test_a_file_with_a_syntax_error_is_named() -> None:
    said = _said(a="def f(:\n", b="eval(y)\n")
    assert set(said.failed) == {"a.py"}
    assert {c.file for c in said.candidates} == {"b.py"}


def test_assertions_of_tests_are_kept() -> None:
    assert {c.rule for c in _said(tests__test_a="assert x\n").candidates} == {"S101"}


def test_options_of_the_environment_change_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "taken"))
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "concise")
    assert _said(a="eval(x)\n").candidates
    assert not (tmp_path / "taken").exists()


def test_odd_files_are_read_or_named() -> None:
    said = _said(a="x = '\ud800'\neval(x)\n", b="\ufeffeval(x)\r\n", c="", d="\x0ceval(x)\r")
    assert {c.file for c in said.candidates} == {"a.py", "b.py", "d.py"}


def _answering(**changes: Any) -> Any:
    def run(words: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if "--version" in words:
            return subprocess.CompletedProcess(words, 0, "ruff 1.2.3\n", "")
        return subprocess.CompletedProcess(
            words, **{"returncode": 0, "stdout": "[]", "stderr": "", **changes}
        )

    return run


@pytest.mark.parametrize(
    "changes",
    [
        {"stdout": ""},
        {"stdout": "no JSON"},
        {"stdout": "[3]"},
        {"stdout": '[{"filename": "other.py"}]'},
        {"returncode": 2, "stderr": "error: broken"},
    ],
)
def test_a_run_that_fails_is_told_and_is_not_clean(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    monkeypatch.setattr(subprocess, "run", _answering(**changes))
    said = _said(a="eval(x)\n")
    assert said.looker.failed
    assert not said.candidates


def test_a_run_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(words: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(words, 1)

    monkeypatch.setattr(subprocess, "run", run)
    assert "seconds" in _said(a="eval(x)\n").looker.failed


def test_a_missing_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Path:
        raise ruff._Failed("the package ruff is here without its program")

    monkeypatch.setattr(ruff, "_program", gone)
    assert "without its program" in _said(a="eval(x)\n").looker.failed
