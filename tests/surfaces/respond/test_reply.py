"""What a drafter replies is struck unless its evidence bears it out, whatever it was told."""

from __future__ import annotations

from typing import Any

import pytest

from surfaces.respond.conftest import Incident
from undersign.surfaces.respond.filled import Filled
from undersign.surfaces.respond.reply import filled_of, inferences_of

HOLDS = (
    ("The key of svc-deploy was used from 203.0.113.77", ["cloudtrail.json:11"]),
    ("A build log printed the key", ["slack:23"]),
    ("The bucket customer-exports was listed", ["cloudtrail.json:14"]),
)
STRUCK = (
    ("The key of svc-deploy was used from 203.0.113.78", ["cloudtrail.json:11"]),
    ("The key of mallory was used from 203.0.113.77", ["cloudtrail.json:11"]),
    ("The key was used at 03:00", ["cloudtrail.json:11"]),
    ("The key was used 400 times", ["cloudtrail.json:11"]),
    ("APT29 used the key", ["cloudtrail.json:11"]),
    ("Nothing is cited", []),
    ("What is cited is not there", ["slack:999"]),
    ("What is cited is no address", ["see the log"]),
    ("", ["slack:23"]),
    ("No customer data was read", ["slack:16"]),
)


def filled(incident: Incident, **slots: Any) -> Filled:
    return filled_of(slots, "replay:x", incident.timeline, incident.evidence)


@pytest.mark.parametrize(("text", "cites"), HOLDS)
def test_what_its_evidence_says_is_kept(incident: Incident, text: str, cites: list[str]) -> None:
    made = filled(incident, factors=[{"text": text, "cites": cites}])
    assert made.struck == 0
    assert [p.text for p in made.factors] == [text]


@pytest.mark.parametrize(("text", "cites"), STRUCK)
def test_what_its_evidence_does_not_say_is_struck(
    incident: Incident, text: str, cites: list[str]
) -> None:
    made = filled(incident, factors=[{"text": text, "cites": cites}])
    assert (made.struck, made.factors) == (1, ())
    claims, struck = inferences_of(
        {"inferences": [{"text": text, "cites": cites}]}, "x", incident.timeline, incident.evidence
    )
    assert (claims, struck) == ((), 1)


def test_a_drafter_names_no_owner_and_no_date_that_is_none(incident: Incident) -> None:
    made = filled(
        incident,
        actions=[
            {"what": "Scan logs", "owner": "alice", "type": "prevent", "due": "2026-04-01"},
            {"what": "Rotate", "owner": "bob", "type": "blame", "due": "soon"},
        ],
    )
    assert [(a.owner, a.kind, a.due) for a in made.actions] == [("", "prevent", "2026-04-01"),
                                                               ("", "", "")]  # fmt: skip


def test_words_of_a_message_alone_are_told_as_heard(incident: Incident) -> None:
    made = filled(
        incident, factors=[{"text": "A build log printed the key", "cites": ["slack:23"]}]
    )
    assert made.factors[0].heard == ("bob",)


def test_a_flood_of_points_is_bounded_and_counted(incident: Incident) -> None:
    one = {"text": "A build log printed the key", "cites": ["slack:23"]}
    made = filled(incident, factors=[one] * 10_000)
    assert len(made.factors) < 200
    assert len(made.factors) + made.struck == 10_000


def test_inferences_are_claims_of_the_drafter_with_new_ids(incident: Incident) -> None:
    slots = {"inferences": [{"text": t, "cites": c} for t, c in HOLDS]}
    claims, struck = inferences_of(slots, "replay:x", incident.timeline, incident.evidence)
    ids = {claim.id for claim in incident.timeline.every_claim()}
    assert struck == 0
    assert {c.by for c in claims} == {"replay:x"}
    assert not ids & {c.id for c in claims}
    assert len({c.id for c in claims}) == len(HOLDS)
