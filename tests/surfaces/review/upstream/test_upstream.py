"""Sixty-odd ways to guard a view, or not to: no wrong refutation."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

from undersign.languages.python import parse
from undersign.records.guard import GUARDED, Guard
from undersign.surfaces.review.upstream import guards

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]


def _guard(case: dict[str, Any]) -> Guard | None:
    modules = {path: parse(text) for path, text in case["files"].items()}
    found = guards(modules)
    view = case.get("view", "v")
    for path, module in modules.items():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.name == view:
                guard = found.of(path, node.body[-1].lineno)
                if guard is not None:
                    return guard
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_view_is_guarded_or_not(case: dict[str, Any]) -> None:
    guard = _guard(case)
    assert guard is not None, "the view was not recognised"
    assert guard.verdict == case["expect"], (guard.why, guard.steps)


def test_there_are_enough_cases_and_no_guard_is_believed_by_its_name() -> None:
    assert len(CASES) >= 60
    tempting = [case for case in CASES if case.get("naive")]
    assert len(tempting) >= 25
    wrongly = [c["name"] for c in tempting if (g := _guard(c)) and g.verdict == GUARDED]
    assert not wrongly
