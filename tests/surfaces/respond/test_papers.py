"""Postmortems and notices from claims: nothing is made up, outsiders are told no names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from surfaces.respond.conftest import Incident
from undersign.languages.markdown import parse
from undersign.records.claim import ClaimKind
from undersign.records.timeline import Mark, Milestone, Timeline
from undersign.surfaces.respond.filled import Action, Filled, Point
from undersign.surfaces.respond.notices import AUDIENCES, Told, notice, state_of
from undersign.surfaces.respond.postmortem import UNSAID, notable, postmortem

DIGEST = "ab" * 32
SECTIONS = (
    "Summary", "Impact", "Timeline", "Milestones and measures", "Contributing factors",
    "Five whys", "What went well", "What was difficult", "Action items", "Open questions",
    "Sources",
)  # fmt: skip


def headings(text: str) -> list[str]:
    return [b.text for b in parse(text).blocks if b.kind == "heading" and b.level == 2]


def test_every_section_is_there_and_what_nobody_said_is_asked(incident: Incident) -> None:
    text = postmortem(incident.timeline, incident.evidence, DIGEST)
    assert headings(text) == list(SECTIONS)
    assert f"timeline_sha256: {DIGEST}" in text
    assert text.count(UNSAID) == 6
    assert "| TBD | TBD | TBD |" in text
    assert "When did it begin? Nothing named it" in text


def test_every_sentence_of_the_timeline_cites(incident: Incident) -> None:
    document = parse(postmortem(incident.timeline, incident.evidence, DIGEST))
    told = [s for s in document.sentences if s.block.section[-1:] == ("Timeline",)]
    cited = [s for s in told if s.cited]
    assert len(cited) >= 50
    assert all("more entries" in s.text for s in told if not s.cited)
    assert {a for s in cited for a in s.cited} <= set(incident.evidence)


def test_lengths_are_computed_and_nobody_types_them(incident: Incident) -> None:
    derived = {c.slots["measure"]: float(c.slots["seconds"]) for c in incident.timeline.claims
               if c.kind is ClaimKind.DERIVED}  # fmt: skip
    times = {m.mark: m.time for m in incident.timeline.milestones}
    detected, resolved = times[Mark.DETECTED], times[Mark.RESOLVED]
    assert detected is not None
    assert resolved is not None
    assert derived["ttr"] == int((resolved - detected).total_seconds())


def test_the_rarest_lines_stay_when_not_all_fit(incident: Incident) -> None:
    shown = notable(incident.timeline, 30)
    assert len(shown) == 30
    assert [e.start for e in shown] == sorted(e.start for e in shown)
    ids = {e.claim.id for e in shown}
    assert {m.claim for m in incident.timeline.milestones if m.claim} <= ids


def test_drafted_words_are_marked_and_inert(incident: Incident) -> None:
    filled = Filled(
        by="replay:x",
        factors=(Point("<script> and [a](https://evil.example)", ("slack:23",), ("bob",)),),
        actions=(Action("Scan | everything", "", "prevent"),),
        struck=2,
    )
    text = postmortem(incident.timeline, incident.evidence, DIGEST, filled)
    line = next(one for one in text.split("\n") if "inference" in one)
    assert "(inference from what bob wrote, by replay:x) [slack:23]" in line
    assert not parse(text).links
    assert "2 more things were drafted and struck" in text
    row = next(b for b in parse(text).blocks if b.kind == "row" and "Scan" in b.text)
    assert len(row.cells) == 4, "a bar in a cell makes no cell"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_notice_makes_up_nothing(incident: Incident, audience: str) -> None:
    text = notice(audience, incident.timeline, DIGEST, Told())
    assert "Say it with --impact" in text
    assert "status: resolved" in text
    assert "It began" not in text, "no milestone says so"
    for name in ("198.51.100.23", "203.0.113.77") if audience != "internal" else ():
        assert name not in text


def test_outsiders_are_told_no_names(incident: Incident) -> None:
    told = Told("Exports were read", ("Exports",), datetime(2026, 3, 5, 12, tzinfo=UTC), "p@x")
    for audience in ("status-page", "customer"):
        text = notice(audience, incident.timeline, DIGEST, told)
        for name in ("svc-deploy", "bastion1", "alice", "bob", "Deploy key", "declared"):
            assert name not in text
        assert "Next update: 2026-03-05 12:00" in text
        assert "(judgement, by p" in text


def test_the_state_follows_the_milestones() -> None:
    def at(*marks: Mark) -> str:
        named = tuple(Milestone(m, "C1", datetime(2026, 1, 1, tzinfo=UTC)) for m in marks)
        return state_of(Timeline("x", "X", milestones=named))

    assert at() == at(Mark.DETECTED) == "investigating"
    assert at(Mark.DETECTED, Mark.DECLARED) == "identified"
    assert at(Mark.DETECTED, Mark.MITIGATED) == "monitoring"
    assert at(Mark.MITIGATED, Mark.RESOLVED) == "resolved"


def test_an_open_incident_asks_when_the_next_update_is(incident: Incident) -> None:
    marks = tuple(m for m in incident.timeline.milestones if m.mark is not Mark.RESOLVED)
    text = notice("status-page", replace(incident.timeline, milestones=marks), DIGEST, Told())
    assert "Say it with --next-update" in text
