"""From a query over real rows to a rule that matches the very same events."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from undersign.errors import UsageError
from undersign.records.hunt import Note
from undersign.surfaces.hunt.ads import HEADINGS
from undersign.surfaces.hunt.entries import Asked
from undersign.surfaces.hunt.handoff import Wanted
from undersign.telemetry.sample_history import simulate
from undersign.workspace import hunting, ledgerbook
from undersign.workspace.baselines import Span, baseline
from undersign.workspace.beside import Beside, read_record
from undersign.workspace.hunt_handoff import HandedOff, hand_off
from undersign.workspace.hunt_rerun import run_again, runner
from undersign.workspace.languages import visible_of
from undersign.workspace.logs import ingest_document
from undersign.workspace.querying import Asked as Query
from undersign.workspace.querying import query
from undersign.workspace.workspace import Workspace, find, init

NOW = datetime(2026, 1, 6, tzinfo=UTC)
SQL = "SELECT Computer FROM windows_security LIMIT 5"
WHEN = "2026-01-06T00:00:00Z"
PERSON = "hunter@example.org"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an invented Monday; opened anew by each test."""
    root = tmp_path_factory.mktemp("day")
    init(root)
    logs = root / "logs"
    logs.mkdir()
    for name, lines in simulate(7, start=datetime(2026, 1, 5, tzinfo=UTC), days=1).lines():
        (logs / name).write_bytes(b"".join(lines))
    ingest(find(root), logs)
    return root


def ingest(workspace: Workspace, path: Path) -> None:
    ingest_document(workspace, [path], source=None, now=NOW, progress=lambda _: None)


def security(workspace: Workspace) -> str:
    """Return the name under which KQL sees the Security log."""
    seen = visible_of(workspace, "kql", measure=False)
    return next(n for n, t in seen.tables.items() if t.sources == ("windows_security",))


def journalled(workspace: Workspace, language: str, text: str, title: str) -> int:
    """Ask, journal, and say what a hand-off needs; return the rows."""
    hunting.new(workspace, hunting.journal.Opening(title, "", ("T1110.001",)), person=PERSON,
                now=NOW)  # fmt: skip
    answer = query(workspace, language, text, Query(NOW))
    asked = Asked("who?", language, text, "offline", unused_words=("please",))
    entry = hunting.entry_of(workspace, asked, answer, None, now=NOW)
    assert entry.shown is not None and len(entry.pins) == 1 and not entry.shown.truncated
    hunting.record_entry(workspace, entry, now=NOW)
    for about in ("validation", "false_positives"):
        note = Note(WHEN, PERSON, f"said of {about}")
        hunting.note(workspace, None, about, note, now=NOW)
    assert entry.shown.rows is not None
    return entry.shown.rows


def handed(workspace: Workspace) -> HandedOff:
    return hand_off(workspace, None, Wanted(), person=PERSON, now=NOW)


@pytest.mark.parametrize(
    ("number", "condition"),
    [
        (1, "EventID == 4625"),
        (2, "EventID == 4625 and TargetUserName != 'svc-scan'"),
        (3, "EventID in (4625, 4624) and TargetUserName !endswith '$'"),
        (4, "EventID == 4688 and NewProcessName contains 'power'"),
        (5, "EventID == 4625 and TargetUserName startswith 'emp' or TargetUserName =~ 'SVC-SCAN'"),
        (6, "tolower(TargetUserName) == 'svc-scan'"),
        (7, "TargetUserName == 'SVC-SCAN'"),
        (8, r"NewProcessName matches regex @'(?i)\\cmd\.exe$'"),
    ],
)
def test_the_rule_matches_the_events_that_the_query_keeps(
    day: Path, number: int, condition: str
) -> None:
    workspace = find(day)
    text = f"{security(workspace)} | where TimeGenerated > ago(2d) | where {condition}"
    rows = journalled(workspace, "kql", text, f"rule {number}")
    done = handed(workspace)
    assert (done.kind, done.why_not_sigma) == ("sigma", "")
    measured = baseline(workspace, [day / done.rule], Span(), on=(), now=NOW)
    assert [(h.status, h.matches) for h in measured.histories] == [("measured", rows)]


def test_a_hand_off_writes_rule_strategy_and_record_and_tells_the_hunt(day: Path) -> None:
    workspace = find(day)
    journalled(workspace, "kql", f"{security(workspace)} | where EventID == 4625", "whole")
    done = handed(workspace)
    strategy = (day / done.strategy).read_text()
    assert all(f"\n## {name}\n" in strategy for name in HEADINGS)
    record = read_record(Beside(day / done.rule).record).draft
    assert record is not None
    assert (record.drafter, record.unused_words) == ("offline", ("please",))
    hunt = hunting.show(workspace, None).hunt
    assert hunt.notes[-1].text == f"handed off as {done.rule}"
    assert ledgerbook.show(workspace, None, 1)[0].body["did"] == "handoff"
    with pytest.raises(UsageError, match="is there already"):
        handed(workspace)


@pytest.mark.parametrize(
    ("language", "tail", "why"),
    [
        ("kql", "| summarize count() by TargetUserName", "Sigma has no `summarize`"),
        ("kql", "| where TargetUserName has 'svc'", "Sigma has no `has`"),
        ("sql", "", "no filter"),
    ],
)
def test_what_sigma_cannot_say_becomes_a_rule_in_its_own_language(
    day: Path, language: str, tail: str, why: str
) -> None:
    workspace = find(day)
    table = security(workspace)
    text = f"{table} | where EventID == 4625 {tail}" if language == "kql" else SQL
    journalled(workspace, language, text, f"own {language} {len(tail)}")
    done = handed(workspace)
    assert done.kind == language and why in done.why_not_sigma
    assert (day / done.rule).read_text().endswith(f"\n{text.rstrip()}\n")
    assert why in (day / done.rule).read_text()


def test_a_hunt_without_validation_hands_nothing_off(day: Path) -> None:
    workspace = find(day)
    hunting.new(workspace, hunting.journal.Opening("bare"), person=PERSON, now=NOW)
    before = sorted(p.name for p in (day / "rules").iterdir())
    with pytest.raises(UsageError, match=r"missing: a query: .*; validation: .*; false positives"):
        handed(workspace)
    assert sorted(p.name for p in (day / "rules").iterdir()) == before


def test_pinned_rows_are_the_same_after_more_logs_came(tmp_path: Path) -> None:
    workspace = init(tmp_path)[0]
    log = tmp_path / "a.jsonl"
    event = (
        '{"Provider_Name":"Microsoft-Windows-Security-Auditing","EventID":4625,'
        '"Channel":"Security","Computer":"H","SystemTime":"2026-01-05T10:0%d:00Z",'
        '"TargetUserName":"u"}\n'
    )
    log.write_text(event % 1)
    ingest(workspace, log)
    text = f"{security(workspace)} | where TimeGenerated > ago(1d) | where EventID == 4625"
    assert journalled(workspace, "kql", text, "pins") == 1
    log.write_text(event % 2)
    ingest(find(tmp_path), log)
    later = datetime(2026, 3, 1, tzinfo=UTC)
    workspace = find(tmp_path)
    pinned, newest = run_again(workspace, None, runner(workspace, later), now=later)
    assert (pinned.outcome, pinned.rows) == ("same", 1)
    assert (newest.outcome, newest.rows, newest.difference) == ("changed", 2, 1)
