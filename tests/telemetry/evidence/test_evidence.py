"""What a run shows: probes, windows, thresholds, hidden rows, addresses, and what was not run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from undersign.languages.sql import bind
from undersign.records.query_run import QueryRun
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.engines.duckdb import Session, session
from undersign.telemetry.engines.limits import Limits
from undersign.telemetry.evidence import Subject, query_run, refused_run
from undersign.telemetry.evidence.addresses import kind_of
from undersign.telemetry.stage_counts import stage_counts
from undersign.telemetry.translate import StageSql, Translated
from undersign.telemetry.translate.sql import translate
from undersign.telemetry.views import ViewSql

NOW = datetime(2026, 1, 5, tzinfo=UTC)
_COLUMNS = {"_time": "timestamp", "event": "string", "address": "string", "size": "long"}
VISIBLE = Visible(
    "sql",
    {
        "trail": VisibleTable(
            "trail",
            {n: VisibleColumn(n, kind, n) for n, kind in _COLUMNS.items()},  # type: ignore[arg-type]
            time="_time",
            roles={"source_address": ("address",)},
        )
    },
)
VIEW = ViewSql(
    "trail",
    """CREATE VIEW trail AS SELECT TIMESTAMP '2026-01-01' + to_hours(i) AS _time,
    ['GetObject', 'getobject', 'PutObject'][1 + i % 3] AS event,
    ['10.0.0.1', '203.0.113.5', '198.51.100.7', '::1', 'console'][1 + i % 5] AS address,
    i AS size FROM range(90) t(i)""",
)


@pytest.fixture(scope="module")
def engine() -> Session:
    return session((VIEW,), Limits())


def _run(engine: Session, text: str, seconds: float = 10.0) -> QueryRun:
    query = bind(text, VISIBLE)
    assert not query.problems
    subject = Subject(query, VISIBLE, engine, NOW, "snap", corporate=("198.51.100.0/24",))
    return query_run(subject, translate(query, VISIBLE, NOW), seconds)


def test_a_probe_says_what_another_case_would_have_found(engine: Session) -> None:
    run = _run(engine, "SELECT * FROM trail WHERE event = 'GETOBJECT'")
    (probe,) = run.probes
    assert (probe.rows, probe.matches, probe.any_case, probe.contains) == (90, 0, 60, 60)
    assert ("GetObject", 30) in probe.near
    assert run.rows == 0
    assert [s.rows for s in run.stages] == [90, 0]


def test_probes_count_within_the_window(engine: Session) -> None:
    run = _run(
        engine,
        "SELECT * FROM trail WHERE _time >= now() - INTERVAL '2 days' AND event = 'PutObject'",
    )
    (probe,) = run.probes
    source = run.sources["trail"]
    assert (source.rows, source.in_window) == (90, 42)
    assert (source.first, source.last) == ("2026-01-01T00:00:00Z", "2026-01-04T17:00:00Z")
    assert (probe.rows, probe.matches) == (42, 14)


def test_two_readings_without_a_common_window_have_none(engine: Session) -> None:
    run = _run(
        engine,
        "SELECT count(*) FROM trail a JOIN (SELECT * FROM trail WHERE _time > now() - "
        "INTERVAL 1 DAY) b ON a.event = b.event",
    )
    assert run.sources["trail"].in_window is None


def test_negation_and_conditions_inside_or_are_counted(engine: Session) -> None:
    run = _run(engine, "SELECT * FROM trail WHERE event <> 'PutObject' OR NOT size > 10")
    assert [p.matches for p in run.probes] == [60, 11]


def test_a_threshold_shows_what_lies_beside_it(engine: Session) -> None:
    run = _run(
        engine,
        "SELECT address, count(*) AS n, max(size) AS m FROM trail GROUP BY 1 HAVING max(size) > 86",
    )
    (near,) = run.thresholds
    assert (near.column, near.op, near.value, near.groups, near.kept) == ("m", ">", 86.0, 5, 3)
    assert near.distribution == ((85.0, 1), (86.0, 1), (87.0, 1), (88.0, 1), (89.0, 1))


def test_a_limit_hides_rows(engine: Session) -> None:
    run = _run(engine, "SELECT * FROM trail WHERE size >= 40 LIMIT 7")
    assert (run.rows, run.rows_without_limit) == (7, 50)
    assert _run(engine, "SELECT * FROM trail").rows_without_limit is None


def test_addresses_of_the_result_by_kind(engine: Session) -> None:
    run = _run(engine, "SELECT address, size FROM trail")
    assert run.public_addresses == {
        "private": 18, "public": 18, "corporate": 18, "loopback": 18, "not_an_address": 18,
    }  # fmt: skip
    assert _run(engine, "SELECT size FROM trail").public_addresses == {}


def test_the_sample_is_plain_values(engine: Session) -> None:
    run = _run(engine, "SELECT _time, size FROM trail ORDER BY size DESC")
    assert run.sample[0] == {"_time": "2026-01-04T17:00:00Z", "size": 89}
    assert run.columns == (("_time", "TIMESTAMP"), ("size", "BIGINT"))
    assert (run.as_of, run.snapshot) == ("2026-01-05T00:00:00Z", "snap")


def test_a_comparison_that_fails_does_not_cost_the_others(engine: Session) -> None:
    run = _run(engine, "SELECT * FROM trail WHERE size > 80 OR regexp_matches(event, '(')")
    assert [p.matches for p in run.probes] == [9]
    assert run.rows is None
    assert run.refused


def test_what_is_refused_still_tells_of_its_tables(engine: Session) -> None:
    query = bind("SELECT * FROM trail WHERE event = 'x' AND nope(event)", VISIBLE)
    subject = Subject(query, VISIBLE, engine, NOW, "snap")
    stage = StageSql("trail", query.main.sources[0].span, "SELECT * FROM trail")
    run = refused_run(subject, (stage,), "no function nope", 5.0)
    assert run.refused == "no function nope"
    assert [s.rows for s in run.stages] == [90]
    assert run.sources["trail"].rows == 90
    assert run.rows is None


def test_stages_beyond_the_budget_are_not_counted_and_say_so(engine: Session) -> None:
    span = bind("SELECT 1", VISIBLE).main.span
    slow = "SELECT a.i FROM range(1000000) a(i), range(100000) b(i) WHERE a.i * b.i = 7"
    made = Translated("", (StageSql("slow", span, slow), StageSql("fast", span, "SELECT 1"),
                           StageSql("odd", span, "", "cannot be said")))  # fmt: skip
    found = stage_counts(engine, made, 0.4)
    assert [s.rows for s in found] == [None, 1, None]
    assert [s.reason for s in found] == ["not counted: took too long", "", "cannot be said"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10.1.2.3", "private"), ("172.31.0.1", "private"), ("172.32.0.1", "public"),
        ("192.168.1.1", "private"), ("100.64.0.1", "cgnat"), ("169.254.1.1", "link_local"),
        ("127.0.0.1", "loopback"), ("::1", "loopback"), ("fe80::1", "link_local"),
        ("fd00::1", "ipv6_local"), ("2001:db8::1", "public"), ("::ffff:10.0.0.1", "private"),
        ("203.0.113.9:443", "public"), ("[2001:db8::1]:443", "public"), ("0.0.0.0", "private"),
        ("198.51.100.9", "corporate"), ("", "not_an_address"), ("AWS Internal", "not_an_address"),
        ("1.2.3", "not_an_address"), ("999.1.1.1", "not_an_address"),
    ],
)  # fmt: skip
def test_kinds_of_addresses(text: str, kind: str) -> None:
    assert kind_of(text, ("198.51.100.0/24",)) == kind
