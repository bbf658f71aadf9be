"""What a drafted file says of events, by the independent evaluator and a plain count."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from oracle.evaluate import matches
from undersign.drafters.call import draft
from undersign.records.drafting import DraftGrounds, DraftResult

NOW = dt.datetime(2026, 1, 12, 9, 30, tzinfo=dt.UTC)
Event = Mapping[str, Any]


def drafted(brief: str, grounds: DraftGrounds | None = None) -> DraftResult:
    """Draft offline at a fixed time."""
    return draft("sigma", brief, "offline", grounds or DraftGrounds(), now=NOW)


def documents(result: DraftResult) -> list[dict[str, Any]]:
    """Return the YAML documents of a draft."""
    return list(yaml.safe_load_all(result.text))


def rule_matches(result: DraftResult, event: Event) -> bool:
    """Tell whether the first document matches an event."""
    return matches(documents(result)[0], event)


def alerts(result: DraftResult, time: str, events: Sequence[Event]) -> bool:
    """Tell whether the correlation fires on events that carry their time in one field."""
    correlation = documents(result)[1]["correlation"]
    groups: dict[Any, list[tuple[dt.datetime, Any]]] = defaultdict(list)
    for event in events:
        if rule_matches(result, event):
            key = tuple(event.get(name) for name in correlation["group-by"])
            counted = event.get(correlation["condition"].get("field", ""))
            groups[key].append((dt.datetime.fromisoformat(event[time]), counted))
    return any(_fires(correlation, seen) for seen in groups.values())


def _fires(correlation: Mapping[str, Any], seen: list[tuple[dt.datetime, Any]]) -> bool:
    number, unit = int(correlation["timespan"][:-1]), correlation["timespan"][-1]
    names = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    span = dt.timedelta(**{names[unit]: number})
    condition = correlation["condition"]
    for start, _ in seen:
        inside = [value for at, value in seen if start <= at < start + span]
        counted = len(set(inside)) if correlation["type"] == "value_count" else len(inside)
        if counted > condition["gt"] if "gt" in condition else counted >= condition["gte"]:
            return True
    return False
