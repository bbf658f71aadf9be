"""The step `triage`: who may say what about what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from undersign.errors import UsageError
from undersign.records.person import is_drafter_name, same_person
from undersign.records.work import Decision, Work
from undersign.workflow.triage import triage
from workflow.world import ALICE, DRAFT, ERROR, NOW, PATH, WARNING, WORK


def give(
    work: Work = WORK,
    target: str = ERROR.id,
    decision: Decision = Decision.DISMISS,
    reason: str = "known",
    person: str = ALICE,
) -> Work:
    return triage(work, target, decision, reason, person, NOW).work


def test_a_verdict_closes_its_target_only() -> None:
    before = WORK.open_items()
    after = give().open_items()
    assert set(before) - set(after) == {ERROR.id}
    (verdict,) = give(reason="  known\n").verdicts
    assert (verdict.reason, verdict.at) == ("known", "2026-11-02T10:00:00Z")
    assert verdict.artifact_digest == WORK.artifact.digest


def test_a_ground_stands_for_every_check_that_needs_it() -> None:
    done = triage(WORK, f"{PATH}#History", Decision.ACCEPT_RISK, "new source", ALICE, NOW)
    targets = [f"{PATH}#never-fires", f"{PATH}#level-rate-mismatch"]
    assert [v.target for v in done.verdicts] == targets
    assert not set(targets) & set(done.work.open_items())


def test_one_check_that_could_not_run() -> None:
    after = give(target=f"{PATH}#never-fires", decision=Decision.ACCEPT_RISK)
    assert f"{PATH}#level-rate-mismatch" in after.open_items()
    assert f"{PATH}#never-fires" not in after.open_items()
    with pytest.raises(UsageError, match="nothing to confirm"):
        give(target=f"{PATH}#never-fires", decision=Decision.CONFIRM)


@pytest.mark.parametrize(
    "target",
    ["cccccccccc", "", "#", f"{PATH}#bad-regex", f"{PATH}#Schema", "rules/other.yml#History",
     f"{PATH}#", "#History"],
)  # fmt: skip
def test_an_unknown_target_lists_what_is_open(target: str) -> None:
    with pytest.raises(UsageError, match="nothing to triage") as caught:
        give(target=target)
    assert ERROR.id in str(caught.value)
    assert f"{PATH}#never-fires" in str(caught.value)


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_reason_is_needed(reason: str) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        give(reason=reason)


@pytest.mark.parametrize(
    "person",
    ["", " ", "offline", "OFFLINE", "anthropic:some-model", "anthropic:other", "command:claude -p",
     "openai-compatible:m@http://127.0.0.1", "replay:x"],
)  # fmt: skip
def test_a_drafter_has_no_verdict(person: str) -> None:
    with pytest.raises(UsageError, match="cannot give a verdict"):
        give(person=person)
    with pytest.raises(UsageError, match="cannot give a verdict"):
        give(work=replace(WORK, draft=None), person=person)


@pytest.mark.parametrize(
    "person",
    ["Alice", "alice", "person:Alice", "ALICE ", "alice@example.com", "Alice <a@b.c>",
     "Someone <alice@example.com>", "Ａlice"],
)  # fmt: skip
def test_a_person_who_drafted_has_no_verdict(person: str) -> None:
    work = replace(WORK, draft=replace(DRAFT, drafter="person:Alice <alice@example.com>"))
    with pytest.raises(UsageError, match="drafted"):
        give(work=work, person=person)
    assert give(work=work, person="Bob <bob@example.com>").verdicts


def test_the_last_verdict_counts() -> None:
    confirmed = give(work=give(), decision=Decision.CONFIRM)
    assert ERROR.id in confirmed.open_items()
    assert len(confirmed.verdicts) == 2
    assert ERROR.id not in give(work=confirmed).open_items()
    asked = give(target=WARNING.id, decision=Decision.NEEDS_INFO)
    assert WARNING.id in asked.open_items()
    answered = give(work=asked, target=WARNING.id, decision=Decision.CONFIRM)
    assert WARNING.id not in answered.open_items()


def test_new_text_forgets_verdicts() -> None:
    assert give().with_text("title: other\n").verdicts == ()


def test_names() -> None:
    assert same_person("person:Bob", "bob")
    assert not same_person("bob", "bobby")
    assert not same_person("", "")
    assert not is_drafter_name("person:bob")
    assert not is_drafter_name("bob@example.com")
