"""The small world of a card about a threat model: the description, and what is known beside it."""

from __future__ import annotations

import tomllib

import signed_world
from undersign.catalogs import frontier, references, threat_rules
from undersign.checks.cards import Example
from undersign.checks.spec import Check, Grounds, run
from undersign.records.artifact import Artifact
from undersign.records.drift import Observed
from undersign.records.finding import Outcome
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import read

PATH = "threatmodels/card.yaml"


def grounds_of(example: Example) -> Grounds:
    """Analyse the description; `now` and `[observed]` of the TOML stand beside it."""
    stated = tomllib.loads(example.grounds)
    found: list[object] = [
        analyse(read(example.rule), threat_rules.load()),
        references.load(),
        frontier.load(),
    ]
    if "now" in stated:
        found.append(signed_world.now_of(stated["now"]))
    if "observed" in stated:
        found.append(Observed(**stated["observed"]))
    return Grounds({type(g): g for g in found}, {})


def outcome_of(check: Check, example: Example, grounds: Grounds) -> Outcome:
    artifact = Artifact(PATH, "threatmodel", example.rule)
    return run(check, artifact, read(example.rule), grounds)
