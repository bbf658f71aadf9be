from __future__ import annotations

import pytest

from undersign.catalogs import attack, detections
from undersign.catalogs.detection_files import FAMILIES, read
from undersign.errors import BadInput

FAMILY = """
[[platform]]
product = "windows"
words = ["windows"]
[[family]]
product = "windows"
service = "security"
words = ["security log"]
time = "SystemTime"
reference = "https://example.org/"
roles = { user = ["SubjectUserName"] }
literals = {}
sample = { Channel = "Security" }
"""
ONE = """
title = "A"
technique = "T1070.001"
tactics = ["defense-evasion"]
level = "high"
logsource = { product = "windows", service = "security" }
phrases = ["log cleared"]
description = "a"
falsepositives = ["b"]
selections = { selection = { EventID = 1102 } }
match = [{ name = "m", fields = { EventID = 1102 } }]
no_match = [{ name = "n", fields = { EventID = 1 } }]
"""


def test_there_is_knowledge_of_many_techniques() -> None:
    techniques = {b.technique for b in detections.load().behaviours.values()}
    assert len(techniques) >= 44


@pytest.mark.parametrize("slug", detections.load().behaviours)
def test_every_behaviour_names_an_active_technique_and_its_tactics(slug: str) -> None:
    behaviour = detections.load().behaviours[slug]
    technique = attack.load().techniques[behaviour.technique]
    assert technique.status == "active" and not technique.since
    assert set(behaviour.tactics) <= set(technique.tactics)
    assert behaviour.level in ("low", "medium", "high", "critical")
    assert {sample.expect_match for sample in behaviour.samples} == {True, False}
    assert all(url.startswith("https://") for url in behaviour.references)


def test_a_behaviour_is_read() -> None:
    behaviour = read({FAMILIES: FAMILY, "a.toml": ONE}).behaviours["a"]
    assert behaviour.references[0] == "https://attack.mitre.org/techniques/T1070/001/"
    assert behaviour.role("user") == ("SubjectUserName",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("title", "titel"), "titel"),
        (('level = "high"', ""), "level is missing"),
        (('service = "security"', 'service = "none"'), "no family"),
        (("[", "[["), "not TOML"),
    ],
)
def test_a_faulty_behaviour_is_refused_by_name(change: tuple[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        read({FAMILIES: FAMILY, "a.toml": ONE.replace(*change)})
    assert refusal.value.path == "a.toml"


def test_families_must_be_there() -> None:
    with pytest.raises(BadInput, match="families"):
        read({"a.toml": ONE})
