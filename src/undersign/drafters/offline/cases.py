"""Proposed test events of a drafted rule: invented, and marked as not written by a person."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from undersign.catalogs.detections import Fields
from undersign.drafters.offline.plan import MAX_EVENTS, Correlation, Plan
from undersign.languages import yaml_text

WRITER = "offline"
_START = dt.datetime(2026, 1, 5, 10, 0, tzinfo=dt.UTC)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def tests_text(made: Plan) -> str:
    """Write the cases: one `event` each for the rule, `events` for its correlation."""
    found: list[dict[str, Any]] = []
    for sample in made.behaviour.samples:
        event = _event(made, sample.fields, _START)
        if sample.expect_match:
            event = _satisfying(made, event)
        found.append(_case(sample.name, sample.expect_match, {"event": event}))
    if made.correlation is not None and made.behaviour.samples:
        found += _counted(made, made.correlation)
    return yaml_text.items(found)


def _case(name: str, expect: bool, body: Mapping[str, Any]) -> dict[str, Any]:
    head = {"name": name, "expect": "match" if expect else "no-match", "written_by": WRITER}
    return {**head, **body}


def _event(made: Plan, fields: Fields, at: dt.datetime) -> dict[str, Any]:
    family = made.behaviour.family
    whole = {family.time: at.isoformat().replace("+00:00", "Z"), **family.sample, **fields}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in whole.items()}


def _satisfying(made: Plan, event: dict[str, Any]) -> dict[str, Any]:
    """Complete a matching event with what the brief asked for beyond the behaviour."""
    for name, alternatives in made.selections.items():
        if name in made.behaviour.selections or name.startswith("filter"):
            continue
        for key, value in alternatives[0].items():
            field, _, modifier = key.partition("|")
            one = value[0] if isinstance(value, tuple) else value
            event[field] = _meeting(modifier, one, event.get(field, ""))
    return event


def _meeting(modifier: str, wanted: str | int, present: object) -> object:
    """Return a value that meets one comparison and keeps what was there where it can."""
    text, before = str(wanted), str(present)
    if text.lower() in before.lower() and modifier == "contains":
        return present
    if modifier == "contains":
        return f"{before} {text}".strip() if "$@" not in text else "WS1$@EXAMPLE.ORG"
    if modifier == "startswith":
        return text + before.rpartition("\\")[2]
    if modifier == "endswith":
        return before + text if not text.startswith("\\") else "C:\\Windows\\System32" + text
    if modifier == "cidr":
        return text.partition("/")[0]
    return wanted


def _counted(made: Plan, counting: Correlation) -> list[dict[str, Any]]:
    sample = next(s for s in made.behaviour.samples if s.expect_match)
    enough = counting.enough
    if enough > MAX_EVENTS or enough < 2:
        return []
    step = min(60.0, _span(counting.timespan) / (enough + 1))
    events = [
        _numbered(
            made, counting, sample.fields, number, _START + dt.timedelta(seconds=step * number)
        )
        for number in range(enough)
    ]
    what = "different values" if counting.field else "events"
    return [
        _case(f"{enough} {what} within {counting.timespan}", True, {"events": events}),
        _case(f"one fewer than {enough}", False, {"events": events[:-1]}),
    ]


def _numbered(
    made: Plan, counting: Correlation, fields: Fields, number: int, at: dt.datetime
) -> dict[str, Any]:
    event = _satisfying(made, _event(made, fields, at.replace(microsecond=0)))
    if counting.field:
        event[counting.field] = _variant(event.get(counting.field, ""), number)
    return event


def _variant(value: object, number: int) -> object:
    """Return a different value of the same form for each number."""
    if isinstance(value, int):
        return value + number
    text = str(value)
    address = re.fullmatch(r"((?:::ffff:)?\d+\.\d+\.\d+\.)\d+", text)
    if address:
        return f"{address[1]}{1 + number % 254}"
    name, sep, rest = text.partition("@")
    if not sep:
        name, sep, rest = text.partition(".")
    return f"{name}-{number + 1}{sep}{rest}"


def _span(written: str) -> int:
    return int(written[:-1]) * _SECONDS[written[-1]]
