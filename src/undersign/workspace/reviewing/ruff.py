"""Candidates of ruff's security rules: a subprocess on copies, deaf to the project's own config."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from undersign.records.candidate import Candidate
from undersign.records.code import SourceFile
from undersign.records.review import Looker
from undersign.surfaces.review.imports import category_of

_PATIENCE = 120
"""Seconds for one run; ruff reads a thousand files in one."""
_ARGUMENTS = (
    "check", "--isolated", "--no-cache", "--select", "S", "--no-fix", "--no-preview",
    "--no-respect-gitignore", "--output-format", "json", "--exit-zero", "--quiet",
    "--target-version", "py314",
)  # fmt: skip
_BATCH = 2_000
"""Files of one run: the length of a command line is bounded."""
_MARKS = ("noqa", "ruff:")
"""One of these stands in a file that silences a rule."""

Place = tuple[str, str, int, int]
"""Path, rule, line and column: what tells two findings of ruff apart."""


@dataclass(frozen=True, slots=True)
class RuffSaid:
    """What ruff found, and which files it could not read."""

    candidates: tuple[Candidate, ...] = ()
    looker: Looker = field(default_factory=lambda: Looker("ruff"))
    failed: Mapping[str, str] = field(default_factory=dict)


class _Failed(Exception):
    """Why ruff did not look; in words for a person."""


def ruff_candidates(files: Mapping[str, SourceFile]) -> RuffSaid:
    """Run ruff's rules S on Python files.

    Neither the project's configuration nor its `noqa` comments hide anything: what a comment would
    silence is a candidate like any other, and says so in `suppressed`. A run that fails is told in
    the looker, and is never the same as a run that found nothing.
    """
    python = [one for one in files.values() if one.language == "python"]
    looker = Looker("ruff")
    try:
        program = _program()
        looker = replace(looker, version=_version(program))
        rows = [row for some in _batches(python) for row in _found(program, some, "--ignore-noqa")]
        marked = [one for one in python if any(mark in one.text for mark in _MARKS)]
        heeded = [row for some in _batches(marked) for row in _found(program, some)]
    except _Failed as why:
        return RuffSaid(looker=replace(looker, failed=str(why)))
    return _said(rows, heeded, {one.path for one in marked}, looker)


def _program() -> Path:
    """Return the ruff that this package depends on, never another one of the machine."""
    try:
        from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]
    except ImportError:
        raise _Failed("ruff is not installed beside this Python") from None
    try:
        return Path(find_ruff_bin())
    except FileNotFoundError:
        raise _Failed("the package ruff is here without its program") from None


def _version(program: Path) -> str:
    words = _run(program, ("--version",), Path.cwd()).split()
    return words[-1] if words else "?"


def _batches(files: Sequence[SourceFile]) -> Iterator[Sequence[SourceFile]]:
    return (files[at : at + _BATCH] for at in range(0, len(files), _BATCH))


def _found(
    program: Path, files: Sequence[SourceFile], *more: str
) -> list[tuple[SourceFile, dict[str, Any]]]:
    """Return what ruff says of some files."""
    with TemporaryDirectory(prefix="undersign-ruff-") as folder:
        # Numbered copies: a path of the project may be anything, and is no business of ruff's.
        names = {f"f{n}.py": one for n, one in enumerate(files)}
        for name, one in names.items():
            (Path(folder) / name).write_text(
                one.text, encoding="utf-8", errors="replace", newline=""
            )
        text = _run(program, (*_ARGUMENTS, *more, "--", *names), Path(folder))
    try:
        rows = json.loads(text)
        return [(names[Path(row["filename"]).name], row) for row in rows]
    except (ValueError, KeyError, TypeError):
        raise _Failed("ruff answered something that is not its JSON") from None


def _run(program: Path, words: Sequence[str], folder: Path) -> str:
    # An option of the environment would change where its answer goes, and silence looks clean.
    plain = {key: value for key, value in os.environ.items() if not key.startswith("RUFF_")}
    try:
        done = subprocess.run(  # noqa: S603 - our own ruff, on files we wrote
            [str(program), *words],
            cwd=folder,
            env=plain,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _Failed(f"ruff took over {_PATIENCE} seconds") from None
    except OSError as error:
        raise _Failed(f"ruff cannot be started: {error.strerror}") from None
    if done.returncode or not done.stdout.strip():
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise _Failed(f"ruff failed: {last[:200]}")
    return done.stdout


def _said(
    rows: Sequence[tuple[SourceFile, dict[str, Any]]],
    heeded: Sequence[tuple[SourceFile, dict[str, Any]]],
    marked: set[str],
    looker: Looker,
) -> RuffSaid:
    """Make candidates; what ruff says no more when it heeds comments is what they would hide."""
    spoken = {_place(one, row) for one, row in heeded}
    candidates: list[Candidate] = []
    failed: dict[str, str] = {}
    for one, row in rows:
        code = str(row.get("code") or "")
        if not code.startswith("S"):
            failed.setdefault(one.path, f"ruff: {str(row.get('message'))[:120]}")
            continue
        hidden = one.path in marked and _place(one, row) not in spoken
        candidates.append(_candidate(row, code, one, hidden))
    return RuffSaid(tuple(candidates), replace(looker, candidates=len(candidates)), failed)


def _place(one: SourceFile, row: Mapping[str, Any]) -> Place:
    start = row["location"]
    return one.path, str(row.get("code")), start["row"], start["column"]


def _candidate(row: Mapping[str, Any], code: str, one: SourceFile, hidden: bool) -> Candidate:
    start, end = row["location"], row["end_location"]
    message = str(row.get("message", ""))
    fix = row.get("fix")
    return Candidate(
        file=one.path,
        line=start["row"],
        end_line=end["row"],
        column=start["column"],
        end_column=end["column"],
        message=message,
        origin="ruff",
        rule=code,
        category=category_of(code, (), message),
        fix=str(fix.get("message") or "") if isinstance(fix, dict) else "",
        suppressed="a `noqa` comment of the project" if hidden else "",
    )
