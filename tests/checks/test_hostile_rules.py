"""No text breaks a check, and none makes one slow."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_world import grounds_of
from undersign.checks import CHECKS
from undersign.checks.cards import card
from undersign.checks.spec import Grounds, run
from undersign.languages.sigma import parse
from undersign.records.artifact import Artifact
from undersign.records.finding import Severity, Status

WORLD = """
tests = [{ name = "a", expect = "match" }]
[schema.windows_security]
fields = { EventID = "long", ServiceName = "string" }
[[history]]
matches = 0
events = 10
[[corpus]]
path = "a.yml"
title = "a"
logsource = { product = "windows", service = "security" }
[draft]
brief = "event 4769 in 5 minutes, T1558.003"
"""
RULE = card(next(c for c in CHECKS if c.name == "strays-from-brief")).good[0].rule
SNIPPETS = [
    "null", "[]", "{}", "'*'", "-1", "1e999", "yes", "&a *a", "|all", "|re", "|cidr", "|windash",
    "condition: not", "1 of *", "\u202e", "\x00", "\\", "'%x%'", "---\n", ": ", "[[[", "'(a+)+'",
    "2026-13-45", "!!binary aGk=", "tags: {a: b}", "detection:\n  - x\n",
]  # fmt: skip
SIGMA_CHECKS = [c for c in CHECKS if "sigma" in c.kinds]


@pytest.fixture(scope="module")
def world() -> Grounds:
    grounds: Grounds = grounds_of(WORLD)
    return grounds


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_mutation_breaks_a_check(data: st.DataObject, world: Grounds) -> None:
    text = RULE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.sampled_from(SNIPPETS)) + text[end:]
    parsed = parse(text)
    for check in SIGMA_CHECKS:
        outcome = run(check, Artifact("a.yml", "sigma", text), parsed, world)
        for finding in outcome.findings:
            assert finding.message
            assert "\n" not in finding.message


def _long_list(values: int) -> str:
    items = "".join(f"      - 'v{i}'\n" for i in range(values))
    return (
        "title: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n"
        f"  s:\n    CommandLine|contains:\n{items}    Image|contains:\n{items}"
        f"  f:\n    CommandLine|contains:\n{items}  condition: s and not f\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        _long_list(3000),
        "title: " + "x" * 500_000,
        "title: t\nlogsource: {product: windows}\ndetection:\n  s:\n    A|re: '"
        + "(" * 2000 + "a" + ")+" * 2000 + "'\n  condition: s\n",
        "title: t\nlogsource: {product: windows}\ndetection:\n  s:\n    A: '"
        + "*a" * 20_000 + "'\n    a: '" + "a" * 20_000 + "'\n  condition: s\n",
    ],
    ids=["long-list", "long-line", "deep-regex", "many-stars"],
)  # fmt: skip
def test_a_hostile_rule_is_answered_quickly(text: str, world: Grounds) -> None:
    parsed = parse(text)
    begun = time.process_time()
    for check in SIGMA_CHECKS:
        run(check, Artifact("a.yml", "sigma", text), parsed, world)
    assert time.process_time() - begun < 3


def test_published_rules_are_mostly_quiet(shared_data: Path) -> None:
    """A check that warns about one published rule in twenty is probably wrong about it."""
    archive = shared_data / "sigma" / "sigmahq_rules.tar.gz"
    if not archive.is_file():
        pytest.skip("needs sigma/sigmahq_rules.tar.gz")
    texts = []
    with tarfile.open(archive) as rules:
        members = [m for m in rules if m.name.endswith(".yml")]
        for member in members[::12]:
            file = rules.extractfile(member)
            assert file is not None
            texts.append(file.read().decode())
    assert len(texts) > 250
    loud = dict.fromkeys((c.name for c in SIGMA_CHECKS), 0)
    catalogs = grounds_of("")
    for text in texts:
        parsed = parse(text)
        for check in SIGMA_CHECKS:
            if not check.only_drafted:
                outcome = run(check, Artifact("a.yml", "sigma", text), parsed, catalogs)
                assert outcome.status in Status
                severe = [f for f in outcome.findings if f.severity is not Severity.NOTE]
                loud[check.name] += bool(severe)
    assert {name: n for name, n in loud.items() if n > len(texts) * 0.05} == {}
