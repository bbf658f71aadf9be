"""What rules mean, case by case: the oracle and the tree must both say what the case says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from oracle.evaluate import matches
from undersign.languages.sigma import parse
from undersign.languages.sigma.evaluate import explain, holds

HEAD = {"title": "case", "logsource": {"product": "windows"}}


def _cases() -> list[Any]:
    found = []
    for file in sorted((Path(__file__).parent / "cases").glob("*.yml")):
        for case in yaml.safe_load(file.read_text()):
            for expected, events in ((True, case["matches"]), (False, case["misses"])):
                for number, event in enumerate(events):
                    name = f"{case['name']}-{'matches' if expected else 'misses'}-{number}"
                    found.append(pytest.param(case["detection"], event, expected, id=name))
    return found


@pytest.mark.parametrize(("detection", "event", "expected"), _cases())
def test_case(detection: Any, event: Any, expected: bool) -> None:
    rule = HEAD | {"detection": detection}
    (document,) = parse(yaml.safe_dump(rule, sort_keys=False)).rules
    assert document.problems == ()
    assert matches(rule, event) is expected
    assert any(holds(tree, event) for tree in document.conditions) is expected
    outcomes = [explain(tree, event)["outcome"] for tree in document.conditions]
    assert any(outcomes) is expected
