"""Filters reach the rules they are for, correlations the rules they name."""

from __future__ import annotations

import pytest

from undersign.languages.sigma import parse
from undersign.languages.sigma.document import Filter, Rule
from undersign.languages.sigma.evaluate import CannotTell, holds
from undersign.languages.sigma.filters import apply_filter
from undersign.languages.sigma.references import resolve

ID = "929a690e-bef0-4204-a928-ef5e620d6fcc"
RULE = f"""title: Rule
name: one
id: {ID}
logsource: {{product: windows, service: security}}
detection:
    sel: {{A: x}}
    alt: {{A: y}}
    condition: [sel, alt]
"""


def _filter(rules: str, source: str = "product: windows", condition: str = "not sel") -> Filter:
    body = f"filter: {{rules: {rules}, sel: {{User: admin}}, condition: {condition}}}"
    (found,) = parse(f"title: F\nlogsource: {{{source}}}\n{body}\n").filters
    return found


def _rule(text: str = RULE) -> Rule:
    (rule,) = parse(text).rules
    return rule


def _matches(rule: Rule, **event: str) -> bool:
    return any(holds(tree, event) for tree in rule.conditions)


@pytest.mark.parametrize("rules", ["any", "[one]", f"[{ID}]", f"[{ID.upper()}]", "[other, one]"])
def test_a_filter_reaches_its_rule(rules: str) -> None:
    rule = apply_filter(_rule(), _filter(rules))
    for value in ("x", "y"):
        assert _matches(rule, A=value, User="bob")
        assert not _matches(rule, A=value, User="admin")
    assert set(rule.selections) == {"sel", "alt", "F/sel"}


@pytest.mark.parametrize(
    "unfit",
    [
        _filter("[two]"),
        _filter("[Rule]"),
        _filter("any", "product: linux"),
        _filter("any", "product: windows, category: process_creation"),
    ],
)
def test_a_filter_leaves_others_alone(unfit: Filter) -> None:
    rule = _rule()
    assert apply_filter(rule, unfit) is rule


def test_an_unreadable_filter_is_never_skipped() -> None:
    broken = _filter("any", condition="not nobody")
    assert broken.problems
    with pytest.raises(CannotTell, match="cannot be read"):
        _matches(apply_filter(_rule(), broken), A="x")


def _correlations(*bodies: str) -> str:
    head = "title: C\nname: {name}\ncorrelation: {{type: temporal, timespan: 5m, rules: [{rules}]}}"
    made = [
        head.format(name=n, rules=r) for n, r in (body.split(":", maxsplit=1) for body in bodies)
    ]
    return "\n---\n".join([RULE, *made])


def test_references_by_name_and_id() -> None:
    file = parse(_correlations(f"c:one, {ID.upper()}, gone"))
    found, problems = resolve(file.correlations[0], file.documents)
    assert found == (file.rules[0], file.rules[0])
    (problem,) = problems
    assert "`gone`" in problem.message
    assert problem.span == file.correlations[0].span("correlation", "rules", 2)


def test_references_in_a_circle() -> None:
    file = parse(_correlations("c:one, d", "d:c"))
    found, problems = resolve(file.correlations[0], file.documents)
    assert found == (file.rules[0],)
    assert ["reaches itself" in problem.message for problem in problems] == [True]
