"""SQL that runs: the same rows as DuckDB gives, a stopped clock, and counts after every stage."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from languages.sql.world import VISIBLE
from undersign.errors import QueryRefused
from undersign.languages.sql import bind, parse
from undersign.telemetry.engines.duckdb import Session, session
from undersign.telemetry.engines.limits import Limits
from undersign.telemetry.translate import Translated
from undersign.telemetry.translate.sql import translate
from undersign.telemetry.views import ViewSql

NOW = datetime(2026, 1, 5, tzinfo=UTC)
VIEWS = (
    ViewSql(
        "trail",
        """CREATE VIEW trail AS SELECT TIMESTAMP '2026-01-01' + to_hours(i) AS _time,
        'e' || (i % 7) AS event, '192.0.2.' || (i % 11) AS address,
        CASE WHEN i % 3 = 0 THEN 'x' END AS error, i AS size FROM range(100) t(i)""",
    ),
    ViewSql(
        "conn",
        """CREATE VIEW conn AS SELECT TIMESTAMP '2026-01-01' + to_hours(i) AS _time,
        '192.0.2.' || (i % 5) AS orig, '198.51.100.' || i AS resp, i * 100 AS bytes
        FROM range(50) t(i)""",
    ),
    ViewSql(
        "ocsf.api",
        """CREATE SCHEMA ocsf; CREATE VIEW ocsf.api AS
        SELECT TIMESTAMP '2026-01-01' AS _time, 'Get' AS operation""",
    ),
)


@pytest.fixture(scope="module")
def engine() -> Session:
    return session(VIEWS, Limits())


def _translated(text: str) -> Translated:
    return translate(bind(text, VISIBLE), VISIBLE, NOW)


def _rows(engine: Session, text: str) -> list[tuple]:
    return engine.many(_translated(text).sql, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT count(*) FROM trail", [(100,)]),
        ("SELECT count(*) FROM TRAIL WHERE EVENT = 'e1'", [(15,)]),
        ("SELECT count(*) FROM trail WHERE event = 'E1'", [(0,)]),
        ("SELECT count(*) FROM trail WHERE event ILIKE 'E1'", [(15,)]),
        ("SELECT count(*) FROM trail WHERE error IS NULL", [(66,)]),
        ("SELECT count(*) FROM trail WHERE error <> 'x'", [(0,)]),
        ("SELECT count(*) FROM trail WHERE _time >= now() - INTERVAL '1 day'", [(28,)]),
        ("SELECT count(*) FROM trail WHERE _time >= today() - 1", [(28,)]),
        ("SELECT count(*) FROM trail WHERE _time > ago(INTERVAL 1 DAY)", [(27,)]),
        ("SELECT now()", [(datetime(2026, 1, 5),)]),
        ("SELECT current_timestamp", [(datetime(2026, 1, 5),)]),
        ("SELECT event, count(*) AS n FROM trail GROUP BY 1 HAVING count(*) > 14 ORDER BY 1",
         [("e0", 15), ("e1", 15)]),
        ("SELECT max(size) FILTER (WHERE event = 'e2') FROM trail", [(93,)]),
        ("SELECT count(*) FROM trail t JOIN conn c ON t.address = c.orig AND t._time = c._time",
         [(5,)]),
        ("SELECT count(*) FROM trail t ANTI JOIN conn c ON t.address = c.orig", [(54,)]),
        ("SELECT operation FROM ocsf.api", [("Get",)]),
        ("SELECT DISTINCT event FROM trail ORDER BY event LIMIT 2", [("e0",), ("e1",)]),
        ("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT y FROM b", [(2,)]),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) "
         "SELECT max(i) FROM n", [(4,)]),
        ("SELECT event FROM trail QUALIFY row_number() OVER (ORDER BY size DESC) = 1", [("e1",)]),
        ("FROM conn SELECT max(bytes)", [(4900,)]),
        ("SELECT count(*) FROM trail t JOIN LATERAL (SELECT * FROM conn WHERE orig = t.address "
         "LIMIT 1) c ON true", [(46,)]),
        ("SELECT (SELECT max(bytes) FROM conn) FROM trail LIMIT 1", [(4900,)]),
        ("SELECT count(*) FROM trail ORDER BY (SELECT max(bytes) FROM conn)", [(100,)]),
        ("-- dialect: spark\nSELECT count_if(event = 'e1') FROM trail WHERE address RLIKE '0$'",
         [(3,)]),
        ("-- dialect: spark\nSELECT date_trunc('DAY', _time) AS d, count(*) FROM trail GROUP BY 1 "
         "ORDER BY 1 LIMIT 1", [(datetime(2026, 1, 1), 24)]),
        ("SELECT \"event\" FROM trail WHERE event = 'it''s' ", []),
    ],
)  # fmt: skip
def test_rows(engine: Session, text: str, expected: list[tuple]) -> None:
    assert _rows(engine, text) == expected


STAGES = [
    (
        "SELECT event, lag(size) OVER w FROM trail WINDOW w AS (PARTITION BY event) LIMIT 5",
        [("", "trail", 100), ("", "lag(size) OVER w", 100), ("", "event, lag(size) OVER w", 100),
         ("", "LIMIT 5", 5)],
    ),
    (
        "SELECT event, count(*) AS n FROM trail WHERE size > 9 AND error IS NOT NULL GROUP BY 1 "
        "HAVING count(*) > 4 AND max(size) < 99 ORDER BY n DESC LIMIT 1",
        [("", "trail", 100), ("", "size > 9", 90), ("", "error IS NOT NULL", 30),
         ("", "GROUP BY 1", 7), ("", "count(*) > 4", 2), ("", "max(size) < 99", 1),
         ("", "ORDER BY n DESC", 1), ("", "LIMIT 1", 1)],
    ),
    (
        "WITH a AS (SELECT * FROM trail WHERE event = 'e1') SELECT a.event FROM a JOIN "
        "(SELECT orig FROM conn WHERE bytes > 100) c ON a.address = c.orig WHERE a.size > 50",
        [("a", "trail", 100), ("a", "event = 'e1'", 15), ("", "a", 15),
         ("join at line 1", "conn", 50), ("join at line 1", "bytes > 100", 48),
         ("join at line 1", "orig", 48),
         ("", "JOIN (SELECT orig FROM conn WHERE bytes > 100) c ON a.address = c.orig", 76),
         ("", "a.size > 50", 38), ("", "a.event", 38)],
    ),
    (
        "SELECT event FROM trail UNION ALL SELECT orig FROM conn",
        [("", "trail", 100), ("", "event", 100), ("", "SELECT orig FROM conn", 150)],
    ),
    (
        "SELECT size + 1 AS more FROM trail WHERE more > 90",
        [("", "trail", 100), ("", "more > 90", 10), ("", "size + 1 AS more", 10)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STAGES, ids=[s[0][:40] for s in STAGES])
def test_stages_are_counted(
    engine: Session, text: str, expected: list[tuple[str, str, int]]
) -> None:
    made = _translated(text).stages
    found = [(s.pipeline, s.text, engine.count(s.sql, 10)) for s in made]
    assert found == expected


def test_every_stage_of_the_model_is_counted() -> None:
    for text, _ in STAGES:
        query = bind(text, VISIBLE)
        counted = {stage.span for stage in translate(query, VISIBLE, NOW).stages}
        assert {s.span for p in query.pipelines() for s in p.stages} - counted <= {
            s.span for s in query.main.stages if s.kind == "union" for s in s.branches[0].stages
        }


@pytest.mark.parametrize(
    ("text", "operator", "place"),
    [
        ("SELECT *\nFROM read_csv('/etc/passwd')", "read_csv", (2, 6)),
        ("DROP TABLE trail", "DROP", (1, 1)),
        ("SELECT * FROM '/etc/passwd'", "/etc/passwd", (1, 15)),
        ("SELECT evnt FROM trail", "evnt", (1, 8)),
        ("SELECT event FROM trail; SELECT 1", "syntax", (1, 26)),
    ],
)
def test_refused_where_it_stands(text: str, operator: str, place: tuple[int, int]) -> None:
    with pytest.raises(QueryRefused) as refused:
        _translated(text)
    assert refused.value.operator == operator
    assert (refused.value.line, refused.value.column) == place


def test_every_table_that_is_read_is_named() -> None:
    text = "SELECT * FROM trail ORDER BY (SELECT max(bytes) FROM Conn), (SELECT 1 FROM ocsf.api)"
    assert set(_translated(text).tables) == {"trail", "conn", "ocsf.api"}


def test_comments_are_not_carried_along() -> None:
    assert "--" not in _translated("SELECT 1 -- ; DROP TABLE x\n").sql


def test_an_unbound_query_is_bound_before_it_runs() -> None:
    with pytest.raises(QueryRefused, match="no table elsewhere"):
        translate(parse("SELECT * FROM elsewhere"), VISIBLE, NOW)
