from __future__ import annotations

import datetime as dt
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.languages import yaml_text

TEXT = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    [
        "no",
        "Yes",
        "1",
        "0x17",
        "1e3",
        "2026-01-05",
        "a: b",
        "# x",
        "'",
        "- a",
        "{a}",
        "*a",
        "::1",
        "~",
    ]
)
VALUE = TEXT | st.integers() | st.booleans() | st.lists(TEXT, max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(TEXT, VALUE, min_size=1, max_size=4), min_size=1, max_size=3))
def test_events_come_back_as_they_were(events: list[dict[str, Any]]) -> None:
    cases: list[dict[str, Any]] = [
        {"name": "one", "expect": "match", "event": events[0]},
        {"name": "several", "expect": "no-match", "events": events},
    ]
    assert yaml.safe_load(yaml_text.items(cases)) == cases


def test_nothing_is_an_empty_text() -> None:
    assert yaml_text.items([]) == ""


def test_documents_come_back_as_they_were() -> None:
    parts: list[dict[str, Any]] = [
        {"title": "a: b", "date": dt.date(2026, 1, 2), "x": yaml_text.on_one_line({"a": 1})},
        {"b": ["*"]},
    ]
    text = yaml_text.documents(["a\nsecond: line"], parts)
    assert text.startswith("# a second: line\n")
    assert list(yaml.safe_load_all(text)) == parts


def test_a_comment_cannot_break_the_file() -> None:
    text = yaml_text.documents(["a\0b\x1b[2J c\u2028d\n- e"], [{"title": "t"}])
    assert yaml.safe_load(text) == {"title": "t"}
    assert text.splitlines()[0] == "# a\\U00000000b\\U0000001b[2J c d - e"
