"""Rates with their intervals, and rules measured on a small history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from undersign.catalogs.log_sources import load
from undersign.languages.sigma import parse
from undersign.records.history import History
from undersign.telemetry.baseline import Asked, Ground, measure
from undersign.telemetry.intervals import poisson_rate
from undersign.telemetry.match.chunk import Memory, Within
from undersign.telemetry.memory import in_memory
from undersign.telemetry.rule_tests import table_of
from undersign.telemetry.shape import shape_dict

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood 1936 as tabulated by Ulm, Am J Epidemiol 131 (1990): exact limits of a Poisson mean.
    [(0, 0.0, 3.69), (1, 0.025, 5.57), (5, 1.62, 11.67), (10, 4.80, 18.39), (50, 37.11, 65.92)],
)
def test_poisson_limits_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    rate = poisson_rate(count, 1.0)
    assert (rate.mean, rate.method) == (count, "poisson")
    assert rate.low == pytest.approx(low, abs=0.006)
    assert rate.high == pytest.approx(high, abs=0.006)


def test_limits_scale_with_days_and_stay_smooth_where_the_method_changes() -> None:
    assert poisson_rate(10, 4.0).high == pytest.approx(poisson_rate(10, 1.0).high / 4)
    widths = [poisson_rate(n, 1.0).high - n for n in (199, 200, 201, 202)]
    assert widths == sorted(widths)
    assert widths[-1] - widths[0] < 0.3


def _logon(hour: int, user: str, event: str = "4625") -> dict[str, Any]:
    moment = START + timedelta(hours=hour)
    return {
        "Channel": "Security",
        "EventID": event,
        "Computer": "host-a",
        "TimeCreated": moment.isoformat(),
        "TargetUserName": user,
        "IpAddress": "192.0.2.7",
    }


def _measure(text: str, events: list[dict[str, Any]], part: Within | None = None) -> list[History]:
    data = in_memory((shape_dict(e, load()) for e in events), load())
    tables = {name: table_of(name, rows) for name, rows in data.items()}
    ground = Ground(tables, Memory(data), load(), part=part or Within())
    found = measure([Asked("r.yml", "", parse(text))], ground)["r.yml"]
    return list(found.by_document.values())


def _rule(selection: dict[str, Any], more: str = "") -> str:
    body = {
        "title": "Failed logons",
        "name": "failed",
        "logsource": {"product": "windows", "service": "security"},
        "detection": {"sel": selection, "condition": "sel"},
    }
    return json.dumps(body) + more


def test_a_rule_is_counted_by_day_and_host() -> None:
    events = [_logon(h, "bob") for h in (0, 1, 50)] + [_logon(2, "eve", "4624")]
    [history] = _measure(_rule({"EventID": 4625}), events)
    assert (history.status, history.matches, history.events) == ("measured", 3, 4)
    assert history.per_day == {"2026-03-01": 2, "2026-03-02": 0, "2026-03-03": 1}
    assert history.per_host == {"host-a": 3}
    assert history.selection_matches == {"sel": 3}
    assert history.rate_per_day is not None
    assert history.rate_per_day.mean == pytest.approx(3 / history.days)


def test_only_the_asked_part_of_history_counts() -> None:
    part = Within(START + timedelta(hours=1), START + timedelta(hours=3))
    [history] = _measure(_rule({"EventID": 4625}), [_logon(h, "bob") for h in range(5)], part)
    assert (history.matches, history.events) == (2, 2)


def test_a_field_that_history_lacks_is_unmeasured_and_has_no_rate() -> None:
    [history] = _measure(_rule({"NoSuchField": "x"}), [_logon(0, "bob")])
    assert (history.status, history.rate_per_day) == ("unmeasured", None)
    assert any("NoSuchField" in sentence for sentence in history.missing)


def test_a_correlation_is_measured_with_its_rules() -> None:
    correlation = {
        "title": "Many failed logons",
        "correlation": {
            "type": "event_count",
            "rules": ["failed"],
            "group-by": ["TargetUserName"],
            "timespan": "2h",
            "condition": {"gte": 2},
        },
    }
    text = _rule({"EventID": 4625}, "\n---\n" + json.dumps(correlation))
    events = [_logon(0, "bob"), _logon(1, "bob"), _logon(1, "eve"), _logon(9, "bob")]
    rule, many = _measure(text, events)
    assert (rule.matches, many.matches) == (4, 1)
    assert many.status == "measured"
    assert many.threshold is not None
