"""Sigma correlations over the events that their rules matched.

Windows are anchored on events: event_count, value_count and the temporal types look at the
`timespan` that ends with each event (its begin excluded, its end included). A group alerts when its
condition begins to hold and again only after it has ceased to hold, so one burst is one alert.
The operators `<`, `<=`, `==` and `!=` ask for silence or an exact number; they are judged on
windows of one timespan each, laid end to end from a group's first event.
Events without a time, or without a value in a group-by field, cannot be placed and are left out.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne

from undersign.languages.sigma.document import Correlation

OPERATORS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": ge, ">": gt, "<=": le, "<": lt, "==": eq, "!=": ne,
}  # fmt: skip
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """One event that one of the correlated rules matched."""

    at: int
    """Microseconds since 1970 UTC."""
    rule: str
    """Name the correlation refers to it by."""
    group: Group
    value: str | None
    """The counted value of value_count."""
    event: str
    """Event id."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that a correlation held for one group."""

    group: Group
    first: int
    """Time of the first event in the window, microseconds since 1970 UTC."""
    last: int
    count: int
    """Events, distinct values or distinct rules in the window that alerted."""
    events: tuple[str, ...]


def correlate(correlation: Correlation, events: Iterable[Matched]) -> list[Alert]:
    """Return the alerts of a correlation, by time."""
    alerts = [
        alert
        for group in grouped(events).values()
        for alert in _alerts(correlation, sorted(group, key=lambda m: m.at))
    ]
    return sorted(alerts, key=lambda a: (a.last, a.group))


def grouped(events: Iterable[Matched]) -> dict[Group, list[Matched]]:
    """Return the events of each group."""
    groups: dict[Group, list[Matched]] = {}
    for event in events:
        groups.setdefault(event.group, []).append(event)
    return groups


def _alerts(correlation: Correlation, events: Sequence[Matched]) -> Iterator[Alert]:
    span = correlation.timespan_seconds * 1_000_000
    if correlation.type == "temporal_ordered":
        yield from _ordered(correlation.rules, events, span)
        return
    temporal = correlation.type == "temporal"
    wanted = len(set(correlation.rules)) if temporal else correlation.threshold
    holds = OPERATORS[">=" if temporal else correlation.operator]
    if holds in (ge, gt):
        yield from _rising(_sliding(correlation, events, span), lambda count: holds(count, wanted))
        return
    for window in _laid_out(events, span):
        count = _measure(correlation, window)
        if holds(count, wanted):
            yield _alert(window, count)


def _rising(
    windows: Iterator[tuple[Sequence[Matched], int]], holds: Callable[[int], bool]
) -> Iterator[Alert]:
    held = False
    for window, count in windows:
        if holds(count) and not held:
            yield _alert(list(window), count)
        held = holds(count)


def _key(correlation: Correlation, event: Matched) -> str | None:
    """Return what is counted once per window: the event, its value, or its rule."""
    if correlation.type == "event_count":
        return event.event
    return event.value if correlation.type == "value_count" else event.rule


def _measure(correlation: Correlation, window: Sequence[Matched]) -> int:
    return len({key for m in window if (key := _key(correlation, m)) is not None})


def _alert(window: Sequence[Matched], count: int) -> Alert:
    ids = tuple(dict.fromkeys(m.event for m in window))
    return Alert(window[-1].group, window[0].at, window[-1].at, count, ids)


def _sliding(
    correlation: Correlation, events: Sequence[Matched], span: int
) -> Iterator[tuple[Sequence[Matched], int]]:
    """Yield the window that ends with each event, and its count, kept up as the window moves."""
    window: deque[Matched] = deque()
    held: Counter[str] = Counter()
    for event in events:
        window.append(event)
        _count(held, _key(correlation, event), 1)
        while window[0].at <= event.at - span:
            _count(held, _key(correlation, window.popleft()), -1)
        yield window, len(held)


def _count(held: Counter[str], key: str | None, change: int) -> None:
    if key is None:
        return
    held[key] += change
    if not held[key]:
        del held[key]


def _laid_out(events: Sequence[Matched], span: int) -> Iterator[Sequence[Matched]]:
    held: list[Matched] = []
    for event in events:
        if held and event.at >= held[0].at + span:
            yield held
            held = []
        held.append(event)
    if held:
        yield held


def _ordered(rules: Sequence[str], events: Sequence[Matched], span: int) -> Iterator[Alert]:
    # chains[k]: the youngest chain of events that matched the first k+1 rules in order.
    chains: list[list[Matched] | None] = [None] * len(rules)
    for event in events:
        for k in reversed([k for k, rule in enumerate(rules) if rule == event.rule]):
            before = [] if k == 0 else chains[k - 1]
            if before is None or (before and before[0].at <= event.at - span):
                continue
            chains[k] = [*before, event]
        whole = chains[-1] if chains else None
        if whole is not None:
            yield _alert(whole, len(whole))
            chains = [None] * len(rules)


def window_counts(correlation: Correlation, events: Iterable[Matched]) -> Counter[int]:
    """Return how many (group, window) pairs had each count; empty windows are not counted.

    Windows are one timespan long and laid end to end from each group's first event, so that a burst
    is counted once and not once per event of it.
    """
    span = max(correlation.timespan_seconds, 1) * 1_000_000
    counts: Counter[int] = Counter()
    for group in grouped(events).values():
        for window in _laid_out(sorted(group, key=lambda m: m.at), span):
            counts[_measure(correlation, window)] += 1
    return counts
