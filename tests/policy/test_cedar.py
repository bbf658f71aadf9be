"""The Cedar export gives our answer for every cell, by the real Cedar engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import cedarpy
from hypothesis import given, settings

from policy.policy_world import CLASSES, DRAFTERS, NOW, PURPOSES, every_cell, policies
from undersign.policy.cedar import ACTIONS, entities, to_cedar
from undersign.policy.decide import decide
from undersign.policy.policy import Policy, PolicyException
from undersign.policy.policy_file import default_text, parse
from undersign.records.ruling import Cell, Ruling

_TIMES = (NOW, *(datetime(2026, 3, 11, tzinfo=UTC) + timedelta(seconds=n) for n in (-1, 0)))
"""With the last second of an exception's last day, and the first after it."""


def _permitted(
    text: str, who: list[dict[str, object]], cells: list[Cell], now: datetime
) -> list[set[str]]:
    requests = [
        {
            "principal": {"type": "Drafter", "id": cell.drafter},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "DataClass", "id": cell.data_class},
            "context": {
                "purpose": cell.purpose,
                "now": {"__extn": {"fn": "datetime", "arg": f"{now:%Y-%m-%dT%H:%M:%SZ}"}},
            },
        }
        for cell in cells
        for action in ACTIONS.values()
    ]
    answers = cedarpy.is_authorized_batch(requests, text, who)
    assert all(not answer.diagnostics.errors for answer in answers)
    allowed = [answer.allowed for answer in answers]
    return [
        {a for n, a in enumerate(ACTIONS.values()) if allowed[at * len(ACTIONS) + n]}
        for at in range(len(cells))
    ]


def _agrees(policy: Policy, drafters: tuple[str, ...], cells: list[Cell], now: datetime) -> None:
    text = to_cedar(policy, NOW)
    who = entities(policy, drafters)
    for cell, permitted in zip(cells, _permitted(text, who, cells, now), strict=True):
        ours = decide(policy, cell.drafter, cell.purpose, [cell.data_class], now=now).ruling
        assert permitted == ({ACTIONS[ours]} if ours in ACTIONS else set()), cell


def test_the_default_policy_in_cedar_says_the_same_of_every_cell() -> None:
    policy = parse(default_text(), "")
    drafters = (
        "offline",
        "openai-compatible:m@http://127.0.0.1:8080/v1",
        "anthropic:m",
        "anthropic:m@https://proxy.example.org",
        "other:m",
    )
    cells = [
        Cell(d, c, p)
        for d in drafters
        for c in (*policy.classes, "unheard-of")
        for p in (*policy.purposes, "unheard-of")
    ]
    assert (
        len({decide(policy, c.drafter, c.purpose, [c.data_class], now=NOW).ruling for c in cells})
        == 4
    )
    _agrees(policy, drafters, cells, NOW)


@settings(max_examples=60, deadline=None)
@given(policies())
def test_any_policy_in_cedar_says_the_same_now_and_later(policy: Policy) -> None:
    for now in _TIMES:
        _agrees(policy, DRAFTERS, every_cell(), now)


def test_an_exception_of_a_drafter_goes_before_one_of_its_group() -> None:
    of_group = PolicyException(
        "g", ("far",), ("secrets",), ("hunt",), Ruling.REFUSE, "o", "r", date(2026, 4, 1)
    )
    of_drafter = replace(of_group, id="d", drafters=("anthropic:m",), ruling=Ruling.REDACT)
    policy = Policy(
        {"far": ("anthropic:*",)}, {"secrets": ""}, {"hunt": ""}, (), (of_group, of_drafter)
    )
    cells = [Cell(d, "secrets", "hunt") for d in ("anthropic:m", "anthropic:n")]
    ruled = [decide(policy, c.drafter, "hunt", ["secrets"], now=NOW).ruling for c in cells]
    assert ruled == [Ruling.REDACT, Ruling.REFUSE]
    _agrees(policy, ("anthropic:m", "anthropic:n"), cells, NOW)


def test_what_people_write_cannot_leave_its_string() -> None:
    nasty = 'x\\", action, resource); permit (principal, action, resource); //\n\u202e\x00'
    exception = PolicyException(
        "e", ("far",), ("secrets",), ("hunt",), Ruling.REFUSE, nasty, nasty, date(2026, 4, 1)
    )
    policy = Policy(
        {"far": ("anthropic:*",)},
        dict.fromkeys(CLASSES, ""),
        dict.fromkeys(PURPOSES, ""),
        (),
        (exception, replace(exception, id="f", drafters=(f"anthropic:{nasty}",))),
    )
    cells = [Cell(d, c, "hunt") for d in ("anthropic:m", "other:m") for c in CLASSES]
    assert (
        _permitted(to_cedar(policy, NOW), entities(policy, ["anthropic:m"]), cells, NOW)
        == [set()] * 6
    )
