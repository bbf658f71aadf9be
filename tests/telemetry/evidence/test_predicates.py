"""A comparison counted is the comparison as its language means it, on values that differ."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from undersign.records.artifact import Span
from undersign.records.query import Comparison, Literal
from undersign.telemetry.engines.duckdb import Session, session
from undersign.telemetry.engines.limits import Limits
from undersign.telemetry.evidence.predicates import Ground, Reading, predicate
from undersign.telemetry.views import ViewSql

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HERE = Span(1, 1, 1, 2)
VALUES = ["Cmd.exe", "cmd.exe", "C:\\cmd.exe -x", "acmd.exe", "", None, "203.0.113.9", "7"]


@pytest.fixture(scope="module")
def engine() -> Session:
    texts = ", ".join("(NULL)" if v is None else "('" + v + "')" for v in VALUES)
    numbers = "(5, TIMESTAMP '2026-01-01 12:00:00'), (NULL, TIMESTAMP '2025-12-01'), (7, NULL)"
    return session(
        (
            ViewSql("s", f"CREATE VIEW s AS SELECT * FROM (VALUES {texts}) t(v)"),
            ViewSql("n", f"CREATE VIEW n AS SELECT * FROM (VALUES {numbers}) t(v, t)"),
        ),
        Limits(),
    )


def _text(op: str, *values: str, negated: bool = False, cased: bool = True) -> Comparison:
    held = tuple(Literal(v, "string", HERE) for v in values)
    return Comparison("v", op, held, HERE, "", negated, cased, table="s", table_column="v")  # type: ignore[arg-type]


def _count(engine: Session, one: Comparison, language: str, reading: Reading = "written") -> int:
    made = predicate(one, Ground(language, "v", "string", NOW), reading)
    assert made is not None
    return engine.count(f"SELECT * FROM s WHERE {made.sql(dialect='duckdb')}", 5)


@pytest.mark.parametrize(
    ("one", "language", "written", "any_case", "anywhere"),
    [
        (_text("==", "cmd.exe"), "kql", 1, 2, 4),
        (_text("==", "cmd.exe", cased=False), "spl", 2, None, 4),
        (_text("!=", "cmd.exe"), "kql", 7, 6, 4),
        (_text("!=", "cmd.exe"), "sql", 6, 5, 3),
        (_text("!=", "cmd.exe", cased=False), "spl", 5, None, 3),
        (_text("==", "cmd.exe", negated=True, cased=False), "spl", 6, None, 4),
        (_text("in", "cmd.exe", "7"), "kql", 2, 3, 5),
        (_text("has", "CMD", cased=False), "kql", 3, None, 4),
        (_text("has", "CMD", negated=True, cased=False), "kql", 5, None, 4),
        (_text("contains", "md.e", cased=False), "kql", 4, None, 4),
        (_text("startswith", "cmd"), "kql", 1, 2, 4),
        (_text("endswith", "exe"), "sql", 3, 3, 4),
        (_text("like", "?:*cmd*"), "sql", 1, 1, None),
        (_text("regex", "^[Cc]md"), "kql", 2, 2, None),
        (_text("cidr", "203.0.113.0/24"), "kql", 1, None, None),
        (_text("exists"), "kql", 6, None, None),
        (_text("exists", negated=True), "kql", 2, None, None),
        (_text("exists"), "sql", 7, None, None),
    ],
)
def test_texts(
    engine: Session,
    one: Comparison,
    language: str,
    written: int,
    any_case: int | None,
    anywhere: int | None,
) -> None:
    assert _count(engine, one, language) == written
    ground = Ground(language, "v", "string", NOW)
    wanted: tuple[tuple[Reading, int | None], ...] = (
        ("any_case", any_case),
        ("anywhere", anywhere),
    )
    for reading, count in wanted:
        if count is None:
            assert predicate(one, ground, reading) is None
        else:
            assert _count(engine, one, language, reading) == count


@pytest.mark.parametrize(
    ("op", "value", "kind", "expected"),
    [
        (">", 5, "long", 1), (">=", 5, "long", 2), ("==", 5, "long", 1), ("!=", 5, "long", 2),
        ("==", "5", "string", 1), ("<", 6.5, "double", 1),
    ],
)  # fmt: skip
def test_numbers(engine: Session, op: str, value: object, kind: str, expected: int) -> None:
    one = Comparison("v", op, (Literal(value, kind, HERE),), HERE, "", table="n", table_column="v")  # type: ignore[arg-type]
    made = predicate(one, Ground("kql", "v", "long", NOW), "written")
    assert made is not None
    assert engine.count(f"SELECT * FROM n WHERE {made.sql(dialect='duckdb')}", 5) == expected


def test_times(engine: Session) -> None:
    ago = Literal(86_400.0, "ago", HERE)
    one = Comparison("t", ">", (ago,), HERE, "", table="n", table_column="t")
    made = predicate(one, Ground("kql", "t", "timestamp", NOW), "written")
    assert made is not None
    assert engine.count(f"SELECT * FROM n WHERE {made.sql(dialect='duckdb')}", 5) == 1


@pytest.mark.parametrize(
    "one",
    [
        Comparison("v", "==", (Literal("x", "string", HERE),), HERE, "", functions=("hash",)),
        Comparison("v", "==", (Literal(60.0, "ago", HERE, rounded="startofday"),), HERE, ""),
        Comparison("v", "cidr", (Literal("2001:db8::/32", "string", HERE),), HERE, ""),
        Comparison("v", "==", (Literal("other", "name", HERE),), HERE, ""),
        Comparison("v", "contains", (), HERE, ""),
    ],
)
def test_what_cannot_be_said_is_not_guessed(one: Comparison) -> None:
    assert predicate(one, Ground("kql", "v", "string", NOW), "written") is None


def test_hostile_literals_stay_literals(engine: Session) -> None:
    for hostile in ("' OR 1=1 --", '"; DROP VIEW s', "\\", "a'b", "(((", "[", "*+?", "\x1b[31m"):
        for op in ("==", "contains", "has", "startswith", "like"):
            assert _count(engine, _text(op, hostile), "kql") in (0, 1, 6, 8)
