"""Is a policy whole, and what its owner must know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given

from policy.policy_world import NOW, policies
from policy.test_policy_file import EXCEPTION, SMALL
from undersign.policy.cells import blocks, cells, holes, said, troubles
from undersign.policy.policy import Policy
from undersign.policy.policy_file import default_text, parse
from undersign.records.ruling import Cell, Ruling

RULE = "  - {id: s, drafters: [far], classes: [secrets], purposes: all, ruling: ask, why: So.}\n"


def _kinds(text: str, now: datetime = NOW) -> list[str]:
    return [one.kind for one in troubles(parse(text, "policy.yml"), now)]


def test_the_default_policy_is_whole() -> None:
    policy = parse(default_text(), "")
    assert troubles(policy, NOW) == ()
    ruled = list(cells(policy, NOW))
    assert len(ruled) == 3 * len(policy.classes) * 6
    for one in ruled:
        if one.cell.data_class in ("secrets", "credentials") and one.cell.drafter != "offline":
            assert one.ruling is not Ruling.ALLOW
        if one.cell.data_class == "incident-restricted" and one.cell.drafter == "hosted":
            assert one.ruling is Ruling.REFUSE


def test_holes_are_said_in_few_lines() -> None:
    text = SMALL.replace("classes: all", "classes: [public, secrets]")
    policy = parse(text, "policy.yml")
    (hole,) = holes(policy, NOW)
    assert hole.cells == len(policy.classes) - 2
    assert said(hole, policy).startswith(
        "every group / internal, internal-names, confidential, cred"
    )
    assert said(hole, policy).endswith("/ every purpose")
    assert _kinds(text) == ["hole"]


@given(policies())
def test_holes_are_exactly_the_cells_that_nothing_decides(policy: Policy) -> None:
    listed = [
        Cell(d, c, p)
        for block in holes(policy, NOW)
        for d in block.drafters
        for c in block.classes
        for p in block.purposes
    ]
    open_cells = [one.cell for one in cells(policy, NOW) if one.rule == "default"]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(open_cells)


def test_blocks_merge() -> None:
    some = [Cell(d, c, p) for d in "ab" for c in "xy" for p in "12"]
    assert len(blocks(some)) == 1
    assert len(blocks(some[:-1])) == 3


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (datetime(2026, 3, 10, tzinfo=UTC), []),
        (datetime(2026, 3, 18, 23, tzinfo=UTC), []),
        (datetime(2026, 3, 19, tzinfo=UTC), ["expires-soon"]),
        (datetime(2026, 4, 1, 23, 59, tzinfo=UTC), ["expires-soon"]),
        (datetime(2026, 4, 2, tzinfo=UTC), ["expired"]),
    ],
)
def test_exceptions_expire_and_it_is_told(day: datetime, kinds: list[str]) -> None:
    assert _kinds(SMALL + EXCEPTION, day) == kinds


def test_exceptions_that_contradict_or_change_nothing() -> None:
    other = EXCEPTION.replace("exceptions:\n", "").replace("id: e", "id: f")
    assert _kinds(SMALL + EXCEPTION + other) == []
    assert _kinds(SMALL + EXCEPTION + other.replace("allow", "refuse")) == ["contradiction"]
    gone = other.replace("allow", "refuse").replace("2026-04-01", "2026-01-01")
    assert _kinds(SMALL + EXCEPTION + gone) == ["expired"]
    assert _kinds(SMALL + EXCEPTION.replace("allow", "redact")) == ["changes-nothing"]


def test_what_only_an_exception_decides_is_told() -> None:
    text = SMALL.replace("classes: all", "classes: [public]") + EXCEPTION
    assert _kinds(text) == ["hole", "exception-alone"]


def test_rules_that_never_decide() -> None:
    assert _kinds(SMALL + RULE) == []
    assert _kinds(SMALL + RULE.replace("ask", "allow")) == ["never-decides"]
    (told,) = troubles(parse(SMALL + RULE.replace("ask", "allow"), "policy.yml"), NOW)
    assert told.line == 8
    assert "r names each" in told.message
    assert _kinds(SMALL + RULE + RULE.replace("id: s", "id: t")) == ["never-decides"]


def test_a_client_whose_every_request_is_refused() -> None:
    client = "clients: {tool: {purpose: hunt, class: secrets}}\n"
    assert _kinds(SMALL + client) == []
    assert _kinds(SMALL + RULE + client) == ["client-refused"]
    assert _kinds(SMALL + client.replace("class: secrets", "wires: [openai-chat]")) == [
        "client-refused"
    ]
