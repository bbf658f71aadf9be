"""SQL becomes the query model: every part where it stands, names followed to their tables."""

from __future__ import annotations

import pytest

from languages.sql.world import VISIBLE
from undersign.languages.sql import bind, parse
from undersign.records.artifact import Span
from undersign.records.query import And, Comparison, Not, Opaque, Or, Query, comparisons


def _cut(text: str, span: Span) -> str:
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: span.line - 1])) + span.column - 1
    return text[start : sum(map(len, lines[: span.end_line - 1])) + span.end_column - 1]


def _where(condition: str) -> Query:
    found = bind(f"SELECT * FROM trail\nWHERE {condition}", VISIBLE)
    assert not found.problems
    return found


def _one(condition: str) -> Comparison:
    (stage,) = _where(condition).main.stages
    assert isinstance(stage.condition, Comparison)
    return stage.condition


COMPARISONS = [
    # condition, column, op, values, negated, case sensitive, functions
    ("event = 'x'", "event", "==", ["x"], False, True, ()),
    ("'x' = event", "event", "==", ["x"], False, True, ()),
    ("event <> 'x'", "event", "!=", ["x"], False, True, ()),
    ("NOT event = 'x'", "event", "!=", ["x"], False, True, ()),
    ("NOT (event <> 'x')", "event", "==", ["x"], False, True, ()),
    ("5 < size", "size", ">", [5], False, True, ()),
    ("size >= -2", "size", ">=", [-2], False, True, ()),
    ("size > 1.5", "size", ">", [1.5], False, True, ()),
    ("event IN ('a', 'b')", "event", "in", ["a", "b"], False, True, ()),
    ("event NOT IN ('a')", "event", "in", ["a"], True, True, ()),
    ("size BETWEEN 1 AND 2", "size", "between", [1, 2], False, True, ()),
    ("size NOT BETWEEN 1 AND 2", "size", "between", [1, 2], True, True, ()),
    ("event LIKE '%a_b%'", "event", "like", ["*a?b*"], False, True, ()),
    ("event NOT LIKE 'a%'", "event", "like", ["a*"], True, True, ()),
    ("event ILIKE 'a%'", "event", "like", ["a*"], False, False, ()),
    ("NOT event ILIKE 'a%'", "event", "like", ["a*"], True, False, ()),
    ("regexp_matches(event, 'a+')", "event", "regex", ["a+"], False, True, ()),
    ("regexp_matches(event, 'a+', 'i')", "event", "regex", ["a+"], False, False, ()),
    ("regexp_matches(event, '(?i)a+')", "event", "regex", ["(?i)a+"], False, False, ()),
    ("contains(event, 'a')", "event", "contains", ["a"], False, True, ()),
    ("starts_with(event, 'a')", "event", "startswith", ["a"], False, True, ()),
    ("suffix(event, 'a')", "event", "endswith", ["a"], False, True, ()),
    ("event IS NULL", "event", "exists", [], True, True, ()),
    ("event IS NOT NULL", "event", "exists", [], False, True, ()),
    ("lower(event) = 'x'", "event", "==", ["x"], False, True, ("lower",)),
    ("lower(trim(event)) = 'x'", "event", "==", ["x"], False, True, ("lower", "trim")),
    ("event::INT = 4", "event", "==", [4], False, True, ("cast",)),
    ("trail.event = 'x'", "event", "==", ["x"], False, True, ()),
    ("event = address", "event", "==", ["address"], False, True, ()),
    ("_time > now() - INTERVAL '1 day'", "_time", ">", [86_400], False, True, ()),
    ("_time >= current_timestamp - INTERVAL 2 HOUR", "_time", ">=", [7_200], False, True, ()),
    ("_time > now() - to_hours(3)", "_time", ">", [10_800], False, True, ()),
    ("_time > ago(INTERVAL '7 days')", "_time", ">", [604_800], False, True, ()),
    ("_time > TIMESTAMP '2026-01-02'", "_time", ">", ["2026-01-02T00:00:00Z"], False, True, ()),
    ("_time > '2026-01-02 03:00:00'", "_time", ">", ["2026-01-02T03:00:00Z"], False, True, ()),
]  # fmt: skip


@pytest.mark.parametrize("case", COMPARISONS, ids=lambda case: case[0])
def test_comparisons(case: tuple) -> None:
    text, column, op, values, negated, cased, functions = case
    found = _one(text)
    assert (found.column, found.op, found.negated) == (column, op, negated)
    assert [v.value for v in found.values] == values
    assert found.case_sensitive == cased
    assert found.functions == functions
    assert (found.table, found.table_column) == ("trail", column)
    assert _cut(f"SELECT * FROM trail\nWHERE {text}", found.span) == text == found.text


def test_and_at_the_top_is_several_stages() -> None:
    stages = _where("event = 'a' AND (size > 1 OR size < 0) AND address <> 'b'").main.stages
    assert [s.text for s in stages] == ["event = 'a'", "(size > 1 OR size < 0)", "address <> 'b'"]
    assert isinstance(stages[1].condition, Or)
    assert not stages[1].condition.bare


def test_or_beside_and_without_brackets_is_bare() -> None:
    (stage,) = _where("event = 'a' OR size > 1 AND address = 'b'").main.stages
    assert isinstance(stage.condition, Or)
    assert stage.condition.bare
    assert isinstance(stage.condition.children[1], And)


def test_what_has_no_word_is_opaque() -> None:
    (stage,) = _where("size + 1 > length(event)").main.stages
    assert isinstance(stage.condition, Opaque)
    assert stage.condition.columns == ("size", "event")
    (stage,) = _where("NOT (event = 'a' AND size = 1)").main.stages
    assert isinstance(stage.condition, Not)


def test_groups_aggregates_and_having() -> None:
    text = (
        "SELECT address, date_trunc('hour', _time) AS h, count(*) AS n, count(DISTINCT event), "
        "max(size) FILTER (WHERE error = 'x') AS m\nFROM trail GROUP BY 1, h\n"
        "HAVING count(*) > 5 AND sum(size) < 9 ORDER BY n DESC LIMIT 10"
    )
    found = bind(text, VISIBLE)
    assert not found.problems
    kinds = [(s.kind, s.keyword) for s in found.main.stages]
    assert kinds == [
        ("aggregate", "group by"), ("filter", "having"), ("filter", "having"),
        ("sort", "order by"), ("limit", "limit"),
    ]  # fmt: skip
    aggregate = found.main.stages[0]
    assert [(g.column, g.name, g.bin_seconds) for g in aggregate.groups] == [
        ("address", "address", None), ("_time", "h", 3600.0),
    ]  # fmt: skip
    made = [(a.function, a.column, a.name) for a in aggregate.aggregates]
    assert made == [
        ("count", "", "n"), ("dcount", "event", "count(DISTINCT event)"), ("max", "size", "m"),
        ("sum", "size", "sum(size)"),
    ]  # fmt: skip
    assert [c.text for c in comparisons(aggregate.aggregates[2].condition)] == ["error = 'x'"]
    having = [next(comparisons(s.condition)).column for s in found.main.stages[1:3]]
    assert having == ["n", "sum(size)"]
    assert found.main.stages[3].order[0].descending
    assert found.main.stages[4].limit == 10


def test_ctes_joins_and_renames_are_followed() -> None:
    text = (
        "WITH a AS (SELECT event AS e, address AS ip, _time AS t FROM trail WHERE size > 1)\n"
        "SELECT * FROM a LEFT JOIN conn c ON a.ip = c.orig AND c._time BETWEEN a.t AND "
        "a.t + INTERVAL 5 MINUTE WHERE a.e = 'x'"
    )
    found = bind(text, VISIBLE)
    assert not found.problems
    assert list(found.named) == ["a"]
    assert [(s.kind, s.name) for s in found.main.sources] == [("named", "a")]
    join, where = found.main.stages
    assert join.join is not None
    assert (join.join.kind, join.join.keys, join.join.time_bound) == (
        "left",
        (("ip", "orig"),),
        True,
    )
    assert join.join.right.sources[0].table == "conn"
    assert isinstance(where.condition, Comparison)
    assert (where.condition.table, where.condition.table_column) == ("trail", "event")


def test_subqueries_are_pipelines_too() -> None:
    text = (
        "SELECT * FROM (SELECT * FROM trail WHERE size > 1) x WHERE address IN "
        "(SELECT orig FROM conn) AND EXISTS (SELECT 1 FROM conn k WHERE k.resp = x.address)"
    )
    found = bind(text, VISIBLE)
    assert not found.problems
    tables = [s.table for p in found.pipelines() for s in p.sources]
    assert tables == ["trail", "conn", "conn"]
    text = (
        "SELECT event, (SELECT max(bytes) FROM conn) FROM trail t JOIN trail u ON t.size = u.size "
    )
    text += "AND t.size > (SELECT min(bytes) FROM conn)"
    tables = [s.table for p in bind(text, VISIBLE).pipelines() for s in p.sources]
    assert sorted(str(t) for t in tables) == ["conn", "conn", "trail", "trail"]
    (problem,) = bind("SELECT (SELECT max(x) FROM nowhere) FROM trail", VISIBLE).problems
    assert problem.name == "nowhere"


def test_unions_and_windows() -> None:
    found = bind("SELECT event FROM trail UNION ALL SELECT orig FROM conn LIMIT 3", VISIBLE)
    assert [s.kind for s in found.main.stages] == ["project", "union", "limit"]
    assert found.main.stages[1].branches[0].sources[0].table == "conn"
    text = (
        "SELECT event, row_number() OVER (PARTITION BY event ORDER BY _time) AS rn FROM trail "
        "QUALIFY rn = 1"
    )
    found = bind(text, VISIBLE)
    assert [s.kind for s in found.main.stages] == ["window", "filter", "project"]


@pytest.mark.parametrize(
    ("text", "kind", "name", "hint"),
    [
        ("SELECT evnt FROM trail", "unknown-column", "evnt", "event"),
        ("SELECT evnt AS evnt FROM trail", "unknown-column", "evnt", "event"),
        ("SELECT * FROM trail WHERE sizee > 1", "unknown-column", "sizee", "size"),
        ("SELECT t.nope FROM trail t", "unknown-column", "nope", ""),
        ("SELECT orig FROM trail", "unknown-column", "orig", ""),
        ('SELECT * FROM trail WHERE event = "x"', "unknown-column", "x", "single quotes"),
        ("SELECT * FROM trial", "unknown-table", "trial", "trail"),
        ("SELECT * FROM nope.trail", "unknown-table", "nope.trail", ""),
        ("SELECT lowr(event) FROM trail", "unknown-function", "lowr", "lower"),
        ("SELECT * FROM made_up(3)", "unknown-function", "made_up", ""),
        ("SELECT event FROM trail WHERE address IN (SELECT orgi FROM conn)", "unknown-column",
         "orgi", "orig"),
    ],
)  # fmt: skip
def test_invented_names_are_found_where_they_stand(
    text: str, kind: str, name: str, hint: str
) -> None:
    (problem,) = bind(text, VISIBLE).problems
    assert (problem.kind, problem.name) == (kind, name)
    assert name.rpartition(".")[2] in _cut(text, problem.span)
    assert hint in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "SELECT EVENT, Address FROM Trail", "SELECT size + 1 AS more FROM trail WHERE more > 3",
        "SELECT * FROM ocsf.api WHERE operation = 'x'", "SELECT * FROM main.trail",
        "SELECT list_transform([1, 2], x -> x + 1), event FROM trail",
        "SELECT * EXCLUDE (event) FROM trail", "SELECT t.* FROM trail t",
        "SELECT a, b FROM (VALUES (1, 2)) v(a, b)", "SELECT i FROM range(3) r(i)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "FROM trail SELECT event", "SELECT count(*) AS n FROM trail GROUP BY ALL",
        "SELECT a.event FROM trail a JOIN trail b USING (address)",
        "SELECT event, n FROM (SELECT event, count(*) AS n FROM trail GROUP BY 1) WHERE n > 1",
    ],
)  # fmt: skip
def test_what_is_there_is_no_problem(text: str) -> None:
    assert bind(text, VISIBLE).problems == ()


def test_spark_says_its_dialect() -> None:
    text = "-- dialect: spark\nSELECT collect_set(event) AS s FROM trail WHERE address RLIKE 'a'"
    found = bind(text, VISIBLE)
    assert not found.problems
    assert found.language == "sql"
    assert found.main.stages[1].aggregates[0].function == "make_set"


def test_parse_knows_no_tables_and_complains_of_none() -> None:
    found = parse("SELECT a, b FROM anywhere WHERE c = 1")
    assert not found.problems
    assert not found.bound
