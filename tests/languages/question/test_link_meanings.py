"""What links must not claim: values never seen, one of two equal tables, outcomes as tables."""

from __future__ import annotations

import time

import pytest

from drafters.hunt.world import visible
from undersign.languages.question import link, read
from undersign.records.question import Links
from undersign.records.visible import Visible, VisibleColumn, VisibleTable


def linked(text: str, seen: Visible | None = None) -> Links:
    return link(read(text), seen or visible())


def test_a_value_never_seen_is_not_linked() -> None:
    assert not linked("DeleteBucket calls in cloudtrail").values


def test_equally_good_tables_stay_ambiguous() -> None:
    columns = {"user": VisibleColumn("user")}
    twins = {n: VisibleTable(n, columns, rows=1, words=("vpn",)) for n in ("east", "west")}
    (tied,) = linked("vpn sessions", Visible("kql", twins)).ambiguous.values()
    assert {one.table for one in tied} == {"east", "west"}
    assert not linked("failed sign-ins").ambiguous


def test_an_outcome_names_no_table() -> None:
    failures = VisibleTable("FileFailures", {"user": VisibleColumn("user")}, rows=1)
    here = Visible("kql", {"FileFailures": failures, **visible().tables})
    assert linked("failed sign-ins per user", here).tables[0].table == "SigninLogs"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\n\x1b[31m",
        "a" * 1_000_000,
        "user " * 100_000,
        "'\"`|;" * 50_000,
        "sign-in(" * 50_000,
    ],
    ids=lambda t: repr(t[:8]),
)
def test_hostile_text_is_linked_soon(text: str) -> None:
    here = visible()
    linked("failed sign-ins", here)
    began = time.process_time()
    linked(text, here)
    assert time.process_time() - began < 2.0
