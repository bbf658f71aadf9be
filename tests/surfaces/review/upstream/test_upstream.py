"""Two hundred ways to guard a view, or not to: no wrong refutation."""

from __future__ import annotations

import ast
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from undersign.languages.python import parse
from undersign.records.guard import GUARDED, Guard
from undersign.surfaces.review.upstream import guards

CASES = [
    case
    for name in ("cases.toml", "traps.toml", "more_traps.toml")
    for case in tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))["case"]
]


def _guard(case: dict[str, Any]) -> Guard | None:
    modules = {path: parse(text) for path, text in case["files"].items()}
    found = guards(modules)
    view = case.get("view", "v")
    for path, module in modules.items():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == view:
                guard = found.of(path, node.body[-1].lineno)
                if guard is not None:
                    return guard
    return None


def _disarmed(case: dict[str, Any]) -> dict[str, str]:
    """Return the files with every refusal turned into a note; empty when there is none to turn."""
    files = {}
    for path, text in case["files"].items():
        called = re.sub(r"\babort\(|\braise [\w.]+\(", "print(", text)
        files[path] = re.sub(r"\braise [\w.]+$", "print()", called, flags=re.MULTILINE)
    return files if files != case["files"] else {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_view_is_guarded_or_not(case: dict[str, Any]) -> None:
    guard = _guard(case)
    assert guard is not None, "the view was not recognised"
    assert guard.verdict == case["expect"], (guard.why, guard.steps)


GUARDED_BY_CODE = [c for c in CASES if c["expect"] == GUARDED and _disarmed(c)]


@pytest.mark.parametrize("case", GUARDED_BY_CODE, ids=lambda case: case["name"])
def test_a_guard_whose_refusals_are_taken_out_is_none(case: dict[str, Any]) -> None:
    guard = _guard(case | {"files": _disarmed(case)})
    assert guard is None or guard.verdict != GUARDED, (guard.why, guard.steps)


GUARDED_CASES = [c for c in CASES if c["expect"] == GUARDED]
LIBRARIES = ("flask_login", "flask_jwt_extended", "flask_httpauth", "fastapi_users")


@pytest.mark.parametrize("case", GUARDED_CASES, ids=lambda case: case["name"])
def test_a_guard_whose_refusals_are_swallowed_is_none(case: dict[str, Any]) -> None:
    tried = r"\1try:\n\1    \2\n\1except Exception:\n\1    pass"
    files = {
        path: re.sub(r"^( *)((?:abort\(|raise )[^\n]*)$", tried, text, flags=re.MULTILINE)
        for path, text in case["files"].items()
    }
    if files != case["files"]:
        guard = _guard(case | {"files": files})
        assert guard is None or guard.verdict != GUARDED, (guard.why, guard.steps)


@pytest.mark.parametrize("case", GUARDED_CASES, ids=lambda case: case["name"])
def test_a_guard_of_a_library_that_nobody_knows_is_not_believed(case: dict[str, Any]) -> None:
    files = dict(case["files"])
    for name in (*LIBRARIES, "django.contrib.auth", "django.contrib.admin"):
        files = {path: text.replace(name, "corp") for path, text in files.items()}
    if files != case["files"]:
        guard = _guard(case | {"files": files})
        assert guard is None or guard.verdict != GUARDED, (guard.why, guard.steps)


@pytest.mark.parametrize("seed", range(24))
def test_broken_projects_are_read_without_an_error(seed: int) -> None:
    chance = random.Random(seed)
    for case in CASES:
        files = {}
        for path, text in case["files"].items():
            lines = text.splitlines()
            for _ in range(chance.randint(1, 3)):
                at = chance.randrange(len(lines)) if lines else 0
                lines[at : at + 1] = chance.choice([[], lines[at : at + 1] * 2, ["    pass"]])
            files[path] = "\n".join(lines) + "\n"
        found = guards({path: parse(text) for path, text in files.items()})
        assert all(g.first <= g.last and g.why for g in found.guards)


def test_there_are_enough_cases_and_no_guard_is_believed_by_its_name() -> None:
    assert len(CASES) >= 200
    tempting = [case for case in CASES if case.get("naive")]
    assert len(tempting) >= 100
    wrongly = [c["name"] for c in tempting if (g := _guard(c)) and g.verdict == GUARDED]
    assert not wrongly
