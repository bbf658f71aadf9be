"""Where the evidence puts a candidate, and the order of the queue."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from undersign.records.candidate import Candidate
from undersign.records.finding import Finding, Outcome, Seen, Severity, Status
from undersign.records.review import Examined, Standing
from undersign.surfaces.review.standing import ordered, standing

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
ONE = Candidate("a.py", 5, "m", "ruff", category="sql-injection")


def _fault(check: str, severity: Severity) -> Outcome:
    finding = Finding("f", check, "REV", severity, f"{check} says no")
    return Outcome(check, "REV", Status.FOUND, findings=(finding,))


def _seen(check: str) -> Outcome:
    return Outcome(check, "REV", Status.CLEAN, seen=(Seen(f"{check} saw it"),))


def _unknown(check: str, needs: str = "a path") -> Outcome:
    return Outcome(check, "REV", Status.NOT_RUN, (needs,), f"{check} cannot tell")


CASES = [
    ([], Standing.STANDS),
    ([_seen("unsupported-path")], Standing.SUPPORTED),
    ([_seen("guarded-upstream")], Standing.SUPPORTED),
    ([_unknown("unsupported-path")], Standing.NOT_SHOWN),
    ([_unknown("unknown-api")], Standing.STANDS),
    ([_fault("mismatched-category", WARNING)], Standing.DOUBTFUL),
    ([_fault("missing-quote", ERROR)], Standing.DOUBTFUL),
    ([_fault("duplicate-candidate", NOTE)], Standing.STANDS),
    ([_fault("outside-the-change", WARNING)], Standing.STANDS),
    ([_fault("unknown-owasp-category", WARNING)], Standing.STANDS),
    # What is seen wins over what is written wrong.
    ([_fault("mismatched-category", WARNING), _seen("unsupported-path")], Standing.SUPPORTED),
    # What it rests on is not so.
    *(([_fault(check, ERROR)], Standing.REFUTED) for check in (
        "missing-place", "misquoted-code", "unknown-api", "unsupported-path", "guarded-upstream")),
    ([_fault("unknown-api", WARNING)], Standing.DOUBTFUL),
    ([_seen("unsupported-path"), _fault("guarded-upstream", ERROR)], Standing.REFUTED),
]  # fmt: skip


@pytest.mark.parametrize(("outcomes", "expected"), CASES)
def test_the_evidence_says_where_it_stands(outcomes: list[Outcome], expected: Standing) -> None:
    found, why = standing(ONE, outcomes)
    assert found is expected
    assert why
    assert standing(ONE, list(reversed(outcomes)))[0] is expected


def _examined(id_: str, where: Standing, candidate: Candidate = ONE, **more: object) -> Examined:
    return replace(Examined(id_, candidate, (), where, "w"), **more)  # type: ignore[arg-type]


QUEUE = [
    _examined("a", Standing.SUPPORTED, replace(ONE, severity="critical")),
    _examined("b", Standing.SUPPORTED, baseline="new"),
    _examined("c", Standing.SUPPORTED, baseline="unchanged"),
    _examined("d", Standing.SUPPORTED, replace(ONE, severity="low"), labels=()),
    _examined("e", Standing.SUPPORTED, replace(ONE, severity="low"), labels=("test",)),
    _examined("f", Standing.STANDS, replace(ONE, severity="low")),
    _examined("g", Standing.STANDS, replace(ONE, severity="low", file="b.py")),
    _examined("h", Standing.STANDS, replace(ONE, severity="low", file="b.py", line=9)),
    _examined("i", Standing.NOT_SHOWN, replace(ONE, severity="critical")),
    _examined("j", Standing.DOUBTFUL, replace(ONE, severity="critical")),
    _examined("k", Standing.REFUTED, replace(ONE, severity="critical")),
    _examined("l", Standing.SUPPORTED, replace(ONE, severity="critical"), duplicate_of="a"),
]
"""In the order they are read in. sql-injection without a severity is usually critical at most."""


@pytest.mark.parametrize("seed", range(20))
def test_the_queue_is_read_by_evidence_and_loses_nothing(seed: int) -> None:
    shuffled = random.Random(seed).sample(QUEUE, len(QUEUE))
    assert [one.id for one in ordered(shuffled)] == [one.id for one in QUEUE]


def test_an_unknown_severity_or_category_is_placed_too() -> None:
    odd = _examined("x", Standing.STANDS, replace(ONE, severity="apocalyptic", category="odd"))
    assert ordered([odd]) == (odd,)
