"""From slots to a Sigma rule: what is written, what is asked about, and what cannot get in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from surfaces.replies_world import CORRELATION, rule_slots
from undersign.catalogs import attack, log_sources
from undersign.languages.sigma import parse
from undersign.records.history import ThresholdProposal
from undersign.surfaces.detect.rule_slots import RuleFacts, SlotFault, rule
from undersign.telemetry.rule_tests import read_cases, run_cases

BRIEF = "detect Kerberoasting with RC4 tickets, event 4769, encryption 0x17, except names with $"
FACTS = RuleFacts(
    drafter="replay:some.jsonl",
    brief=BRIEF,
    now=dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
    attack=attack.load(),
    log_sources=log_sources.load(),
)
KEYS = {
    "title", "id", "name", "status", "description", "references", "date", "tags", "logsource",
    "detection", "correlation", "falsepositives", "level", "undersign",
}  # fmt: skip


def _documents(**changes: Any) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(rule(rule_slots(**changes), FACTS).text))


def test_a_rule_reads_and_its_examples_hold() -> None:
    made = rule(rule_slots(), FACTS)
    file = parse(made.text)
    assert not file.unreadable
    ran = run_cases(read_cases(made.tests_text, "t"), file, log_sources.load(), "t")
    assert [case.passed for case in ran.cases] == [True, True]
    assert {case.written_by for case in ran.cases} == {"replay:some.jsonl"}
    assert made.open_questions == ()


def test_tactics_and_references_come_from_the_catalog() -> None:
    document = _documents(tactics=["impact"])[0]
    assert document["tags"] == ["attack.credential-access", "attack.t1558.003"]
    assert document["references"] == ["https://attack.mitre.org/techniques/T1558/003/"]


def test_a_technique_nobody_knows_is_kept_for_its_check_to_find() -> None:
    document = _documents(techniques=["T9999"], tactics=[])[0]
    assert document["tags"] == ["attack.t9999"]
    assert "references" not in document


def test_a_correlation_says_where_its_number_is_from() -> None:
    def origin(facts: RuleFacts, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], Any]:
        slots = rule_slots(correlation={**CORRELATION, **changes})
        made = rule(slots, facts)
        document = list(yaml.safe_load_all(made.text))[1]
        return (
            document["undersign"]["threshold"],
            document["correlation"]["condition"],
            made.open_questions,
        )

    said, _, asked = origin(FACTS)
    assert said == {"from": "unmeasured", "value": 12}
    assert "12 is a number the drafter chose" in asked[0]
    claimed, _, _ = origin(FACTS, threshold_from="brief")
    assert claimed["from"] == "unmeasured", "the brief states no 12"
    stated, _, asked = origin(replace(FACTS, brief="more than 12 tickets"), threshold_from="brief")
    assert stated == {"from": "brief", "value": 12}
    assert not any("12 is a number" in one for one in asked)
    measured = replace(FACTS, threshold=ThresholdProposal(7, 99.9, 6, 3, 9, 0.0), days=3.0)
    said, condition, _ = origin(measured)
    assert (said["from"], said["value"], condition["gte"]) == ("history", 7, 7)


def test_values_nobody_stated_are_asked_about() -> None:
    slots = rule_slots(value_reasons=[{"value": "svc-backup-77", "why": "I think so"}])
    slots["selections"][0]["any_of"][0].append(
        {"field": "ServiceName", "modifiers": [], "values": ["svc-backup-77"]}
    )
    asked = rule(slots, FACTS).open_questions
    assert len(asked) == 1
    assert "'svc-backup-77'" in asked[0]
    assert "The drafter says: I think so." in asked[0]
    assert not rule(slots, replace(FACTS, stated=("seen: svc-backup-77",))).open_questions


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"selections": [rule_slots()["selections"][0]] * 2}, "taken"),
        ({"selections": [{"name": "Condition", "any_of": [[]]}]}, "taken"),
        (
            {"selections": [{"name": "s", "any_of": [[
                {"field": "A", "modifiers": [], "values": ["x"]},
                {"field": "A", "modifiers": [], "values": ["y"]},
            ]]}]},
            "compared twice",
        ),
        (
            {"selections": [{"name": "s", "any_of": [[
                {"field": "A|re", "modifiers": [], "values": ["x"]}]]}]},
            "bar",
        ),
        (
            {"selections": [{"name": "s", "any_of": [[
                {"field": "A", "modifiers": [], "values": ["x\u202ey"]}]]}]},
            "nobody can see",
        ),
    ],
)  # fmt: skip
def test_slots_that_clash_are_no_rule(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(SlotFault, match=why):
        rule(rule_slots(**changes), FACTS)


NASTY = st.text(
    alphabet=st.sampled_from("abcdef   &*!|>%@`'\"{}[],:#-?\\\n\r\t\x00\x1b\x85\u2028\u202e<(/."),
    min_size=1,
    max_size=40,
)


SEEN = st.text(alphabet="ab &*!>%@`'\"{}[],:#-?\\<(/.=~", min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(title=NASTY, field=SEEN, value=SEEN, question=NASTY, harmless=NASTY)
def test_no_text_becomes_structure(
    title: str, field: str, value: str, question: str, harmless: str
) -> None:
    slots = rule_slots(
        title=title,
        description=title,
        false_positives=[harmless],
        open_questions=[question],
        selections=[
            {"name": "s", "any_of": [[{"field": field, "modifiers": [], "values": [value]}]]}
        ],
        condition="s",
        correlation=CORRELATION,
    )
    made = rule(slots, FACTS)
    events = list(yaml.parse(made.text, Loader=yaml.SafeLoader))
    assert not [e for e in events if isinstance(e, yaml.AliasEvent)]
    assert not [e for e in events if getattr(e, "anchor", None) or getattr(e, "tag", None)]
    documents = list(yaml.safe_load_all(made.text))
    assert len(documents) == 2
    assert all(set(document) <= KEYS for document in documents)
    kept = documents[0]["detection"]["s"]
    assert list(kept.values()) == [value]
    assert "\x1b" not in made.text and "\u202e" not in made.text
    yaml.safe_load(made.tests_text)
