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
    threats = {one.id for one in found.threats}
    asked = {one.id for one in found.questions} | {o for q in found.questions for o in q.also}
    for told in TABLE[name].values():
        if not told.startswith("missed: "):
            cover = told.removeprefix("later ")
            assert cover.removeprefix("?") in (asked if cover.startswith("?") else threats), cover


def test_recall() -> None:
    every = [told for table in TABLE.values() for told in table.values()]
    missed = sum(told.startswith("missed") for told in every)
    later = sum(told.startswith("later") for told in every)
    assert len(every) == 59
    assert (len(every) - missed) / len(every) >= 0.90, "of rules that know these models"
    assert (len(every) - missed - later) / len(every) >= 0.79, "blind: before they were read"
