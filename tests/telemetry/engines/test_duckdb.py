"""The engine is locked down, keeps its limits, and says in one line why it stopped."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from threading import Timer
from time import perf_counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from undersign.errors import QueryRefused, StorageError
from undersign.telemetry.engines.duckdb import Session, session
from undersign.telemetry.engines.limits import Limits
from undersign.telemetry.views import ViewSql

ENDLESS = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)"
SMALL = Limits(seconds=0.5, memory_mb=200, rows=2)


@pytest.fixture
def opened(tmp_path: Path) -> Session:
    file = tmp_path / "it's data.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3], 'b "\x1b[31m': ["x", None, "z"]}), file)
    (tmp_path / "secret.csv").write_text("key,value\nsecret,1\n")
    path = str(file).replace("'", "''")
    return session(
        (ViewSql("t", f"CREATE VIEW t AS FROM read_parquet('{path}')", (str(file),)),), SMALL
    )


def test_rows_are_cut_and_told(opened: Session) -> None:
    rows = opened.rows("SELECT a FROM t ORDER BY a DESC", SMALL)
    assert rows.table["a"].to_pylist() == [3, 2]
    assert rows.truncated
    assert rows.types == ("BIGINT",)
    assert not opened.rows("SELECT a FROM t WHERE a > 1", SMALL).truncated


def test_counts_and_hostile_names(opened: Session) -> None:
    assert opened.count("SELECT a FROM t -- three", 5) == 3
    assert opened.rows("FROM t", SMALL).table.column_names[1] == 'b "\x1b[31m'


@pytest.mark.parametrize(
    "statement",
    [
        "DROP VIEW t", "CREATE TABLE x (a INT)", "INSERT INTO t VALUES (1, 'x')",
        "COPY t TO '{folder}/out.csv'", "EXPORT DATABASE '{folder}/out'", "ATTACH '{folder}/x.db'",
        "INSTALL httpfs", "LOAD httpfs", "SET threads = 1", "PRAGMA database_list", "CHECKPOINT",
        "CALL pragma_version()", "SELECT 1; DROP VIEW t", "EXPLAIN SELECT 1", "",
        "SET VARIABLE x = 1", "CREATE MACRO f() AS 1", "USE memory", "BEGIN",
    ],
)  # fmt: skip
def test_only_one_select_runs(opened: Session, statement: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(QueryRefused):
        opened.rows(statement.format(folder=tmp_path), SMALL)
    assert sorted(tmp_path.iterdir()) == before
    assert opened.count("SELECT a FROM t", 5) == 3


@pytest.mark.parametrize(
    "source",
    [
        "'{folder}/secret.csv'", "read_csv('{folder}/secret.csv')", "read_text('/etc/passwd')",
        "'/etc/passwd'", "glob('{folder}/*')", "read_parquet('{folder}/../*/*.parquet')",
        "duckdb_secrets()", "opened", "SMALL", "read_csv('http://192.0.2.1/x.csv')",
        "parquet_metadata('{folder}/other.parquet')", "sniff_csv('{folder}/secret.csv')",
        "read_json('{folder}/secret.csv')", "read_blob('{folder}/secret.csv')",
    ],
)  # fmt: skip
def test_sql_that_got_past_every_check_reads_nothing_else(
    opened: Session, source: str, tmp_path: Path
) -> None:
    with pytest.raises(QueryRefused):
        opened.rows(f"SELECT * FROM {source.format(folder=tmp_path)}", SMALL)


def test_the_environment_is_not_to_be_had(opened: Session) -> None:
    with pytest.raises(QueryRefused):
        opened.rows("SELECT getenv('HOME')", SMALL)


@pytest.mark.parametrize(
    "endless",
    [
        ENDLESS,
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    ],
)
def test_the_time_limit_stops_what_has_no_end(opened: Session, endless: str) -> None:
    begun = perf_counter()
    with pytest.raises(QueryRefused, match=r"took longer than 0\.5 s") as refused:
        opened.rows(endless, SMALL)
    assert perf_counter() - begun < 5
    assert refused.value.operator == "time limit"
    assert opened.count("SELECT a FROM t", 5) == 3


def test_the_memory_limit_is_one_line(opened: Session) -> None:
    hungry = "SELECT DISTINCT a.i, b.i FROM range(100000) a(i), range(1000) b(i) ORDER BY hash(a.i)"
    with pytest.raises(QueryRefused) as refused:
        opened.rows(hungry, Limits(seconds=30, memory_mb=200, rows=2))
    assert refused.value.operator == "memory limit"
    assert "\n" not in str(refused.value)


def test_a_regex_bomb_is_no_bomb(opened: Session) -> None:
    bomb = "SELECT count(*) FROM range(1000) WHERE regexp_matches(repeat('a', 5000), '^(a+)+$|b')"
    assert opened.rows(bomb, Limits(seconds=10)).table.num_rows == 1


def test_control_c_reaches_a_running_query(opened: Session) -> None:
    begun = perf_counter()
    Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        opened.rows(ENDLESS, Limits(seconds=30))
    assert perf_counter() - begun < 5
    assert opened.count("SELECT a FROM t", 5) == 3


def test_a_failure_on_the_data_is_told_without_the_sql(opened: Session) -> None:
    with pytest.raises(QueryRefused, match="engine refuses") as refused:
        opened.rows('SELECT CAST("b ""\x1b[31m" AS INT) FROM t', SMALL)
    assert "SELECT" not in str(refused.value)


def test_sessions_are_kept_warm_until_a_view_changes(tmp_path: Path) -> None:
    one = ViewSql("v", "CREATE VIEW v AS SELECT 1 AS a")
    two = ViewSql("v", "CREATE VIEW v AS SELECT 2 AS a")
    assert session((one,), SMALL) is session((one,), SMALL)
    assert session((two,), SMALL).one("SELECT a FROM v", 5) == (2,)


def test_a_missing_file_is_said() -> None:
    gone = ViewSql("v", "CREATE VIEW v AS SELECT 1", ("/nowhere/at/all.parquet",))
    with pytest.raises(StorageError, match="is gone"):
        session((gone,), SMALL)
