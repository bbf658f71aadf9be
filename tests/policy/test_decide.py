"""What the policy rules: the properties that whoever signs one relies on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.policy_world import (
    CLASSES,
    DRAFTERS,
    GROUPS,
    NOW,
    PURPOSES,
    every_cell,
    exceptions,
    policies,
    rules,
)
from undersign.policy.decide import DEFAULT, decide
from undersign.policy.policy import Policy, PolicyException, Rule, matches
from undersign.records.ruling import Cell, Ruling


def _ruling(policy: Policy, cell: Cell, now: datetime = NOW) -> Ruling:
    return decide(policy, cell.drafter, cell.purpose, [cell.data_class], now=now).ruling


def _named_by(one: Rule | PolicyException, cell: Cell) -> bool:
    """Say by the file's own words whether an entry speaks of a drafter's cell."""
    groups = {
        g for g, patterns in GROUPS.items() if any(matches(p, cell.drafter) for p in patterns)
    }
    drafters = groups if one.drafters is None else groups & set(one.drafters)
    if isinstance(one, PolicyException) and cell.drafter in one.drafters:
        drafters.add(cell.drafter)
    return bool(
        drafters
        and (one.classes is None or cell.data_class in one.classes)
        and (one.purposes is None or cell.purpose in one.purposes)
    )


@given(policies(), rules())
def test_adding_an_allow_widens_no_other_cell(policy: Policy, rule: Rule) -> None:
    allow = replace(rule, id="added", ruling=Ruling.ALLOW)
    wider = replace(policy, rules=(*policy.rules, allow))
    for cell in every_cell():
        before, after = _ruling(policy, cell), _ruling(wider, cell)
        if not _named_by(allow, cell):
            assert after is before
        elif before is not Ruling.REFUSE:
            assert after is before, "an allow loosens nothing that a rule decided"


@given(policies(), rules())
def test_adding_any_rule_loosens_only_what_nothing_decided(policy: Policy, rule: Rule) -> None:
    more = replace(policy, rules=(*policy.rules, replace(rule, id="added")))
    for cell in every_cell():
        before = decide(policy, cell.drafter, cell.purpose, [cell.data_class], now=NOW)
        after = _ruling(more, cell)
        if after.strictness < before.ruling.strictness:
            assert before.ruled[0].rule == DEFAULT


@given(policies(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_means_nothing(policy: Policy, random: object) -> None:
    shuffled = list(policy.rules), list(policy.exceptions), list(policy.drafters.items())
    for one in shuffled:
        random.shuffle(one)  # type: ignore[attr-defined]
    other = replace(
        policy,
        rules=tuple(shuffled[0]),
        exceptions=tuple(shuffled[1]),
        drafters=dict(shuffled[2]),
    )
    for cell in every_cell():
        assert _ruling(policy, cell) is _ruling(other, cell)


@given(policies(), exceptions())
def test_an_exception_touches_only_its_cells_and_only_until_it_expires(
    policy: Policy, exception: PolicyException
) -> None:
    one = replace(exception, id="added", expires=date(2026, 3, 10))
    more = replace(policy, exceptions=(*policy.exceptions, one))
    last = datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)
    for cell in every_cell():
        if not _named_by(one, cell):
            assert _ruling(more, cell, last) is _ruling(policy, cell, last)
        after = last + timedelta(seconds=1)
        assert _ruling(more, cell, after) is _ruling(policy, cell, after)


@given(rules(), exceptions())
def test_an_exception_holds_instead_of_the_rules(rule: Rule, exception: PolicyException) -> None:
    one = replace(exception, expires=date(2026, 4, 1))
    policy = Policy(
        GROUPS, dict.fromkeys(CLASSES, ""), dict.fromkeys(PURPOSES, ""), (rule,), (one,)
    )
    for cell in every_cell(DRAFTERS[:2]):  # those of one group
        if _named_by(one, cell):
            assert _ruling(policy, cell) is one.ruling


@given(policies(), st.lists(st.sampled_from(CLASSES), min_size=1))
def test_a_request_gets_the_strictest_of_its_classes(policy: Policy, classes: list[str]) -> None:
    for drafter in DRAFTERS:
        judgement = decide(policy, drafter, "hunt", classes, now=NOW)
        alone = [_ruling(policy, Cell(drafter, one, "hunt")) for one in classes]
        assert judgement.ruling is max(alone, key=lambda one: one.strictness)
        assert judgement.ruled[0].ruling is judgement.ruling
        assert {one.cell.data_class for one in judgement.ruled} == set(classes)


@given(policies())
def test_a_drafter_of_two_groups_gets_the_stricter(policy: Policy) -> None:
    for data_class in CLASSES:
        cells = [Cell(drafter, data_class, "hunt") for drafter in DRAFTERS[:3]]
        if any(set(e.drafters) & set(DRAFTERS) for e in policy.exceptions):
            return
        near, far, both = (_ruling(policy, cell) for cell in cells)
        assert both is max(near, far, key=lambda one: one.strictness)


@settings(max_examples=100)
@given(policies(), st.text(), st.text(), st.text())
def test_whatever_the_policy_does_not_know_is_refused(
    policy: Policy, drafter: str, purpose: str, data_class: str
) -> None:
    for cell in (
        Cell("nobody:y", "public", "hunt"),
        Cell("anthropic:m", "public", purpose if purpose not in PURPOSES else "unheard-of"),
        Cell("anthropic:m", data_class if data_class not in CLASSES else "unheard-of", "hunt"),
    ):
        assert _ruling(policy, cell) is Ruling.REFUSE
    if not policy.groups_of(drafter):
        assert _ruling(policy, Cell(drafter, "public", "hunt")) is Ruling.REFUSE


def test_a_request_without_data_is_still_judged() -> None:
    policy = Policy(GROUPS, {"public": ""}, {"hunt": ""}, ())
    assert decide(policy, "anthropic:m", "hunt", [], now=NOW).ruling is Ruling.REFUSE


@pytest.mark.parametrize(
    ("pattern", "drafter", "meant"),
    [
        ("offline", "offline", True),
        ("offline", "offline2", False),
        ("offline", "Offline", False),
        ("anthropic:*", "anthropic:claude-x", True),
        ("anthropic:claude-*", "anthropic:other", False),
        ("anthropic:*", "xanthropic:m", False),
        ("command:*", "command:ssh me@there llm\n-x", True),
        ("openai-compatible:*@http://127.0.0.1:*",
         "openai-compatible:m@http://127.0.0.1:80/v1", True),
        ("openai-compatible:*@http://[::1]:*", "openai-compatible:m@http://[::1]:80/v1", True),
        ("openai-compatible:*@http://[::1]:*", "openai-compatible:m@http://1:80/v1", False),
        # What only looks like an address of this machine.
        ("openai-compatible:*@http://127.0.0.1:*",
         "openai-compatible:m@http://127.0.0.1:80@elsewhere.example.org/v1", False),
        ("openai-compatible:*@http://127.0.0.1:*",
         "openai-compatible:m@http://127.0.0.1:1@http://elsewhere.example.org", False),
        ("openai-compatible:*@http://127.0.0.1:*",
         "openai-compatible:m@http://127.0.0.1.example.org:80", False),
        ("openai-compatible:*@http://localhost:*",
         "openai-compatible:m@https://elsewhere.example.org/@http://localhost:1", False),
        # A hosted drafter at another address is only what a pattern with an address means.
        ("anthropic:*", "anthropic:m@https://proxy.example.org", False),
        ("*", "openai:m@http://127.0.0.1:1/v1", False),
        ("google:*", "google:m@HTTPS://proxy.example.org", False),
        ("anthropic:*", "anthropic:m@x@https://proxy.example.org", False),
        ("anthropic:*", "anthropic:m\n@https://proxy.example.org", False),
        ("anthropic:m@*", "anthropic:m@https://proxy.example.org", True),
        ("anthropic:*@https://proxy.example.org*", "anthropic:m@https://proxy.example.org/a", True),
        ("anthropic:*@https://proxy.example.org", "anthropic:m@https://other.example.org", False),
        ("anthropic:*@https://proxy.example.org", "anthropic:m", False),
        ("anthropic:*", "anthropic:m@20250929", True),
        ("*", "openai-compatible:m@https://example.org/v1", True),
        ("command:*", "command:curl x@https://example.org", True),
        # Nothing but the star is special.
        ("openai:gpt-?", "openai:gpt-5", False),
        ("openai:gpt-[45]", "openai:gpt-5", False),
        ("openai:gpt.5", "openai:gpt-5", False),
    ],
)  # fmt: skip
def test_what_a_pattern_means(pattern: str, drafter: str, meant: bool) -> None:
    assert matches(pattern, drafter) is meant
