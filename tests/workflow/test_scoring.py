"""The scorecard: what the ledger tells of drafts, and figures that do not claim too much."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any

import pytest

from undersign.ledger.event_log import Entry
from undersign.records.scorecard import DraftLife, Fate
from undersign.workflow import intervals
from undersign.workflow.lives import lives
from undersign.workflow.scoring import scorecard

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def entries(*told: tuple[int, str, dict[str, Any]]) -> Iterator[Entry]:
    """(minutes after the start, kind, body)."""
    for seq, (minutes, kind, body) in enumerate(told, 1):
        at = (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield Entry(seq, at, kind, {"subject": "rules/a.yml", **body}, "", "")


DRAFT = {"kind": "sigma", "drafter": "offline", "findings": {"error": 2}, "seconds": 30.0}
REJECT = {"target": "rules/a.yml", "decision": "reject"}


def fates(*told: tuple[int, str, dict[str, Any]]) -> list[Fate]:
    return [life.fate for life in lives(entries(*told))]


def test_the_life_of_a_draft() -> None:
    (life,) = lives(
        entries((0, "draft", DRAFT), (42, "sign", {"edit_distance": 0.25, "lines_changed": 3}))
    )
    assert (life.fate, life.minutes_to_signature, life.edit_distance) == (Fate.SIGNED, 42, 0.25)
    assert (life.lines_changed, life.seconds, life.cost_usd) == (3, 30.0, None)
    assert (life.invented, life.repaired, life.tokens) == (None, None, None)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(0, "draft", DRAFT)], [Fate.OPEN]),
        ([(0, "draft", DRAFT), (1, "draft", DRAFT)], [Fate.REPLACED, Fate.OPEN]),
        ([(0, "draft", DRAFT), (1, "triage", REJECT)], [Fate.REJECTED]),
        ([(0, "draft", DRAFT), (1, "triage", {**REJECT, "target": "ab12"})], [Fate.OPEN]),
        (
            [(0, "draft", DRAFT), (1, "triage", REJECT),
             (2, "triage", {**REJECT, "decision": "confirm"})],
            [Fate.OPEN],
        ),
        ([(0, "draft", DRAFT), (1, "triage", REJECT), (2, "sign", {})], [Fate.SIGNED]),
        ([(0, "draft", DRAFT), (1, "sign", {}), (2, "void", {})], [Fate.REJECTED]),
        ([(0, "draft", DRAFT), (1, "sign", {}), (2, "draft", DRAFT)], [Fate.SIGNED, Fate.OPEN]),
        ([(0, "sign", {}), (1, "triage", REJECT)], []),
        ([(0, "draft", {**DRAFT, "subject": "hunts/h.yml#3"})], [Fate.ASKED]),
    ],
)  # fmt: skip
def test_fates(told: list[tuple[int, str, dict[str, Any]]], expected: list[Fate]) -> None:
    assert fates(*told) == expected


def test_entries_of_the_first_version_are_read() -> None:
    (life,) = lives(entries((0, "draft", {"drafter": "offline", "artifact_digest": "ab"})))
    assert (life.kind, life.findings, life.seconds) == ("sigma", None, None)


def some(count: int, drafter: str = "offline", errors: int = 1, **more: Any) -> list[DraftLife]:
    told = {"findings": {"error": errors, "warning": 0, "note": 0}, **more}
    return [DraftLife(f"{n}", "sigma", drafter, START, "", **told) for n in range(count)]


def figure(told: list[DraftLife], name: str) -> Any:
    (row,) = scorecard(told).rows
    return next(measure for measure in row.measures if measure.name == name)


def test_nothing_is_said_of_five() -> None:
    assert figure(some(5), "errors").value is None
    assert figure(some(6), "errors").value == 1


def test_what_nobody_recorded_is_not_zero() -> None:
    cost = figure(some(7), "cost in USD")
    assert (cost.value, cost.measured, cost.missing) == (None, 0, 7)
    edits = figure(some(7, fate=Fate.SIGNED), "edit distance")
    assert (edits.value, edits.missing) == (None, 7)
    open_ones = figure(some(7), "edit distance")
    assert open_ones.missing == 0, "a draft that nobody signed has no edit distance to miss"


def test_two_are_told_apart_only_where_the_interval_says_so() -> None:
    same = scorecard(some(20, "a", 1) + some(20, "b", 1)).comparisons
    assert {one.lower for one in same} == {None}
    apart = scorecard(some(20, "a", 0) + some(20, "b", 5)).comparisons
    assert {one.lower for one in apart if one.measure == "errors"} == {"a"}
    few = scorecard(some(5, "a", 0) + some(20, "b", 5)).comparisons
    assert few == ()


def test_kinds_are_never_compared_with_each_other() -> None:
    queries = [DraftLife(f"q{n}", "kql", "b", START, "", {"error": 0}) for n in range(20)]
    assert scorecard(some(20, "a", 5) + queries).comparisons == ()


def test_a_span_holds_its_start_and_not_its_end() -> None:
    told = some(6)
    assert scorecard(told, since=START).drafts == 6
    assert scorecard(told, until=START).drafts == 0
    assert scorecard(told, by="week").rows[0].period == "2026-W45"


@pytest.mark.parametrize("n", [6, 8, 25])
def test_intervals_hold_the_truth_about_as_often_as_they_say(n: int) -> None:
    """Drawn from known distributions: at least 90% of the 95% intervals hold the true figure."""
    chance = random.Random(n)
    rounds = 200
    held = {"share": 0, "mean": 0, "median": 0, "difference": 0}
    for _ in range(rounds):
        flips = [float(chance.random() < 0.3) for _ in range(n)]
        more = [float(chance.random() < 0.5) for _ in range(n)]
        counts = [float(sum(chance.random() < 0.1 for _ in range(12))) for _ in range(n)]
        times = [chance.expovariate(1) for _ in range(n)]
        truths = {"share": 0.3, "mean": 1.2, "median": 0.6931, "difference": 0.2}
        said = {
            "share": intervals.share(flips),
            "mean": intervals.mean(counts),
            "median": intervals.middle(times),
            "difference": intervals.difference(intervals.share(more), intervals.share(flips)),
        }
        for name, estimate in said.items():
            held[name] += estimate.low <= truths[name] <= estimate.high
    assert all(count >= 0.9 * rounds for count in held.values()), held


def test_a_difference_is_as_published() -> None:
    """Newcombe 1998, method 10, the pairs (56/70, 48/80) and (9/10, 3/10): as narrow as it is."""
    for (a, m), (b, n), low, high in (
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
    ):
        first, second = ([1.0] * hits + [0.0] * (of - hits) for hits, of in ((a, m), (b, n)))
        said = intervals.difference(intervals.share(first), intervals.share(second))
        assert (said.low, said.high) == pytest.approx((low, high), abs=1e-4)


def test_an_interval_holds_its_own_figure() -> None:
    chance = random.Random(1)
    for n in (6, 7, 40):
        values = [float(chance.randint(0, 1)) for _ in range(n)]
        for estimate, truth in (
            (intervals.share(values), fmean(values)),
            (intervals.mean(values), fmean(values)),
            (intervals.middle(values), median(values)),
        ):
            assert estimate.value == pytest.approx(truth)
            assert estimate.low <= truth <= estimate.high


def test_six_noughts_are_no_certainty() -> None:
    assert intervals.mean([0.0] * 6).high > 0.5
    assert intervals.share([0.0] * 6).high > 0.3


@pytest.mark.parametrize("n", [1074, 1075, 2_000, 10_000])
def test_a_long_ledger_has_figures_too(n: int) -> None:
    """0.5**1075 is nought and binomial coefficients of that size are no floats."""
    said = intervals.middle([float(value) for value in range(n)])
    half = 1.96 * n**0.5 / 2
    assert said.value == (n - 1) / 2
    assert said.low == pytest.approx(said.value - half, abs=2)
    assert said.high == pytest.approx(said.value + half, abs=2)
    counts = intervals.mean([0.0, 0.0, 1.0, 3.0] * (n // 4))
    deviation = 1.96 * (1.5 / (n // 4 * 4)) ** 0.5
    assert counts.value == 1
    assert counts.high - 1 == pytest.approx(deviation, rel=0.1)
    assert 1 - counts.low == pytest.approx(deviation, rel=0.1)


def test_many_drafts_are_added_up_at_once() -> None:
    """What pairs of drafters share is estimated once; CPU time, not a busy machine's clock."""
    from time import process_time

    many = [one for name in "abcd" for one in some(2_500, name, seconds=60.0)]
    many += [DraftLife(f"{n}", "kql", "e", START, "", {"error": n % 3}) for n in range(2_500)]
    begun = process_time()
    card = scorecard(many)
    assert card.drafts == 12_500 and process_time() - begun < 2
