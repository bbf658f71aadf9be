"""Every behaviour of the catalog, drafted and judged by its own events and by all checks."""

from __future__ import annotations

import pytest
import yaml
from sigma.collection import SigmaCollection

from drafters.judge import NOW, alerts, drafted, rule_matches
from undersign.catalogs import attack, detections, log_sources
from undersign.checks.spec import Grounds
from undersign.languages.sigma import parse
from undersign.records.artifact import Artifact, Draft
from undersign.records.drafting import DraftResult
from undersign.records.finding import Finding, Severity
from undersign.workflow.check import check

BEHAVIOURS = detections.load().behaviours
FOR_A_PERSON = {"missing-author", "open-question", "invented-threshold"}
"""What no drafter may answer: who stands behind it, what it asks, numbers without history."""
VARIANTS = (
    "{}",
    "{} by a non-admin, more than 7 times in 20 minutes from a single workstation",
    "many {} per user in 2h except from 10.0.0.0/8 or by user 'svc-a', not foo.exe",
    "{} against different hosts on port 445 in C:\\Temp outside business hours excluding root",
)


@pytest.mark.parametrize("slug", BEHAVIOURS)
def test_a_behaviour_is_drafted_whole(slug: str) -> None:
    behaviour = BEHAVIOURS[slug]
    brief = behaviour.phrases[0]
    result = drafted(brief)
    assert result.slug == slug
    assert not SigmaCollection.from_yaml(result.text).errors
    for finding in _findings(brief, result):
        assert finding.severity is Severity.NOTE or finding.check in FOR_A_PERSON, finding.message
    for case in yaml.safe_load(result.tests_text):
        if "events" in case:
            said = alerts(result, behaviour.family.time, case["events"])
        else:
            said = rule_matches(result, case["event"])
        assert said == (case["expect"] == "match"), case["name"]


@pytest.mark.parametrize("slug", BEHAVIOURS)
def test_no_field_is_invented(slug: str) -> None:
    behaviour = BEHAVIOURS[slug]
    source = behaviour.family.logsource
    parts = (source.get(key) for key in ("product", "category", "service"))
    known = {"EventID"}
    for answer in log_sources.load().answers(*parts):
        known |= {*answer.source.fields, *answer.route.rename}
    for variant in VARIANTS:
        result = drafted(f"{behaviour.technique} " + variant.format(behaviour.phrases[0]))
        if result.slug == slug:
            assert not _written_fields(result) - known


@pytest.mark.parametrize("slug", BEHAVIOURS)
def test_a_longer_brief_still_makes_a_rule_whose_true_positive_matches(slug: str) -> None:
    result = drafted(VARIANTS[1].format(BEHAVIOURS[slug].phrases[0]))
    assert not any(document.problems for document in parse(result.text).documents)
    for case in yaml.safe_load(result.tests_text):
        if "event" in case and case["expect"] == "match":
            assert rule_matches(result, case["event"]), case["name"]


def _findings(brief: str, result: DraftResult) -> list[Finding]:
    record = Draft(
        path="rule.yml",
        kind="sigma",
        drafter="offline",
        brief=brief,
        artifact_digest="",
        drafted_at=NOW.isoformat(),
        open_questions=result.open_questions,
        unused_words=result.unused_words,
    )
    at_hand = (attack.load(), log_sources.load(), record)
    work = check(
        Artifact("rule.yml", "sigma", result.text),
        parse(result.text),
        Grounds({type(one): one for one in at_hand}, {}),
        draft=record,
    )
    return [finding for outcome in work.outcomes for finding in outcome.findings]


def _written_fields(result: DraftResult) -> set[str]:
    found: set[str] = set()
    for document in yaml.safe_load_all(result.text):
        for part in document.get("detection", {}).values():
            for fields in part if isinstance(part, list) else [part]:
                found |= (
                    {key.partition("|")[0] for key in fields} if isinstance(fields, dict) else set()
                )
        correlation = document.get("correlation", {})
        found |= set(correlation.get("group-by", ()))
        found |= (
            {correlation["condition"]["field"]}
            if "field" in correlation.get("condition", {})
            else set()
        )
    return found
