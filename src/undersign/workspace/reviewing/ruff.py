"""Candidates of ruff's security rules: a subprocess on copies, deaf to the project's own config."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from undersign.records.candidate import Candidate
from undersign.records.code import SourceFile
from undersign.records.review import Looker
from undersign.surfaces.review.imports import category_of

_PATIENCE = 120
_ARGUMENTS = ("check", "--isolated", "--no-cache", "--select", "S", "--ignore-noqa", "--no-fix",
              "--no-respect-gitignore", "--output-format", "json", "--exit-zero", "--quiet",
              "--target-version", "py313")  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuffSaid:
    """What ruff found, and which files it could not read."""

    candidates: tuple[Candidate, ...] = ()
    looker: Looker = field(default_factory=lambda: Looker("ruff"))
    failed: Mapping[str, str] = field(default_factory=dict)


def ruff_candidates(files: Mapping[str, SourceFile]) -> RuffSaid:
    """Run ruff's rules S on Python files.

    Neither the project's configuration nor its `noqa` comments hide anything; a comment is told in
    `suppressed`.
    """
    python = [one for one in files.values() if one.language == "python"]
    program = Path(sys.executable).with_name("ruff")
    if not program.is_file():
        return RuffSaid(looker=Looker("ruff", failed="ruff is not installed beside this Python"))
    version = _run(program, "--version", cwd=Path.cwd()).stdout.split()[-1:] or ["?"]
    if not python:
        return RuffSaid(looker=Looker("ruff", version[0]))
    with TemporaryDirectory(prefix="undersign-ruff-") as folder:
        # Numbered copies: a path of the project may be anything, and is no business of ruff's.
        names = {f"f{n}.py": one for n, one in enumerate(python)}
        for name, one in names.items():
            (Path(folder) / name).write_text(
                one.text, encoding="utf-8", errors="replace", newline=""
            )
        try:
            done = _run(program, *_ARGUMENTS, "--", *names, cwd=Path(folder))
            rows = json.loads(done.stdout or "[]")
        except subprocess.TimeoutExpired:
            return RuffSaid(looker=Looker("ruff", version[0], failed=f"took over {_PATIENCE} s"))
        except ValueError:
            first = (done.stderr.strip().splitlines() or ["no word"])[-1][:200]
            return RuffSaid(looker=Looker("ruff", version[0], failed=first))
    return _said(rows, names, version[0])


def _run(program: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own ruff, on files we wrote
        [str(program), *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


def _said(rows: list[dict[str, Any]], names: Mapping[str, SourceFile], version: str) -> RuffSaid:
    candidates: list[Candidate] = []
    failed: dict[str, str] = {}
    for row in rows:
        one = names.get(Path(str(row.get("filename"))).name)
        if one is None:
            continue
        code = str(row.get("code") or "invalid-syntax")
        if not code.startswith("S"):
            failed.setdefault(one.path, f"ruff: {str(row.get('message'))[:120]}")
            continue
        candidates.append(_candidate(row, code, one))
    looker = Looker("ruff", version, len(candidates))
    return RuffSaid(tuple(candidates), looker, failed)


def _candidate(row: Mapping[str, Any], code: str, one: SourceFile) -> Candidate:
    start, end = row["location"], row["end_location"]
    message = str(row.get("message", ""))
    lines = one.text.splitlines()
    line = lines[start["row"] - 1] if start["row"] <= len(lines) else ""
    mark = next((m for m in ("noqa", "nosec") if m in line.partition("#")[2]), "")
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
        suppressed=f"a comment `{mark}` on its line" if mark else "",
    )
