"""Threats of public models: each covered by a threat or a question of ours, or missed and why."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from undersign.catalogs import threat_rules
from undersign.records.threat import Analysis
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import read
from undersign.surfaces.threatmodel.importers import read as read_other
from undersign.surfaces.threatmodel.importers.imported import write

HERE = Path(__file__).parent
TABLE: dict[str, dict[str, str]] = tomllib.loads((HERE / "recall.toml").read_text())
FIRST: dict[str, dict[str, str]] = tomllib.loads((HERE / "blind" / "first.toml").read_text())
SECOND: dict[str, dict[str, str]] = tomllib.loads((HERE / "blind" / "second.toml").read_text())
THIRD: dict[str, dict[str, str]] = tomllib.loads((HERE / "blind" / "third.toml").read_text())
BLIND = FIRST | SECOND | THIRD
CHATBOT = "genai_chatbot"


def of(name: str, folder: Path) -> tuple[Analysis, set[str]]:
    """Our analysis of a public model, and the keys of its own threats."""
    if name == CHATBOT:
        text = (HERE / "genai_chatbot.yaml").read_text()
        theirs = json.loads((folder / "GenAIChatbot.tc.json").read_text())["threats"]
        keys = {str(one["numericId"]) for one in theirs}
    else:
        raw = (folder / f"{name}-threat-model.json").read_text()
        text = write(read_other(raw)[1])
        keys = {str(n) for n in range(len(json.loads(raw)["threats"]))}
    return analyse(read(text), threat_rules.load()), keys


@pytest.mark.parametrize("name", TABLE)
def test_every_threat_of_a_public_model_is_covered_or_told_as_missed(
    name: str, shared_data: Path
) -> None:
    found, keys = of(name, shared_data / "threatmodels")
    assert set(TABLE[name]) == keys
    is_covered(TABLE[name], found)


@pytest.mark.parametrize("name", BLIND)
def test_what_covers_a_threat_of_a_system_described_blind_is_there(name: str) -> None:
    text = (HERE / "blind" / f"{name}.yaml").read_text()
    is_covered(BLIND[name], analyse(read(text), threat_rules.load()))


def is_covered(table: dict[str, str], found: Analysis) -> None:
    """Every threat or question that the table names is in our analysis."""
    threats = {one.id for one in found.threats}
    asked = {one.id for one in found.questions} | {o for q in found.questions for o in q.also}
    for told in table.values():
        if not told.startswith("missed: "):
            cover = told.removeprefix("later ")
            assert cover.removeprefix("?") in (asked if cover.startswith("?") else threats), cover


def shares(table: dict[str, dict[str, str]]) -> tuple[int, int, int]:
    """How many threats there are, and how many are covered: blind, and by all rules of today."""
    every = [told for one in table.values() for told in one.values()]
    missed = sum(told.startswith("missed") for told in every)
    later = sum(told.startswith("later") for told in every)
    return len(every), len(every) - missed - later, len(every) - missed


def test_recall() -> None:
    assert shares(TABLE) == (59, 47, 55)
    assert shares(FIRST) == (83, 53, 77)
    assert shares(SECOND) == (95, 71, 87)
    assert shares(THIRD) == (34, 25, 30)
