"""The state machine of a hunt, sentence by sentence, and what an entry keeps of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surfaces.hunts import HOSTILE, WHEN, full_hunt
from undersign.catalogs import attack
from undersign.errors import UsageError
from undersign.records.artifact import Span
from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.hunt import Conclusion, Entry, Hunt, HuntVerdict, Note, Ran, Shown, StageRows
from undersign.records.query_run import QueryRun, StageCount
from undersign.surfaces.hunt import entries, hunt_file, rerun
from undersign.surfaces.hunt.journal import Opening, add_entry, add_note, close_hunt, open_hunt

PERSON = "hunter@example.org"
ATTACK = attack.load()
SPAN = Span(1, 1, 1, 5)


def opened(**changes: object) -> Hunt:
    opening = replace(Opening("Password guessing", "Somebody guesses."), **changes)  # type: ignore[arg-type]
    return open_hunt("0001", opening, PERSON, WHEN, ATTACK)


def asked(rows: int | None = 3, source: int | None = 100) -> Entry:
    stages = (StageRows("SecurityEvent", source), StageRows("where x", rows))
    shown = Shown(rows=rows, stages=stages, digest="d1", refused="" if rows is not None else "no")
    return Entry(0, WHEN, "who?", "kql", "SecurityEvent", "offline", shown=shown)


def ending(verdict: HuntVerdict, person: str = PERSON) -> Conclusion:
    return Conclusion(verdict, "it was alice", person, WHEN)


def test_a_hunt_begins_open_and_its_title_is_its_hypothesis_when_none_is_given() -> None:
    assert opened().state == "open"
    assert opened(hypothesis=" ").hypothesis == "Password guessing"
    with pytest.raises(UsageError, match="needs a title"):
        opened(title=" \n ")


@pytest.mark.parametrize(
    ("technique", "words"),
    [
        ("T1574.002", "revoked T1574.002 .*use T1574.001"),
        ("T9999", "has no technique T9999"),
        ("T1110.99", "is no ATT&CK technique id"),
        ("kerberoasting", "is no ATT&CK technique id"),
    ],
)
def test_techniques_are_held_against_the_catalog(technique: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        opened(techniques=(technique,))
    assert opened(techniques=("t1558.003", "T1558.003")).techniques == ("T1558.003",)


def test_entries_are_numbered_in_the_order_of_the_journal() -> None:
    hunt = add_entry(add_entry(opened(), asked()), asked(0))
    assert [e.nth for e in hunt.entries] == [1, 2]


def test_a_closed_hunt_takes_notes_and_no_entries() -> None:
    hunt = close_hunt(add_entry(opened(), asked()), ending(HuntVerdict.CONFIRMED))
    assert hunt.state == "closed"
    with pytest.raises(UsageError, match=r"is closed .*no more queries.*hunt new"):
        add_entry(hunt, asked())
    with pytest.raises(UsageError, match="was closed on 2026-01-05 as confirmed"):
        close_hunt(hunt, ending(HuntVerdict.REFUTED))
    noted = add_note(hunt, "validation", Note(WHEN, PERSON, "seen in the lab", 1))
    assert noted.validation[0].text == "seen in the lab"


def test_a_note_needs_words_a_person_and_an_entry_that_is_there() -> None:
    hunt = opened()
    for note, words in (
        (Note(WHEN, PERSON, " \n"), "empty"),
        (Note(WHEN, "offline", "x"), "is a drafter"),
        (Note(WHEN, "anthropic:some-name", "x"), "is a drafter"),
        (Note(WHEN, "person:offline", "x"), "is a drafter"),
        (Note(WHEN, PERSON, "x", 2), "no entry 2 .it has no entries"),
    ):
        with pytest.raises(UsageError, match=words):
            add_note(hunt, "notes", note)


@pytest.mark.parametrize("verdict", [HuntVerdict.CONFIRMED, HuntVerdict.REFUTED])
def test_what_was_not_looked_at_shows_nothing(verdict: HuntVerdict) -> None:
    for hunt in (opened(), add_entry(opened(), asked(None))):
        with pytest.raises(UsageError, match="no query of this hunt has run"):
            close_hunt(hunt, ending(verdict))
    assert close_hunt(opened(), ending(HuntVerdict.DATA_GAP)).state == "closed"


def test_empty_tables_refute_nothing() -> None:
    empty = add_entry(opened(), asked(0, source=0))
    with pytest.raises(UsageError, match="was empty: no events refute nothing"):
        close_hunt(empty, ending(HuntVerdict.REFUTED))
    looked = add_entry(empty, asked(0, source=100))
    assert close_hunt(looked, ending(HuntVerdict.REFUTED)).state == "closed"


def test_a_drafter_gives_no_verdict() -> None:
    with pytest.raises(UsageError, match="is a drafter"):
        close_hunt(add_entry(opened(), asked()), ending(HuntVerdict.CONFIRMED, "offline"))


def test_an_entry_keeps_all_three_outcomes_of_its_checks() -> None:
    finding = Finding("a" * 10, "missing-window", "QRY010", Severity.ERROR, "no window", SPAN)
    outcomes = (
        Outcome("missing-window", "QRY010", Status.FOUND, findings=(finding,)),
        Outcome("unknown-table", "QRY001", Status.CLEAN),
        Outcome("silent-source", "QRY030", Status.NOT_RUN, ("History",), None),
    )
    said = entries.entry(entries.Asked("q", "kql", "T", "offline"), WHEN, outcomes).critique
    assert said is not None
    assert [(r.check, r.severity, r.line) for r in said.found] == [("missing-window", "error", 1)]
    assert [(n.check, n.reason) for n in said.not_run] == [("silent-source", "needs History")]
    assert said.clean == ("unknown-table",)
    assert entries.entry(entries.Asked("q", "kql", "T", "offline"), WHEN).critique is None


def test_rows_are_bounded_and_become_plain_values() -> None:
    row = {
        "when": datetime(2026, 1, 5, 10, tzinfo=UTC), "naive": datetime(2026, 1, 5, 10),
        "long": "x" * 1_000_000, "list": ["a", {"b": 1}], "took": timedelta(minutes=2),
        "raw": b"\xff\x00", "money": Decimal("1.50"), "nan": float("nan"), "big": 2**70,
        "half": "\ud800", "none": None, "yes": True,
    }  # fmt: skip
    run = QueryRun(
        as_of=WHEN,
        columns=tuple((name, "string") for name in row),
        sample=tuple([row] * 500),
        rows=500,
        stages=(StageCount("T", SPAN, 500),),
    )
    shown = entries.shown(run, entries.Read({"t": "1"}, "d"))
    first = dict(zip(row, shown.sample[0], strict=True))
    assert first["when"] == first["naive"] == "2026-01-05T10:00:00Z"
    assert str(first["long"]).endswith("more characters)") and len(str(first["long"])) < 600
    assert first["list"] == json.dumps(["a", {"b": 1}]) and first["took"] == 120.0
    assert (first["raw"], first["money"], first["nan"]) == ("ff00", "1.5", "nan")
    assert (first["big"], first["half"], first["none"]) == (str(2**70), "\ufffd", None)
    assert len(shown.sample) <= entries.MOST_ROWS
    entry = entries.entry(entries.Asked("q", "kql", HOSTILE, "offline"), WHEN, (), run)
    hunt = add_entry(opened(), entry)
    assert hunt_file.read(hunt_file.write(hunt)) == hunt
    assert len(hunt_file.write(hunt)) < 3 * entries.MOST_BYTES


def test_a_wide_table_stays_within_bounds() -> None:
    names = [f"c{n}" for n in range(300)]
    kept = entries.sample([dict.fromkeys(names, "y" * 900)] * 40, names)
    assert 0 < len(json.dumps(kept)) < 4 * entries.MOST_BYTES


def test_a_refused_query_has_no_rows() -> None:
    shown = entries.shown(QueryRun(rows=0, refused="`mv-apply` cannot be said"))
    assert shown.rows is None and shown.refused


@pytest.mark.parametrize(
    ("ran", "outcome", "difference"),
    [
        (Ran(3, "d1"), "same", 0),
        (Ran(3, "d2"), "changed", 0),
        (Ran(5, "d3"), "changed", 2),
        (Ran(0, "d0"), "changed", -3),
        (Ran(3, ""), "not run", 0),
        (Ran(None, refused="the snapshot is gone"), "not run", None),
        (Ran(3, "d1", truncated=True), "not run", 0),
    ],
)
def test_rows_read_again_are_the_same_others_or_not_compared(
    ran: Ran, outcome: str, difference: int | None
) -> None:
    told = rerun.compare(replace(asked(), nth=1), "pinned", ran)
    assert (told.outcome, told.difference) == (outcome, difference)
    assert bool(told.reason) == (outcome == "not run")


def test_an_entry_without_rows_cannot_be_compared() -> None:
    entry = replace(full_hunt().entries[0], shown=None)
    assert rerun.compare(entry, "newest", Ran(3, "d")).outcome == "not run"
