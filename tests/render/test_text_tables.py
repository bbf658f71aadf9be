"""Tables at a terminal: in line, within the width, and nothing of others acts there."""

from __future__ import annotations

import pytest

from undersign.records.table import Table
from undersign.render.terminal import width
from undersign.render.text_tables import render

TABLE = Table(
    "Risks \x1b[31m",
    ("Threat", "What"),
    (("A-1", "a sentence of many words " * 9), ("日本語-2", "x\ny"), ("A-3", "")),
    ("nobody said \x07",),
)


@pytest.mark.parametrize("columns", [20, 40, 100, 1000])
def test_a_table_keeps_within_the_width(columns: int) -> None:
    lines = render([TABLE], columns).splitlines()
    assert max(width(line) for line in lines[1:-2]) <= columns
    assert sum(line.split().count("sentence") for line in lines) == 9, "nothing is lost"


def test_nothing_of_others_acts_at_the_terminal() -> None:
    text = render([TABLE], 80)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "x\\ny" in text


def test_columns_stand_in_line() -> None:
    table = Table("T", ("A", "B"), (("日本", "b"), ("x", "b")))
    assert render([table], 80).splitlines()[1:4] == ["A     B", "日本  b", "x     b"]


def test_an_empty_table_says_so() -> None:
    assert render([Table("T", ("A",))], 80) == "T\nNone.\n\n"
