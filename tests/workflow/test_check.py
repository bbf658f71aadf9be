"""The step `check`: which checks run, and which verdicts stay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from undersign.checks.spec import Check, Grounds
from undersign.errors import UsageError
from undersign.records.artifact import Artifact, Draft
from undersign.records.finding import Fault, Severity, Status
from undersign.records.history import Rate
from undersign.records.work import Decision, Verdict
from undersign.workflow import check as step

ARTIFACT = Artifact("r.yml", "made-up", "text")
DRAFT = Draft("r.yml", "made-up", "offline", "brief", "0" * 64, "2026-11-02T10:00:00Z")


def long_text(parsed: str) -> Iterator[Fault]:
    if len(parsed) > 3:
        yield Fault("too long")


def needs_rate(parsed: str, rate: Rate) -> Iterator[Fault]:
    yield from ()


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three checks of a kind that exists only here, and one of another kind."""
    module = ModuleType("undersign.checks.made_up")
    for function in (long_text, needs_rate):
        inner = ModuleType(f"undersign.checks.made_up.{function.__name__}")
        setattr(inner, function.__name__, function)
        monkeypatch.setitem(sys.modules, inner.__name__, inner)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    kinds = ("made-up",)
    checks = (
        Check("MAD001", "long-text", "made_up.long_text", Severity.ERROR, kinds),
        Check("MAD002", "rate", "made_up.needs_rate", Severity.ERROR, kinds),
        Check("MAD003", "only-drafts", "made_up.long_text", Severity.NOTE, kinds, True),
        Check("OTH001", "other", "made_up.long_text", Severity.ERROR, ("other",)),
    )
    monkeypatch.setattr(step, "CHECKS", checks)


def run(
    select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), draft: Draft | None = None
) -> dict[str, Status]:
    grounds = Grounds({}, {"Rate": "measure one"})
    work = step.check(ARTIFACT, "text", grounds, select=select, ignore=ignore, draft=draft)
    return {outcome.check: outcome.status for outcome in work.outcomes}


def test_every_check_of_the_kind_runs_and_says_what_it_lacks() -> None:
    assert run() == {"long-text": Status.FOUND, "rate": Status.NOT_RUN}


def test_checks_of_drafts_run_on_drafts_only() -> None:
    assert list(run(draft=DRAFT)) == ["long-text", "rate", "only-drafts"]


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        (("rate",), (), ["rate"]),
        (("MAD",), (), ["long-text", "rate"]),
        (("mad001",), (), ["long-text"]),
        ((), ("MAD002",), ["long-text"]),
        (("MAD",), ("rate",), ["long-text"]),
        (("OTH",), (), []),
    ],
)
def test_select_and_ignore(
    select: tuple[str, ...], ignore: tuple[str, ...], left: list[str]
) -> None:
    assert list(run(select, ignore)) == left


@pytest.mark.parametrize("selector", ["long-txt", "XYZ", ""])
def test_a_selector_that_fits_nothing_is_an_error(selector: str) -> None:
    with pytest.raises(UsageError, match="no check is named"):
        run(select=(selector,))
    with pytest.raises(UsageError, match="no check is named"):
        run(ignore=(selector,))


def test_only_verdicts_on_this_text_stay() -> None:
    mine = Verdict("x", Decision.DISMISS, "why", "alice", "2026-11-02T10:00:00Z", ARTIFACT.digest)
    old = Verdict("x", Decision.DISMISS, "why", "alice", "2026-11-02T10:00:00Z", "0" * 64)
    work = step.check(ARTIFACT, "text", Grounds({}, {}), verdicts=(old, mine))
    assert work.verdicts == (mine,)
