"""`import undersign`: the documented examples, refusals, how it shows itself, an exported hunt."""

from __future__ import annotations

import doctest
import inspect
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import undersign
from faces.cli_runner import Terminal
from undersign.faces.library import frames
from undersign.telemetry.rows_digest import rows_digest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "library.md"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\u202e"
RULE = """\
title: Object read
id: 3f0d2d3c-6f8e-4a52-9b1a-0d5a2f1f7a10
status: experimental
logsource: {product: aws, service: cloudtrail}
detection:
  read: {eventSource: s3.amazonaws.com, eventName: GetObject}
  condition: read
level: low
"""


def event(number: int, name: str, user: str, address: str, hour: int) -> dict[str, Any]:
    return {
        "eventVersion": "1.08",
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "eventTime": f"2026-01-05T{hour:02}:00:00Z",
        "eventName": name,
        "eventSource": f"{'s3' if name == 'GetObject' else 'signin'}.amazonaws.com",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": address,
        "userIdentity": {"type": "IAMUser", "userName": user},
        "eventType": "AwsApiCall",
    }


EVENTS = (
    event(1, "GetObject", "ana", "192.0.2.7", 8),
    event(2, "GetObject", "ana", "192.0.2.7", 9),
    event(3, "GetObject", "ben", "198.51.100.9", 10),
    event(4, "GetObject", "ana", "203.0.113.5", 11),
    event(5, "ConsoleLogin", "ben", "198.51.100.9", 12),
)


@pytest.fixture
def trail(terminal: Terminal) -> Terminal:
    """A workspace with five CloudTrail events and a rule, which is the current folder."""
    assert terminal("init").code == 0
    log = terminal.folder / "trail.jsonl"
    log.write_text("".join(json.dumps(one) + "\n" for one in EVENTS))
    assert terminal("ingest", log).code == 0
    (terminal.folder / "rules" / "s3.yml").write_text(RULE)
    return terminal


def test_the_documented_examples_run(trail: Terminal) -> None:
    test = doctest.DocTestParser().get_doctest(PAGE.read_text(), {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    ran = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not ran.failed, "".join(said)
    assert ran.attempted > 12


def test_the_public_names_are_sorted_documented_and_typed() -> None:
    assert undersign.__all__ == sorted(undersign.__all__) == dir(undersign)
    table = PAGE.read_text().partition("## The names")[2]
    documented = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert sorted(documented) == sorted(undersign.__all__)
    stub = PAGE.parents[2].joinpath("src", "undersign", "__init__.pyi").read_text()
    assert sorted(re.findall(r" as (\w+)$", stub, re.MULTILINE)) == [
        name for name in undersign.__all__ if name != "__version__"
    ]
    assert re.findall(r'^    "(\w+)",$', stub, re.MULTILINE) == undersign.__all__


@pytest.mark.parametrize("kind", [undersign.Workspace, undersign.Result, undersign.Findings])
def test_every_public_member_is_documented_and_annotated(kind: type) -> None:
    page = PAGE.read_text()
    assert inspect.getdoc(undersign.open)
    assert inspect.getdoc(kind)
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        assert f"`{name}" in page, f"{kind.__name__}.{name} is not in library.md"
        function = getattr(member, "fget", None) or getattr(member, "func", None) or member
        if inspect.isfunction(function):
            assert inspect.getdoc(function), name
            parameters = [p for p in inspect.signature(function).parameters if p != "self"]
            assert {*parameters, "return"} == set(function.__annotations__), name


def test_importing_it_imports_nothing() -> None:
    code = "import sys, undersign; print(*sorted(m for m in sys.modules if 'undersign' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["undersign"]
    with pytest.raises(AttributeError):
        _ = undersign.nothing  # type: ignore[attr-defined]


def test_a_named_folder_must_be_a_workspace(tmp_path: Path, trail: Terminal) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(undersign.NoWorkspace):
        undersign.open(tmp_path / "empty")
    assert undersign.open(tmp_path).root == undersign.open().root == tmp_path


def test_a_model_drafts_behind_the_policy(trail: Terminal) -> None:
    ws = undersign.open()
    reply = {
        "query": "AWSCloudTrail | where EventName == 'GetObject'",
        "value_reasons": [], "open_questions": [], "unused_words": [], "notes": "",
    }  # fmt: skip
    tape = trail.folder / "tape.jsonl"
    tape.write_text(json.dumps({"reply": reply}) + "\n")
    asked = ws.ask("GetObject calls", as_of="latest", with_=f"replay:{tape}")
    assert (asked.drafter, len(asked)) == (f"replay:{tape}", 4)
    policy = trail.folder / "policy.yml"
    policy.write_text(policy.read_text().replace('    - "replay:*"\n', ""))
    with pytest.raises(undersign.PolicyRefused):
        ws.ask("GetObject calls", as_of="latest", with_=f"replay:{tape}")
    policy.write_text(
        policy.read_text().replace("internal], purposes: all,\n     ruling: allow",
                                   "internal], purposes: all,\n     ruling: ask")
    )  # fmt: skip
    mark = trail.folder / "ran"
    with pytest.raises(undersign.PolicyRefused, match="nobody consented"):
        ws.ask("GetObject calls", as_of="latest", with_=f"command:touch {mark}")
    assert not mark.exists()


def test_without_logs_nothing_is_called_empty(terminal: Terminal) -> None:
    assert terminal("init").code == 0
    ws = undersign.open()
    with pytest.raises(undersign.UsageError, match="no logs here"):
        ws.query("AWSCloudTrail")
    with pytest.raises(undersign.UsageError, match="name at least one"):
        ws.check()
    with pytest.raises(undersign.UsageError, match="no query language"):
        ws.tables("cobol")


def test_one_query_in_four_languages_gives_the_same_events(trail: Terminal) -> None:
    ws = undersign.open()
    texts = {
        "kql": "AWSCloudTrail | where EventName == 'GetObject'",
        "spl": "sourcetype=aws:cloudtrail eventName=GetObject",
        "sql": "select * from cloudtrail where eventName = 'GetObject'",
        "sigma": RULE,
    }
    for language, text in texts.items():
        assert len(ws.query(text, language=language, as_of="latest")) == 4, language


def test_a_rule_is_criticised_as_a_rule(trail: Terminal) -> None:
    result = undersign.open().query(RULE, language="sigma")
    assert "missing-true-positive" in {f.check for f in result.findings}
    assert any(reason.startswith("missing-threat-model: ") for reason in result.not_run)


def test_times_may_be_datetimes(trail: Terminal) -> None:
    ws = undersign.open()
    noon = datetime(2026, 1, 5, 12)
    text = "AWSCloudTrail | where TimeGenerated > ago(90m) | project TimeGenerated"
    for at in (noon, noon.replace(tzinfo=UTC), "2026-01-05T12:00:00Z", "latest"):
        result = ws.query(text, as_of=at)
        assert (result.as_of, len(result)) == ("2026-01-05T12:00:00Z", 2)
    half = ws.baseline("rules", since="2026-01-05T10:00:00Z", until=noon)
    assert [row["matches"] for row in half] == [2]


def test_rows_are_cut_at_the_limit_and_it_says_so(trail: Terminal) -> None:
    ws = undersign.open()
    result = ws.query("AWSCloudTrail | project EventName", limit=2, as_of="latest")
    assert (len(result), result.truncated) == (2, True)
    assert "2 rows; cut at the limit of 5" in repr(result)
    assert "cut at the limit of 5" in result._repr_html_()
    with pytest.raises(undersign.UsageError):
        ws.query("AWSCloudTrail", limit=0)


def test_durations_are_durations_in_frames(trail: Terminal) -> None:
    text = "AWSCloudTrail | summarize Long = max(TimeGenerated) - min(TimeGenerated)"
    result = undersign.open().query(text)
    assert list(result) == [{"Long": timedelta(hours=4)}]
    assert result.pl()["Long"][0] == result.df()["Long"][0] == timedelta(hours=4)
    months = pa.array([(1, 2, 3_000_000_000)], pa.month_day_nano_interval())
    shown = frames.with_durations(pa.table({"m": months}))
    assert shown["m"].to_pylist() == ["1 months 2.00:00:03"]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_library_is_said_with_the_command(
    trail: Terminal, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    result = undersign.open().tables()
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(undersign.UsageError, match=f"{name} is not installed .*pip install"):
        result.df() if name == "pandas" else result.pl()


def test_what_was_not_measured_is_null_and_is_shown(trail: Terminal) -> None:
    rule = RULE.replace("cloudtrail}", "guardduty}").replace("Object read", "Nothing to read")
    (trail.folder / "rules" / "blind.yml").write_text(rule)
    found = undersign.open().baseline("rules")
    assert {row["title"]: row["matches"] for row in found} == {
        "Object read": 4,
        "Nothing to read": None,
    }
    assert found.not_run == found.unmeasured
    assert found.unmeasured[0].startswith("Nothing to read: ")
    assert "unmeasured: Nothing to read" in repr(found)
    assert "Unmeasured, which is not zero" in found._repr_html_()
    with pytest.raises(undersign.UsageError, match="no query"):
        _ = found.findings


def test_a_refused_query_has_no_rows_rather_than_none(
    trail: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from undersign.records.drafting import QueryDraft

    draft = QueryDraft("AWSCloudTrail | evaluate autocluster()", "kql")
    monkeypatch.setattr("undersign.drafters.call.ask", lambda *_: draft)
    result = undersign.open().ask("which events stand out")
    assert "autocluster" in result.refused and result.refused in result.not_run
    for look in (len, list, lambda r: r.table, lambda r: r.df(), lambda r: r.columns):
        with pytest.raises(undersign.QueryRefused, match="autocluster"):
            look(result)
    assert "not run: " in repr(result) and "no rows" not in repr(result)
    assert "<b>Not run:</b>" in result._repr_html_() and "No rows" not in result._repr_html_()


def test_it_is_shown_in_the_order_in_which_it_is_to_be_read(trail: Terminal) -> None:
    shown = undersign.open().ask("how many GetObject calls per user", as_of="latest")._repr_html_()
    order = ("how many GetObject", "<pre>", "Critique", "Rows after every stage", "<svg", "<table")
    places = [shown.index(part) for part in order]
    assert places == sorted(places)


def test_findings_show_what_could_not_run_everywhere(trail: Terminal) -> None:
    found = undersign.open().check("rules")
    assert found[0] in found and found[:2] == tuple(found)[:2]
    frame = found.df()
    assert set(frame["status"]) == {"found", "not_run"}
    assert len(frame) == len(found) + len(found.not_run)
    for shown in (repr(found), found._repr_html_()):
        assert "missing-threat-model" in shown and "1 check could not run" in shown
    assert found.clean and not {o.check for o in found.clean} & {f.check for f in found}
    found._blind = ()  # even a sequence without findings names what it could not do
    assert "not_run" not in set(found.df()["status"])


def hostile(ws: undersign.Workspace) -> undersign.Result:
    literal = HOSTILE.replace("'", "\\'")
    text = f"AWSCloudTrail | where EventName != '{literal}' | extend Bad = '{literal}'"
    return ws.query(f"{text} | project Bad | take 2", question=HOSTILE, as_of="latest")


def test_hostile_text_is_shown_and_not_run(trail: Terminal) -> None:
    result = hostile(undersign.open())
    assert next(iter(result))["Bad"] == HOSTILE
    shown = result._repr_html_()
    assert "<script" not in shown and "<img" not in shown and "\u202e" not in shown
    assert "&lt;script&gt;" in shown and "\u202e" not in repr(result)


def test_a_browser_takes_hostile_text_for_text(trail: Terminal) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium: scripts/install-test-tools")
    page = trail.folder / "cell.html"
    body = hostile(undersign.open())._repr_html_()
    page.write_text(f"<!doctype html><meta charset=utf-8><title>ours</title>{body}")
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
    profile = f"--user-data-dir={trail.folder / 'profile'}"
    done = subprocess.run(
        [chromium, *flags, profile, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "<title>ours</title>" in done.stdout and "<img" not in done.stdout


def test_asking_journals_in_the_hunt_that_is_open(trail: Terminal) -> None:
    assert trail("hunt", "new", "Object reads").code == 0
    ws = undersign.open()
    ws.refine("only from 192.0.2.0/24", ws.ask("how many GetObject calls per user"))
    assert len(trail("hunt", "show", "--json").json["entries"]) == 2


def test_the_cells_of_an_exported_hunt_give_the_rows_it_kept(workspace: Terminal) -> None:
    """Run for real on an invented day; a notebook shows the last expression of each cell."""
    assert workspace("hunt", "new", "Failed logons").code == 0
    for language in ("kql", "spl", "sql"):
        question = "how many failed logons per user in the last day"
        asked = workspace("ask", question, "--language", language, "--as-of", "latest", "--json")
        assert asked.code == 0, asked.err
    kept = workspace("hunt", "show", "--json").json["entries"]
    book = json.loads(workspace("hunt", "export", "--format", "notebook").out)
    cells = [c for c in book["cells"] if c["cell_type"] == "code"]
    space: dict[str, Any] = {}
    results = []
    for cell in cells:
        *before, last = "".join(cell["source"]).rsplit("\nws.query(", 1)
        exec("".join(before) or last, space)
        if before:
            results.append(eval(f"ws.query({last}", space))
    assert len(results) == len(kept) == 3
    for entry, result in zip(kept, results, strict=True):
        assert entry["shown"]["rows"] == len(result), entry["query"]
        assert entry["shown"]["digest"] == rows_digest(result.table)
        assert result.query == entry["query"]
        stages = [(s["text"], s["rows"]) for s in entry["shown"]["stages"]]
        assert stages == [(s.text, s.rows) for s in result.stages]
        assert ("<table" in result._repr_html_()) == (len(result) > 0)
    assert len(results[0]) > 0


def test_a_schema_names_the_nearest_table(trail: Terminal) -> None:
    ws = undersign.open()
    columns = {row["name"]: row for row in ws.schema("awscloudtrail")}
    assert columns["EventName"]["examples"] == ["GetObject", "ConsoleLogin"]
    with pytest.raises(undersign.UsageError, match="nearest: AWSCloudTrail"):
        ws.schema("AWSCloudTrial")
    assert isinstance(ws.schema("cloudtrail", language="sql").table, pa.Table)
