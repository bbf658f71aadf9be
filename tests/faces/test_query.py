"""`undersign query`: rows after every stage, raw rows, limits, refusals; nothing else is read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from faces.cli_runner import Terminal

WINDOWS = "windows_security"
SQL = f"SELECT EventID, count(*) AS n FROM {WINDOWS} GROUP BY 1 ORDER BY n DESC, 1 LIMIT 3"
KEYS = {"columns", "rows", "truncated", "stages", "seconds", "snapshot", "sql"}


def test_sql_shows_stages_then_rows(workspace: Terminal) -> None:
    ran = workspace("query", "--language", "sql", SQL)
    assert ran.code == 0, ran.err
    assert ran.out.index("GROUP BY 1") < ran.out.index("EventID") < ran.out.index("3 rows")


def test_json_is_the_contract(workspace: Terminal) -> None:
    told = workspace("query", "--language", "sql", SQL, "--json").json
    assert set(told) >= KEYS
    assert [c["name"] for c in told["columns"]] == ["EventID", "n"]
    assert len(told["rows"]) == 3
    assert told["rows"][0][1] >= told["rows"][1][1]
    assert [s["rows"] for s in told["stages"]][-1] == 3
    assert all({"text", "rows"} <= set(s) for s in told["stages"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("kql", "SecurityEvent | summarize n = count() by EventID | sort by n desc | take 3"),
        (
            "spl",
            "search Channel=Security | stats count as n by EventID | sort -n | head 3",
        ),
    ],
)
def test_other_languages_run_over_the_same_lake(
    workspace: Terminal, language: str, text: str
) -> None:
    ran = workspace("query", "--language", language, text, "--json")
    assert ran.code == 0, ran.err
    wanted = workspace("query", "--language", "sql", SQL, "--json").json["rows"]
    assert sorted(r[-1] for r in ran.json["rows"]) == sorted(r[1] for r in wanted)


def test_sigma_gives_the_raw_events(workspace: Terminal) -> None:
    rule = workspace.folder / "rule.yml"
    rule.write_text(
        "title: t\nlogsource: {product: windows, service: security}\n"
        "detection: {logon: {EventID: 4624}, condition: logon}\n"
    )
    told = workspace("query", f"@{rule}", "--limit", 5, "--json").json
    count = workspace(
        "query",
        "--language",
        "sql",
        f"SELECT count(*) FROM {WINDOWS} WHERE EventID = 4624",
        "--json",
    ).json["rows"][0][0]
    assert told["truncated"] is (count > 5)
    assert told["stages"][-1]["rows"] == count
    assert "_raw" in [c["name"] for c in told["columns"]]
    assert len({row[2] for row in told["rows"]}) == min(5, count)


def test_sigma_that_cannot_be_measured_is_refused(workspace: Terminal) -> None:
    rule = workspace.folder / "rule.yml"
    rule.write_text(
        "title: t\nlogsource: {product: okta, service: okta}\n"
        "detection: {s: {eventType: x}, condition: s}\n"
    )
    ran = workspace("query", f"@{rule}")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.count("\n") == 1


def test_limit_says_that_there_is_more(workspace: Terminal) -> None:
    ran = workspace("query", "--language", "sql", f"SELECT EventID FROM {WINDOWS}", "--limit", 2)
    assert "the first 2 rows of " in ran.out
    told = workspace(
        "query", "--language", "sql", f"SELECT EventID FROM {WINDOWS}", "--limit", 2, "--json"
    ).json
    assert told["truncated"] is True
    assert len(told["rows"]) == 2


def test_the_language_comes_from_the_file(workspace: Terminal) -> None:
    file = workspace.folder / "q.sql"
    file.write_text(SQL)
    assert workspace("query", f"@{file}").code == 0
    assert "--language" in workspace("query", "SELECT 1").err


def test_csv_and_jsonl(workspace: Terminal) -> None:
    out = workspace("query", "--language", "sql", SQL, "--output-format", "csv").out
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0] == ["EventID", "n"]
    assert len(rows) == 4
    out = workspace("query", "--language", "sql", SQL, "--output-format", "jsonl").out
    assert [set(json.loads(line)) for line in out.splitlines()] == [{"EventID", "n"}] * 3


def test_what_now_means(workspace: Terminal) -> None:
    text = f"SELECT count(*) FROM {WINDOWS} WHERE _time > now() - INTERVAL '1 hour'"
    ask = ("query", "--language", "sql", text, "--json")
    assert workspace(*ask, "--as-of", "2020-01-01").json["rows"] != [[0]]
    latest = workspace(*ask, "--as-of", "latest").json
    assert latest["rows"][0][0] > 0
    assert latest["as_of"].startswith("2026-01-05")
    assert workspace(*ask, "--as-of", "2030-01-01").json["rows"] == [[0]]
    assert workspace(*ask, "--as-of", "soon").code == 2


def test_pins_of_an_answer_give_the_same_rows_later(workspace: Terminal) -> None:
    from datetime import UTC, datetime

    from undersign.workspace.querying import Asked, query
    from undersign.workspace.workspace import find

    now = datetime(2026, 1, 6, tzinfo=UTC)
    text = f"SELECT EventID, count(*) AS n FROM {WINDOWS} GROUP BY 1"
    before = query(find(workspace.folder), "sql", text, Asked(now))
    event = {
        "EventID": 4624,
        "Channel": "Security",
        "TimeCreated": "2026-01-06T01:00:00Z",
        "TargetUserName": "x",
    }
    more = workspace.folder / "more.jsonl"
    more.write_text(json.dumps(event) + "\n")
    assert workspace("ingest", more, "--source", WINDOWS).code == 0
    opened = find(workspace.folder)
    after = query(opened, "sql", text, Asked(now))
    again = query(opened, "sql", text, Asked(now, pins=before.pins))
    assert after.digest != before.digest
    assert (again.digest, again.snapshot) == (before.digest, before.snapshot)


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("sql", "SELECT 'abc FROM x", "1:8"),
        ("sql", "SELECT * FROM read_csv('{secret}')", "1:15"),
        ("sql", "SELECT * FROM '{secret}'", "1:15"),
        ("sql", f"SELECT 1; DROP TABLE {WINDOWS}", "1:11"),
        ("sql", f"COPY {WINDOWS} TO '{{folder}}/out.csv'", "1:1"),
        ("sql", "ATTACH '{folder}/x.db'", "1:1"),
        ("sql", f"SELECT nope FROM {WINDOWS}", "1:8"),
        ("sql", "SELECT getenv('HOME')", "1:8"),
        ("kql", "externaldata(a: string)['{secret}']", "1:1"),
        ("kql", "SecurityEvent | where Account == 'abc", ""),
        ("kql", ".drop table SecurityEvent", ""),
        ("spl", "search index=x | outputlookup {folder}/out.csv", ""),
        ("spl", '| inputlookup {secret} | search a="', ""),
    ],
)
def test_bad_and_hostile_queries_are_one_located_line(
    workspace: Terminal, language: str, text: str, place: str
) -> None:
    secret = workspace.folder / "secret.csv"
    secret.write_text("a\nhidden-value\n")
    before = sorted(p for p in workspace.folder.iterdir())
    ran = workspace(
        "query", "--language", language, text.format(secret=secret, folder=workspace.folder)
    )
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert f"undersign: {place}" in ran.err
    assert "hidden-value" not in ran.err
    assert "internal error" not in ran.err
    assert sorted(p for p in workspace.folder.iterdir()) == before


def test_a_slow_query_is_stopped(workspace: Terminal) -> None:
    text = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)"
    ran = workspace("query", "--language", "sql", text, "--timeout", 0.5)
    assert ran.code == 2
    assert "took longer than 0.5 s" in ran.err


def test_attackers_text_is_not_sent_to_the_terminal(terminal: Terminal) -> None:
    event = {"time": "2026-01-01T00:00:00Z", "name": "va\x1b[31mlue\u202e", "b": "=cmd()"}
    log = terminal.folder / "log.jsonl"
    log.write_text(json.dumps(event) + "\n")
    assert terminal("init").code == 0
    assert terminal("ingest", log).code == 0
    table = terminal("schema", "--json").json["tables"][0]["name"]
    ran = terminal("query", "--language", "sql", f'SELECT *, 1 AS "\x1b[2J" FROM "{table}"')
    assert ran.code == 0, ran.err
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "\\x1b[31mlue" in ran.out
    out = terminal(
        "query", "--language", "sql", f'SELECT b FROM "{table}"', "--output-format", "csv"
    ).out
    assert out == "b\n'=cmd()\n"


def test_without_logs_it_says_what_to_do(terminal: Terminal) -> None:
    assert terminal("init").code == 0
    ran = terminal("query", "--language", "sql", "SELECT 1")
    assert ran.code == 2
    assert "ingest" in ran.err


def test_imported_tables_are_typed_and_empty(workspace: Terminal) -> None:
    table = workspace.folder / "t.csv"
    table.write_text(
        "table_name,column_name,column_type\nMine,TimeGenerated,datetime\nMine,A,int\n"
    )
    assert workspace("schema", "import", table).code == 0
    told = workspace("query", "--language", "sql", "SELECT max(A) AS a FROM Mine", "--json").json
    assert told["rows"] == [[None]]
    assert told["columns"] == [{"name": "a", "type": "BIGINT"}]


def test_sql_is_shown_when_asked(workspace: Terminal) -> None:
    ran = workspace("query", "--language", "sql", SQL, "--sql", "--no-stages")
    assert ran.out.startswith("SELECT EventID")
    assert "█" not in ran.out


def test_macros_of_the_workspace_are_spoken(workspace: Terminal) -> None:
    (workspace.folder / "macros.conf").write_text("[logons]\ndefinition = EventID=4624\n")
    config = Path(workspace.folder / "undersign.toml")
    config.write_text(config.read_text().replace("spl_macros = []", 'spl_macros = ["macros.conf"]'))
    ran = workspace("query", "--language", "spl", "search `logons` | stats count", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["rows"][0][0] > 0
