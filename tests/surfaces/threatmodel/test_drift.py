"""Drift: every real change of a deployment is found, and none in comments, order or form."""

from __future__ import annotations

import pytest

from surfaces.threatmodel.deployments import ALL, COMPOSE
from undersign.catalogs import threat_rules
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import read
from undersign.surfaces.threatmodel.drift import Change, agreed, drift
from undersign.surfaces.threatmodel.importers import read as read_other
from undersign.surfaces.threatmodel.importers.imported import write

REAL = [(name, old, new) for name, (_, real, _) in ALL.items() for old, new in real]
FORM = [(name, old, new) for name, (_, _, form) in ALL.items() for old, new in form]


def changed(name: str, old: str, new: str) -> tuple[Change, ...]:
    text = ALL[name][0]
    assert old in text, old
    _, before = read_other(text, name)
    _, after = read_other(text.replace(old, new), name)
    model = read(agreed(write(before), before))
    assert not model.problems
    return drift(model, analyse(model, threat_rules.load()), after)


def test_there_are_enough_of_them() -> None:
    assert len(REAL) >= 60


@pytest.mark.parametrize(("name", "old", "new"), REAL)
def test_a_real_change_is_found(name: str, old: str, new: str) -> None:
    assert changed(name, old, new)


@pytest.mark.parametrize(("name", "old", "new"), FORM)
def test_form_is_no_change(name: str, old: str, new: str) -> None:
    assert changed(name, old, new) == ()


def test_what_is_reachable_now_is_told_as_exposed_with_the_threats_it_touches() -> None:
    found = changed("kubernetes", "type: ClusterIP", "type: LoadBalancer")
    exposed = next(one for one in found if one.kind == "exposed")
    assert exposed.told == "anybody on the internet now reaches web"
    assert any(threat.endswith("@web") for threat in exposed.threats)


def test_a_model_that_states_otherwise_is_contradicted() -> None:
    _, now = read_other(COMPOSE.replace("    read_only: true\n", "    privileged: true\n"))
    _, before = read_other(COMPOSE)
    model = read(write(before))
    found = drift(model, analyse(model, threat_rules.load()), now)
    assert [one.told for one in found] == [
        "the model says privileged of web is false; the file says true"
    ]


def test_agreeing_touches_nothing_else() -> None:
    _, now = read_other(COMPOSE)
    text = "# ours\nname: x  # said\ndrift_base:\n  old: aaaa\ncomponents: []\n"
    once = agreed(text, now)
    assert once.startswith("# ours\nname: x  # said\ncomponents: []\ndrift_base:\n")
    assert agreed(once, now) == once
    assert read(once).drift_base == now.hashes()
