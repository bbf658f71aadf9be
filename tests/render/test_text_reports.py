"""What the other commands print: nothing unmeasured reads as zero, nothing hostile gets through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.records.history import Contributor, Exclusion, History, Rate, ThresholdProposal
from undersign.render import text_baseline, text_ingest, text_schema, text_why
from undersign.render.days import daily, fewest_digits, hosts, sparkline
from undersign.telemetry.schema import FieldStats, TableSchema

Compare = Callable[[str, str], None]

NOISY = History(
    path="rules/tickets.yml",
    title="Service tickets",
    artifact_digest="0" * 64,
    status="measured",
    matches=42,
    per_day={"2026-10-05": 5, "2026-10-08": 34, "undated": 3},
    per_host={"DC01": 30, "DC02": 12},
    rate_per_day=Rate(6.0, 4.32, 8.11, "poisson"),
    events=9_096,
    days=7.0,
    first="2026-10-05T00:00:00Z",
    last="2026-10-11T23:59:59Z",
    top=(Contributor("IpAddress", "10.20.30.33", 28), Contributor("ServiceName", "svc-erp\x1b", 9)),
    threshold=ThresholdProposal(11, 99.9, 29, 43, 796, 0.14),
    exclusions=(Exclusion("IpAddress", "10.20.0.22", 14, ()), Exclusion("A", "b", 3, ("tp 1",))),
    previous={"digest": "1" * 64, "matches": 40, "added": 4, "removed": 2},
    missing=("field Foo of 1 of 2 ways to match is absent from windows_security",),
    seconds=0.42,
)
BLIND = replace(
    NOISY,
    title="Odd registry",
    status="unmeasured",
    matches=0,
    per_day={},
    missing=("field TargetObject is absent from windows_sysmon",),
)


def test_baseline_as_agreed(golden: Compare) -> None:
    golden("baseline.txt", text_baseline.render([BLIND, NOISY]))


def test_unmeasured_is_never_a_row_of_zeros() -> None:
    said = text_baseline.render([BLIND])
    assert "Unmeasured, which is not zero" in said
    assert "TargetObject is absent" in said
    assert "0 matches" not in said
    assert said.endswith("0 measured, 1 unmeasured (0.4 s)\n")


def test_days_without_matches_are_days() -> None:
    assert [count for _, count in daily(NOISY)] == [5, 0, 0, 34, 0, 0, 0]
    assert sparkline([5, 0, 0, 34, 0, 0, 0]) == "▂··█···"
    assert sparkline([]) == ""


@given(st.lists(st.integers(0, 10**6), max_size=400))
def test_a_sparkline_fits_and_shows_every_nonzero(counts: list[int]) -> None:
    line = sparkline(counts)
    assert len(line) <= 30
    assert (set(line) <= {"·"}) == (not any(counts))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00"), (0.0004, "0.0004"), (0.14, "0.14"), (4, "4.0"), (1284, "1,284")],
)
def test_rates_have_no_more_digits_than_they_deserve(value: float, text: str) -> None:
    assert fewest_digits(value) == text


def test_many_hosts_are_summed() -> None:
    many = replace(NOISY, per_host={f"H{n:02d}": n for n in range(20)})
    shown = hosts(many, limit=3)
    assert shown[:1] == [("H19", 19)]
    assert shown[-1] == ("17 more hosts", sum(range(17)))


def test_schema_of_one_table_lists_its_fields(golden: Compare) -> None:
    fields = {
        "EventID": FieldStats("EventID", "long", 1.0, 11, ("4624", "4769")),
        "RestrictedAdmin": FieldStats("RestrictedAdmin", "string", 0.0001, None),
        "Empty": FieldStats("Empty", "string", 0.0, 0),
    }
    one = TableSchema("windows_security", "windows_security", 24_765, None, None, fields)
    golden("schema.txt", text_schema.render([one]))
    assert "ingest" in text_schema.render([])


def test_ingest_says_what_it_refused(golden: Compare) -> None:
    report = {
        "tables": [{"name": "windows_system", "rows": 3_781, "source": "windows_system"}],
        "duplicates": 12,
        "rejected": [
            {"path": "system.jsonl", "line": n, "reason": "not JSON\x1b[1m"} for n in range(1, 14)
        ],
        "snapshot": "abc",
    }
    golden("ingest.txt", text_ingest.render(report))
    cut = {**report, "rejected_total": 1_000}
    assert "1,000 rejected" in text_ingest.render(cut)


def test_why_shows_every_answer_and_the_real_value(golden: Compare) -> None:
    def atom(
        outcome: bool, written: str, values: list[object], **more: object
    ) -> dict[str, object]:
        field = written.partition(":")[0]
        return {"kind": "atom", "outcome": outcome, "written": written, "field": field,
                "values": values, **more}  # fmt: skip

    tree = {
        "kind": "and",
        "outcome": False,
        "children": [
            {
                "kind": "selection",
                "name": "tickets",
                "outcome": True,
                "children": [atom(True, "EventID: 4769", [4769])],
            },
            {
                "kind": "not",
                "outcome": False,
                "children": [
                    atom(True, "ServiceName|endswith: $", ["DC01$\x1b"]),
                    atom(False, "Missing: x", [], hint="did you mean Status?"),
                ],
            },
        ],
    }
    golden("why.txt", text_why.render({"matches": False, "tree": tree}))


def test_one_is_singular_and_a_whole_file_has_no_line() -> None:
    told = {"path": "a.log", "line": 0, "reason": "text in no format known here"}
    table = {"name": "t", "rows": 1, "source": "t"}
    text = text_ingest.render({"tables": [table], "duplicates": 1, "rejected": [told]})
    assert "  a.log: text in no format" in text
    assert text.endswith("1 event added, 1 was there already, 1 rejected\n")
