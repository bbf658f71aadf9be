"""Maturity: evidence only for what is there, and every gap with a next step."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from undersign.catalogs.practices import load
from undersign.records.maturity import Holdings, Standing
from undersign.workflow.maturity import PROBES, assess

EVERYTHING = Holdings(
    policy="policy.yml",
    exceptions=1,
    calls_sent=3,
    calls_refused=1,
    calls_redacted=2,
    gateway_requests=4,
    drafters={"offline": 6},
    drafters_measured=("offline at sigma",),
    drafts=6,
    drafts_checked=6,
    drafts_costed=2,
    drafts_by_others=2,
    drafts_rejected=1,
    months=2,
    signers=2,
    artifacts=3,
    signed=3,
    rules=2,
    rules_tested=2,
    threat_models=1,
    verdicts=5,
    people=2,
    baselines=2,
    checkpoints=1,
    tables=3,
    hunts=2,
    hunts_concluded=2,
    ci=".github/workflows/undersign.yml",
)


def test_an_empty_workspace_shows_nothing() -> None:
    assessed = assess(load(), Holdings())
    assert {one.standing for one in assessed} == {Standing.NOT_SHOWN, Standing.UNSEEN}
    assert all(one.gaps and not one.evidence for one in assessed)


def test_a_full_one_shows_all_that_can_be_seen() -> None:
    assessed = assess(load(), EVERYTHING)
    assert {one.standing for one in assessed} == {Standing.SHOWN, Standing.UNSEEN}
    assert all(not one.gaps for one in assessed if one.standing is Standing.SHOWN)


def test_every_probe_is_used_and_known() -> None:
    used = {name for f in load() for p in f.practices for name in p.probes}
    assert used == set(PROBES)
    assert all(bool(p.probes) != bool(p.unseen) for f in load() for p in f.practices)


def test_the_frameworks_are_whole() -> None:
    rmf, samm = load()
    functions = {"GOVERN": 6, "MAP": 5, "MEASURE": 4, "MANAGE": 4}
    assert [p.id for p in rmf.practices] == [f"{f} {n + 1}" for f in functions
                                             for n in range(functions[f])]  # fmt: skip
    assert len(samm.practices) == 15


def test_the_ids_are_those_of_the_catalogs(shared_data: Path) -> None:
    folder = shared_data / "catalogs"
    rmf = json.loads((folder / "nist-ai-rmf-1.0.json").read_text())
    samm = json.loads((folder / "samm-2.json").read_text())
    assert {p.id for p in load()[0].practices} == {
        e["id"] for e in rmf["entries"] if e["kind"] == "category"
    }
    names = {e["name"] for e in samm["entries"] if "practice" in e["kind"] and e["name"]}
    assert {p.id for p in load()[1].practices} == names


COUNTED = [f.name for f in fields(Holdings) if f.name not in ("policy_holes", "artifacts", "rules",
           "hunts", "exceptions_expired", "drafters_unlisted", "stale_catalogs", "unsealed",
           "people", "drafts_by_others", "calls_redacted", "calls_refused",
           "exceptions")]  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_every_count_is_evidence_for_something(name: str) -> None:
    """Taken away from a workspace that has everything, each leaves a gap somewhere."""
    without = replace(EVERYTHING, **{name: type(getattr(EVERYTHING, name))()})
    assert any(one.gaps for one in assess(load(), without) if one.standing is not Standing.UNSEEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy_holes": 2}, {"exceptions_expired": 1}, {"drafters_unlisted": ("x:y",)},
        {"stale_catalogs": ("attack",)}, {"unsealed": 3}, {"artifacts": 4}, {"rules": 3},
        {"hunts": 3}, {"drafts_by_others": 3},
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_gap(wrong: dict[str, object]) -> None:
    held = replace(EVERYTHING, **wrong)  # type: ignore[arg-type]
    assert any(one.standing is Standing.PARTLY for one in assess(load(), held))
