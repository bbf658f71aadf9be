"""Hand-written cited sentences raise no alarm; made wrong in one place, nearly all of them do."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from checks.respond_claims.mutations import MUTATIONS, Corpus, mutated
from undersign.checks import CHECKS
from undersign.checks.spec import Check, needs_of
from undersign.languages.markdown import parse
from undersign.records.claim import Claim, ClaimKind
from undersign.records.evidence import CaseFile, Evidence
from undersign.surfaces.respond.wording import sentence

HERE = Path(__file__).parent
LEAST_CAUGHT, MOST_ALARMS = 0.99, 0.03
MOST_SECONDS = 0.3
ASKED = tuple(c for c in CHECKS if "RSP001" <= c.code <= "RSP009")
BESIDE = "\n\nbert-jan called GetParameter. [trail:172]"
"""A sentence that cites, so that a document is one that cites."""


def evidence_of(one: dict[str, Any]) -> Evidence:
    source, _, line = one["id"].rpartition(":")
    facts = {role: tuple(values) for role, values in one["facts"].items()}
    raw = " ".join(v for values in facts.values() for v in values)
    when = datetime.fromisoformat(one["time"]) if one["time"] else None
    return Evidence(one["id"], source, int(line), when, raw, facts=facts, outcome=one["outcome"])


EVENTS = {one["id"]: evidence_of(one) for one in json.loads((HERE / "events.json").read_text())}
CASE = CaseFile({}, EVENTS)
SENTENCES = tuple(
    line.strip()
    for line in (HERE / "sentences.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
)


def alarms(text: str, checks: tuple[Check, ...] = ASKED) -> list[str]:
    document = parse(text + BESIDE)
    given: dict[str, Any] = {"case": CASE, "timeline": None}
    found = []
    for check in checks:
        function = check.load()
        arguments = {name: given[name] for name in needs_of(function)}
        found += [f"{check.code} {fault.message}" for fault in function(document, **arguments)]
    return found


def test_there_are_enough_sentences_and_every_event_is_used() -> None:
    assert len(SENTENCES) >= 150
    assert all(any(f"{one}]" in s or f"{one}," in s for s in SENTENCES) for one in EVENTS)


def test_few_right_sentences_raise_an_alarm() -> None:
    wrong = {s: found for s in SENTENCES if (found := alarms(s))}
    assert len(wrong) <= MOST_ALARMS * len(SENTENCES), wrong


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_sentence_made_wrong_is_caught(name: str) -> None:
    rng, corpus = Random(3), Corpus(EVENTS)
    made = [m for s in SENTENCES if not alarms(s) for m in mutated(name, s, corpus, rng)]
    missed = [one for one in made if not alarms(one)]
    assert len(made) >= 10
    assert len(missed) <= (1 - LEAST_CAUGHT) * len(made), missed


def rendered(one: Evidence) -> str:
    slots = {role: values[0] for role, values in one.facts.items()}
    if one.time is not None:
        slots["time"] = one.time.isoformat().replace("+00:00", "Z")
    if one.outcome:
        slots["outcome"] = one.outcome
    return sentence(Claim("C1", ClaimKind.OBSERVED, (one.id,), slots=slots))


def test_what_is_rendered_from_evidence_agrees_with_it() -> None:
    wrong = {one.id: found for one in EVENTS.values() if (found := alarms(rendered(one)))}
    assert not wrong


@pytest.mark.parametrize("name", ["time", "address", "user", "host", "region", "event"])
def test_a_rendered_claim_made_wrong_is_caught(name: str) -> None:
    rng, corpus = Random(5), Corpus(EVENTS)
    made = [m for e in EVENTS.values() for m in mutated(name, rendered(e), corpus, rng, 1)]
    missed = [one for one in made if not alarms(one)]
    assert len(made) >= 10
    assert len(missed) <= (1 - LEAST_CAUGHT) * len(made), missed


def test_a_thousand_sentences_take_no_time() -> None:
    from time import process_time

    text = "\n\n".join((SENTENCES * 7)[:1000])
    parse(text)
    alarms("warm [trail:62]")
    document = parse(text)
    begun = process_time()
    for check in ASKED:
        function = check.load()
        given: dict[str, Any] = {"case": CASE, "timeline": None}
        list(function(document, **{name: given[name] for name in needs_of(function)}))
    # Twice the measured limit: other tests run beside this one.
    assert process_time() - begun < 2 * MOST_SECONDS
