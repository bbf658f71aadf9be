"""Phrasings of questions, and what each must be read as."""

from __future__ import annotations

import time
from typing import Any

import pytest

from undersign.languages.question import read
from undersign.languages.question.sheet import MAX_TEXT
from undersign.records.question import Piece, Question

DAY = 86400.0
WINDOWS: list[tuple[str, dict[str, Any]]] = [
    ("logons in the last 24 hours", {"seconds": DAY}),
    ("logons in the past week", {"seconds": 7 * DAY}),
    ("logons over the previous 30 days", {"seconds": 30 * DAY}),
    ("logons from the last 90 minutes", {"seconds": 5400.0}),
    ("logons for last 7 day", {"seconds": 7 * DAY}),
    ("logons for the last 15day", {"seconds": 15 * DAY}),
    ("logons in the last three hours", {"seconds": 3 * 3600.0}),
    ("logons during the past month", {"seconds": 30 * DAY}),
    ("logons since 3 days ago", {"seconds": 3 * DAY}),
    ("logons in the last hour", {"seconds": 3600.0}),
    ("logons in 24 hours", {"seconds": DAY}),
    ("logons yesterday", {"seconds": None, "calendar": "yesterday"}),
    ("logons today", {"seconds": None, "calendar": "today"}),
    ("logons since Monday", {"seconds": None, "calendar": "since monday"}),
    ("logons this week", {"calendar": "this week"}),
    (
        "logons between 2024-01-01 and 2024-01-31",
        {"start": "2024-01-01T00:00:00Z", "end": "2024-02-01T00:00:00Z"},
    ),
    (
        "logons from 2022-10-06 01:39 to 2022-10-06 01:44",
        {"start": "2022-10-06T01:39:00Z", "end": "2022-10-06T01:44:00Z"},
    ),
    ("logons since 2024-03-05", {"start": "2024-03-05T00:00:00Z", "end": None}),
    ("logons on or after 2022-10-06 01:45", {"start": "2022-10-06T01:45:00Z", "end": None}),
    ("logons before March 5, 2024", {"start": None, "end": "2024-03-05T00:00:00Z"}),
    ("logons on 5 March 2024", {"start": "2024-03-05T00:00:00Z", "end": "2024-03-06T00:00:00Z"}),
    ("logons on weekends", {"weekdays": (5, 6)}),
    ("logons on weekdays in the last week", {"weekdays": (0, 1, 2, 3, 4), "seconds": 7 * DAY}),
    ("logons outside business hours UTC", {"hours": (18, 8), "zone": "UTC"}),
    ("logons during working hours", {"hours": (8, 18)}),
    ("logons between 22:00 and 06:00", {"hours": (22, 6)}),
    ("logons between 10pm and 6am in the last 2 days", {"hours": (22, 6), "seconds": 2 * DAY}),
    ("logons at night", {"hours": (22, 6)}),
]
THRESHOLDS = [
    ("users with more than five failed logons", ">", 5, "failed logons", False),
    ("users with at least 3 distinct countries", ">=", 3, "countries", True),
    ("transfers over 10 MB", ">", 10_000_000, "bytes", False),
    ("transfers above 2GiB", ">", 2 * 1024**3, "bytes", False),
    ("hosts seen by fewer than 2 users", "<", 2, "users", False),
    ("ports hit 100 or more times", ">=", 100, "ports hit", False),
    ("users with no more than 4 logons", "<=", 4, "logons", False),
    ("alerts with a score greater than or equal to 80", ">=", 80, "score", False),
    ("users with exactly 1 device", "==", 1, "device", False),
    ("principals that only signed in from a single IP address", "==", 1, "IP address", True),
    ("one address with multiple users", ">", 1, "users", True),
    ("users with 1,000 or more requests", ">=", 1000, "requests", False),
]
OUTPUTS = [
    ("show failed logons", "rows"),
    ("how many logons were there", "count"),
    ("number of devices with the agent", "count"),
    ("count logons per user", "count_by"),
    ("how many alerts by severity", "count_by"),
    ("which users logged on to SRV01", "distinct"),
    ("list the hosts that ran it", "distinct"),
    ("who changed the policy", "distinct"),
    ("top 10 users by failed logons", "top"),
    ("the most active accounts", "top"),
    ("bottom 5 hosts", "bottom"),
    ("processes seen for the first time", "first_seen"),
    ("new countries users signed in from", "first_seen"),
    ("when was example.org first resolved", "first_seen"),
    ("when did the host last check in", "last_seen"),
    ("rare parent processes", "rare"),
    ("uncommon user agents", "rare"),
    ("unusual sign-ins", "anomalous"),
    ("anomalous downloads", "anomalous"),
    ("a spike of denied requests", "spike"),
    ("sudden increase of errors", "spike"),
    ("failed logons per hour", "trend"),
    ("number of logons per day", "trend"),
    ("logons over time", "trend"),
    ("failed logons followed by a successful logon within 10 minutes", "sequence"),
    ("a logon and then a new service", "sequence"),
    ("logons within 30 minutes of receiving a malicious email", "sequence"),
    ("calls where the source IP changed between the sign-in and the download", "sequence"),
]
NEGATED = [
    ("logons except from 192.0.2.7", "192.0.2.7"),
    ("logons other than 'svc_backup'", "svc_backup"),
    ("requests not from 198.51.100.0/24", "198.51.100.0/24"),
    ("processes without cmd.exe", "cmd.exe"),
    ("mail excluding 'a@example.org', 'b@example.org'", "b@example.org"),
    ('the initiating process is not "outlook.exe"', "outlook.exe"),
]
NETWORKS = [
    ("logons from external IPs", "external"),
    ("requests from the internet", "external"),
    ("connections to public addresses", "external"),
    ("non-RFC1918 sources", "external"),
    ("traffic from RFC1918 addresses", "internal"),
    ("internal IPs", "internal"),
    ("logons from corporate IPs", "corporate"),
    ("non-corporate IPs", "non-corporate"),
    ("logons not from our network", "non-corporate"),
    ("logons outside the corporate network", "non-corporate"),
]
POLARITY = [
    ("failed logons", True),
    ("denied requests", True),
    ("unsuccessful sign-ins", True),
    ("logons that were not successful", True),
    ("successful logons", False),
    ("allowed connections", False),
    ("accesses that didn't fail", False),
]
VALUES = [
    ("events 4625 and 4624", [("event_id", "4625"), ("event_id", "4624")]),
    ("ports 80, 443 and 8080", [("port", "80"), ("port", "443"), ("port", "8080")]),
    ("from 2001:db8::7", [("address", "2001:db8::7")]),
    ("version 1.2.3.400", [("identifier", "1.2.3.400")]),
    ("hash d41d8cd98f00b204e9800998ecf8427e", [("hash", "d41d8cd98f00b204e9800998ecf8427e")]),
    ("who opened https://example.org/a?b=1", [("url", "https://example.org/a?b=1")]),
    ("mail of bob@example.org", [("email", "bob@example.org")]),
    ("queries for bad.example.org", [("domain", "bad.example.org")]),
    ("technique T1558.003", [("technique", "T1558.003")]),
    ("C:\\Windows\\System32\\cmd.exe ran", [("path", "C:\\Windows\\System32\\cmd.exe")]),
    ("sid S-1-5-21-1-2-3-500", [("identifier", "S-1-5-21-1-2-3-500")]),
    ("role arn:aws:iam::123456789012:role/x", [("arn", "arn:aws:iam::123456789012:role/x")]),
]
GROUPS = [
    ("logons per user", [("user", None)]),
    ("alerts grouped by severity and status", [("severity", None), ("status", None)]),
    ("logons by country and hour", [("country", None), ("hour", 3600.0)]),
    ("failures per hour", [("hour", 3600.0)]),
    ("failures in 5 minute bins", [("minute", 300.0)]),
    ("daily count of alerts", [("day", 86400.0)]),
    ("files sent by a user", []),
    ("users sorted by name", []),
]


@pytest.mark.parametrize(("text", "wanted"), WINDOWS, ids=[w[0] for w in WINDOWS])
def test_window(text: str, wanted: dict[str, Any]) -> None:
    window = read(text).window
    assert window is not None
    assert {key: getattr(window, key) for key in wanted} == wanted


def test_no_window() -> None:
    assert read("failed logons of administrators").window is None
    assert read("more than 5 failures within 10 minutes").window is None


@pytest.mark.parametrize(("text", "op", "value", "of", "distinct"), THRESHOLDS)
def test_threshold(text: str, op: str, value: float, of: str, distinct: bool) -> None:
    found = read(text).thresholds
    assert [(t.op, t.value, t.of, t.distinct) for t in found] == [(op, value, of, distinct)]


@pytest.mark.parametrize(("text", "output"), OUTPUTS)
def test_output(text: str, output: str) -> None:
    assert read(text).output == output


@pytest.mark.parametrize(("text", "value"), NEGATED)
def test_negated(text: str, value: str) -> None:
    found = {v.value: v.negated for v in read(text).values}
    assert found[value] is True
    assert read(text).negations


@pytest.mark.parametrize(("text", "scope"), NETWORKS)
def test_network(text: str, scope: str) -> None:
    assert [n.scope for n in read(text).network] == [scope]


@pytest.mark.parametrize(("text", "failed"), POLARITY)
def test_polarity(text: str, failed: bool) -> None:
    assert {p.failed for p in read(text).polarity} == {failed}


@pytest.mark.parametrize(("text", "values"), VALUES)
def test_values(text: str, values: list[tuple[str, str]]) -> None:
    assert [(v.kind, v.value) for v in read(text).values] == values


@pytest.mark.parametrize(("text", "groups"), GROUPS)
def test_groups(text: str, groups: list[tuple[str, float | None]]) -> None:
    assert [(g.word, g.bin_seconds) for g in read(text).groups] == groups


def test_limits_and_orders() -> None:
    asked = read("show the 10 latest sign-ins")
    assert asked.limit == 10
    assert [(s.what, s.descending) for s in asked.sort] == [("time", True)]
    assert read("top 100 users").limit == 100
    assert read("first 5000 registry events").sort[0].descending is False
    assert read("the last 7 days").limit is None
    assert read("bottom 1% of commands").limit is None


def test_the_two_questions_of_the_seed() -> None:
    first = read(
        "show me unusual S3 GetObject patterns from non-corporate IPs in the last 24 hours"
    )
    assert (first.output, first.network[0].scope) == ("anomalous", "non-corporate")
    assert first.window and first.window.seconds == DAY
    second = read(
        "find anomalous AssumeRole patterns where the source IP changed between authentication "
        "and the role-assumption call"
    )
    assert second.output == "sequence"
    assert [p.text for p in second.changed] == ["source IP"]
    assert [p.text for p in second.events] == ["authentication", "role-assumption call"]


def test_columns_asked_for() -> None:
    asked = read("Show time generated, host name, and syslog message of the auth facility")
    assert [p.text for p in asked.columns] == ["time generated", "host name", "syslog message"]


def test_every_piece_stands_where_it_says() -> None:
    for text, *_ in (*WINDOWS, *THRESHOLDS, *OUTPUTS, *NEGATED, *NETWORKS, *VALUES, *GROUPS):
        asked = read(text)
        for piece in _pieces(asked):
            assert asked.text[piece.start : piece.end] == piece.text, text


def _pieces(asked: Question) -> list[Piece]:
    found = [asked.output_piece, *asked.columns, *asked.changed, *asked.events, *asked.words]
    for told in (asked.thresholds, asked.values, asked.polarity, asked.network, asked.groups):
        found += [one.piece for one in told]
    found += [one.piece for one in (asked.window, asked.within) if one]
    return [piece for piece in found if piece is not None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0\0",
        "\ud800 lone",
        "x" * 1_000_000,
        "'" * 50_000,
        "and then " * 20_000,
        "between 1 and 2 " * 20_000,
        "a.b." * 50_000,
        "2024-99-99 to 9999-12-31",
        "\u202e\u0661\u0662 in the last \u0661 days",
        "top 999999999999 users",
        "in the last 999999999999 years",
    ],
    ids=lambda t: repr(t[:12]),
)
def test_hostile_text_is_read_soon(text: str) -> None:
    began = time.process_time()
    asked = read(text)
    assert time.process_time() - began < 2.0
    assert len(asked.text) <= MAX_TEXT
    assert bool(asked.notes) == (len(text) > MAX_TEXT)
