"""The JSON Schema that editors use agrees with what is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from surfaces.threatmodel.systems import AGENT, any_system
from undersign.catalogs import threat_rules
from undersign.surfaces.threatmodel.schema import schema

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "threatmodel.schema.json"


def problems(text: str) -> list[str]:
    data = json.loads(json.dumps(yaml.safe_load(text), default=str))
    return [e.message for e in Draft202012Validator(schema(threat_rules.load())).iter_errors(data)]


def test_the_schema_in_the_documentation_is_that_of_the_code(
    request: pytest.FixtureRequest,
) -> None:
    text = json.dumps(schema(threat_rules.load()), indent=1) + "\n"
    if request.config.getoption("--regen"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "stale: run `uv run pytest --regen`"
    Draft202012Validator.check_schema(schema(threat_rules.load()))


def test_descriptions_are_valid_and_wrong_ones_are_not(shared_data: Path) -> None:
    sample = shared_data.parent / "prototypes" / "sample_support_agent.yaml"
    ours = ROOT / "docs" / "threatmodel" / "undersign.yaml"
    for text in (AGENT, any_system(3), sample.read_text(), ours.read_text()):
        assert problems(text) == []
    assert problems(AGENT.replace("kind: ai.agent", "kind: ai.agnt"))
    assert problems(AGENT.replace("from: cust, ", ""))
    assert problems(AGENT + "treatments:\n  - {threat: X, status: won}\n")
