"""Correlations over matched events: windows, groups, order, and when one burst is one alert."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.languages.sigma.document import Correlation
from undersign.telemetry.correlate import Alert, Matched, correlate, window_counts
from undersign.telemetry.thresholds import propose

SECOND = 1_000_000


def _correlation(
    kind: str = "event_count", threshold: int = 3, operator: str = ">=", span: int = 60
) -> Correlation:
    return Correlation(
        title="t",
        name="t",
        id=None,
        level=None,
        status=None,
        tags=(),
        data={},
        spans={},
        problems=(),
        type=kind,
        rules=("one", "two"),
        timespan_seconds=span,
        operator=operator,
        threshold=threshold,
    )


def _event(
    second: int, rule: str = "one", *, group: str = "g", value: str | None = None, name: str = ""
) -> Matched:
    event = name or f"{second}-{rule}-{group}"
    return Matched(second * SECOND, rule, (group,), value, event)


def _seconds(alerts: Sequence[Alert]) -> list[tuple[int, int, int]]:
    return [(a.first // SECOND, a.last // SECOND, a.count) for a in alerts]


def test_a_burst_is_one_alert_and_the_next_burst_another() -> None:
    burst = [_event(s) for s in (0, 10, 20, 30, 40, 500, 510, 520)]
    assert _seconds(correlate(_correlation(), burst)) == [(0, 20, 3), (500, 520, 3)]


def test_an_event_exactly_one_timespan_before_is_outside() -> None:
    assert not correlate(_correlation(), [_event(0), _event(30), _event(60)])
    assert correlate(_correlation(), [_event(0), _event(30), _event(59)])


def test_groups_do_not_add_up() -> None:
    events = [_event(s, group="ab"[s % 2]) for s in range(4)]
    assert not correlate(_correlation(), events)
    assert len(correlate(_correlation(threshold=2), events)) == 2


def test_an_event_that_two_rules_match_counts_once() -> None:
    events = [_event(s, rule, name=str(s)) for s in (0, 1) for rule in ("one", "two")]
    assert not correlate(_correlation(), events)


def test_distinct_values_are_counted_and_absent_ones_are_not() -> None:
    values = ["a", "a", None, "b", "a"]
    events = [_event(s, value=v) for s, v in enumerate(values)]
    assert not correlate(_correlation("value_count"), events)
    grown = [*events, _event(9, value="c")]
    assert _seconds(correlate(_correlation("value_count"), grown)) == [(0, 9, 3)]


def test_temporal_needs_every_rule_in_any_order() -> None:
    assert _seconds(correlate(_correlation("temporal"), [_event(0, "two"), _event(9)])) == [
        (0, 9, 2)
    ]
    assert not correlate(_correlation("temporal"), [_event(0), _event(9)])
    assert not correlate(_correlation("temporal"), [_event(0, "two"), _event(70)])


def test_temporal_ordered_needs_them_in_order() -> None:
    ordered = _correlation("temporal_ordered")
    assert not correlate(ordered, [_event(0, "two"), _event(9, "one")])
    found = correlate(ordered, [_event(0, "two"), _event(9, "one"), _event(20, "two")])
    assert _seconds(found) == [(9, 20, 2)]
    assert not correlate(ordered, [_event(0, "one"), _event(60, "two")])
    # The youngest beginning counts: an old one must not hide it.
    late = [_event(0, "one"), _event(50, "one"), _event(70, "two")]
    assert _seconds(correlate(ordered, late)) == [(50, 70, 2)]


@settings(max_examples=200, deadline=None)
@given(
    times=st.lists(st.integers(0, 300), max_size=40),
    threshold=st.integers(1, 6),
    span=st.integers(1, 90),
    operator=st.sampled_from([">=", ">"]),
)
def test_sliding_event_count_is_what_counting_every_window_says(
    times: list[int], threshold: int, span: int, operator: str
) -> None:
    events = [_event(s, name=str(n)) for n, s in enumerate(sorted(times))]
    least = threshold + (operator == ">")
    expected, held = [], False
    for n, last in enumerate(events):
        inside = [e for e in events[: n + 1] if e.at > last.at - span * SECOND]
        holds = len(inside) >= least
        if holds and not held:
            expected.append((inside[0].at, last.at, len(inside)))
        held = holds
    found = correlate(_correlation(threshold=threshold, span=span, operator=operator), events)
    assert [(a.first, a.last, a.count) for a in found] == expected


def test_windows_are_laid_end_to_end_so_that_a_burst_counts_once() -> None:
    events = [_event(s) for s in (0, 10, 20, 59, 60, 61, 200)]
    assert window_counts(_correlation(), events) == {4: 1, 2: 1, 1: 1}


def test_a_proposed_threshold_lies_just_above_what_is_usual() -> None:
    quiet = [_event(100 * n + k, name=f"{n}-{k}") for n in range(300) for k in range(3)]
    loud = [_event(100_000 + k, name=f"loud{k}") for k in range(50)]
    proposal = propose(_correlation(), [*quiet, *loud], days=2.0)
    assert proposal is not None
    assert (proposal.value, proposal.percentile, proposal.observed_max) == (4, 99.0, 50)
    assert (proposal.windows, proposal.alerts_per_day) == (301, 0.5)
    assert propose(_correlation(), [], days=2.0) is None
