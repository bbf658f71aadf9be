"""Every card is run: the bad rule gives exactly the golden lines, the good one is clean."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from card_world import golden, grounds_of, outcome_of, required, without_grounds
from undersign.checks import CHECKS
from undersign.checks.cards import Example, card
from undersign.checks.spec import Check
from undersign.records.finding import Status

FOLDER = Path(__file__).resolve().parents[1] / "src" / "undersign" / "checks"
SUPPORT = {"reading"}
MAX_LINES = 110
BROKEN = {
    "yaml": "title: [unclosed\n",
    "kql": "SigninLogs | where (\n",
    "spl": "index=main | stats count(\n",
    "sql": "SELECT FROM WHERE (\n",
    "review": "{",
    "markdown": "---\nkind: [unclosed\n---\n",
    "timeline": "{",
    "clocks": "{",
    "system": "components: [unclosed\n",
}

READ_AS_TEXT = [c for c in CHECKS if c.kinds != ("candidate",)]
"""A candidate is a record, not a text that may be broken."""

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda c: f"{c.code}-{c.name}")


def _page(check: Check) -> Path:
    return FOLDER / f"{check.module.replace('.', '/')}.md"


@each_check
def test_bad_examples_give_the_golden_findings(
    check: Check, request: pytest.FixtureRequest
) -> None:
    examples = card(check).bad
    assert examples, "a card needs a bad example"
    said = [golden(outcome_of(check, e, grounds_of(e))) for e in examples]
    if request.config.getoption("--regen"):
        _rewrite(check, examples, said)
        return
    for example, lines in zip(examples, said, strict=True):
        assert lines == example.findings, "read the difference, then run pytest --regen"
        assert lines, "a bad example must be found bad"


@each_check
def test_good_examples_are_clean(check: Check) -> None:
    examples = card(check).good
    assert examples, "a card needs a good example"
    for example in examples:
        outcome = outcome_of(check, example, grounds_of(example))
        assert outcome.status is Status.CLEAN, golden(outcome) or outcome.reason


@each_check
def test_without_its_grounds_a_check_is_not_run(check: Check) -> None:
    needs = required(check)
    outcome = outcome_of(check, card(check).good[0], without_grounds())
    if needs:
        assert outcome.status is Status.NOT_RUN
        assert outcome.needs == needs
        assert outcome.reason
    else:
        assert outcome.status is Status.CLEAN


@pytest.mark.parametrize("check", READ_AS_TEXT, ids=lambda c: f"{c.code}-{c.name}")
def test_a_check_on_unreadable_text_is_never_clean(check: Check) -> None:
    good = card(check).good[0]
    outcome = outcome_of(check, replace(good, rule=BROKEN[good.language]), grounds_of(good))
    if not check.reads_broken:
        assert outcome.status is Status.NOT_RUN


@each_check
def test_a_card_is_one_screen_with_every_section(check: Check) -> None:
    page = card(check)
    assert page.title == f"{check.name} ({check.code}, {check.severity})"
    assert page.summary.endswith(".")
    assert page.why
    assert page.blind_spots
    assert page.text.count("\n") <= MAX_LINES
    function = check.load()
    assert function.__doc__


def test_every_check_file_is_listed_and_every_line_has_files() -> None:
    listed = {_page(check).with_suffix("") for check in CHECKS}
    pages = {p.with_suffix("") for p in FOLDER.rglob("*.md")}
    modules = {
        p.with_suffix("")
        for p in FOLDER.glob("*/*.py")
        if p.parent.name not in SUPPORT and p.stem != "__init__"
    }
    assert pages == listed, "a card without a line in CHECKS, or a line without a card"
    assert modules == listed, "a check without a line in CHECKS, or a line without a check"


def test_codes_and_names_are_unique_and_well_formed() -> None:
    assert max(Counter(c.code for c in CHECKS).values()) == 1
    assert max(Counter((kind, c.name) for c in CHECKS for kind in c.kinds).values()) == 1
    prefixes = {
        "SIG": {"sigma"},
        "QRY": {"kql", "spl", "sql"},
        "REV": {"candidate", "review"},
        "RSP": {"postmortem", "notice", "timeline", "clocks"},
    }
    for prefix, kinds in prefixes.items():
        codes = [c.code for c in CHECKS if set(c.kinds) <= kinds]
        assert codes == sorted(codes)
        assert all(code.startswith(prefix) for code in codes)
    for check in CHECKS:
        assert re.fullmatch(r"(SIG|QRY|REV|RSP|THM)\d{3}", check.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+|unparsable", check.name)
        assert check.module.rpartition(".")[2] == check.name.replace("-", "_")


def _rewrite(check: Check, examples: tuple[Example, ...], said: list[str]) -> None:
    """Put the lines that the check says now into the `findings` blocks of the Bad section."""
    page = _page(check)
    text = page.read_text(encoding="utf-8")
    start, end = text.index("## Bad"), text.index("## Good")
    blocks = iter(said)
    section = re.sub(
        r"^```findings\n.*?^```$",
        lambda _: f"```findings\n{next(blocks)}```",
        text[start:end],
        flags=re.MULTILINE | re.DOTALL,
    )
    assert next(blocks, None) is None, "every bad example needs a findings block"
    assert len(examples) == len(said)
    page.write_text(text[:start] + section + text[end:], encoding="utf-8")
    card.cache_clear()
