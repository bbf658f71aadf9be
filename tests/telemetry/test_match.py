"""The columnar matcher, test by test, over small tables in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.catalogs.log_sources import LogSource, LogSources, Route
from undersign.languages.sigma import parse
from undersign.languages.sigma.document import Rule
from undersign.languages.sigma.tree import Pattern, Place, Regex, Text
from undersign.telemetry.layout import Table
from undersign.telemetry.match.atoms import MAX_BACKTRACKING_VALUE, FieldTests
from undersign.telemetry.match.chunk import Memory, Within
from undersign.telemetry.match.column import BEGIN, END, encode
from undersign.telemetry.match.program import Program
from undersign.telemetry.match.required import required_literals
from undersign.telemetry.match.run import Matcher

START = datetime(2026, 1, 1, tzinfo=UTC)


def _source(*routes: Route) -> LogSources:
    one = LogSource(
        name="things",
        title="Things",
        family="flat",
        detect=(),
        time=(),
        time_zone="UTC",
        host=(),
        user=(),
        address=(),
        fields={},
        routes=routes or (Route("test", None, None),),
    )
    return LogSources((one,))


def _rule(detection: Mapping[str, Any], condition: str = "sel", **logsource: str) -> Rule:
    """Build a rule; JSON is YAML, so values keep every odd character."""
    asked = logsource or {"product": "test"}
    body = {"title": "t", "logsource": asked, "detection": {**detection, "condition": condition}}
    return parse(json.dumps(body)).rules[0]


def _run(
    rule: Rule,
    columns: Mapping[str, Sequence[Any]],
    sources: LogSources | None = None,
    part: Within | None = None,
) -> tuple[list[int], str, tuple[str, ...]]:
    """Return the rows that match, and what the matcher says of them."""
    size = len(next(iter(columns.values())))
    data = pa.table(
        {
            "_time": pa.array([START + timedelta(hours=n) for n in range(size)]),
            **{name: pa.array(values) for name, values in columns.items()},
        }
    )
    names = dict.fromkeys(data.column_names, "string")
    table = Table("things", "things", names, size, None, None, ())
    matcher = Matcher(Program([rule], sources or _source()), {"things": table}, part)
    rows = [int(r) for hit in matcher.hits(Memory({"things": data})) for r in hit.rows]
    assert len(rows) == len(set(rows))
    return (sorted(rows), *matcher.missing(0))


def _rows(selection: Any, values: Sequence[Any], condition: str = "sel") -> list[int]:
    return _run(_rule({"sel": selection}, condition), {"F": values})[0]


TEXTS = [
    ("F", "ab", ["ab", "AB", "xab", "abx", "", None], [0, 1]),
    ("F|contains", "ab", ["ab", "xABx", "a b", None], [0, 1]),
    ("F|startswith", "ab", ["ABc", "cab", "ab"], [0, 2]),
    ("F|endswith", "ab", ["ABc", "cAb", "ab"], [1, 2]),
    ("F|cased", "Ab", ["Ab", "ab"], [0]),
    ("F|contains|cased", "Ab", ["xAbx", "xabx"], [0]),
    ("F|startswith|cased", "Ab", ["Abx", "abx", "xAb"], [0]),
    ("F", "", ["", "a", None], [0]),
    ("F|contains|all", ["ab", "cd"], ["cd ab", "ab", "abcd"], [0, 2]),
    ("F", "a*c", ["ac", "aXXc", "aXXcd", "xac"], [0, 1]),
    ("F", "a?c", ["abc", "ac", "abbc", "a\nc"], [0, 3]),
    ("F|contains", "b*d", ["abcde", "abd", "adb"], [0, 1]),
    ("F", "*", ["", "a", None], [0, 1]),
    ("F", r"a\*c", ["a*c", "abc"], [0]),
    ("F|contains", "ab", [f"{BEGIN}ab", f"a{END}b", f"ab{END}"], [0, 2]),
    ("F|startswith", "ab", [f"x{BEGIN}ab", "ab"], [1]),
    ("F|endswith", "ab", [f"ab{END}x", "ab"], [1]),
    ("F|contains", f"{BEGIN}a", [f"x{BEGIN}a", "a", "xa"], [0]),
    ("F|endswith", f"a{END}", [f"xa{END}", "xa"], [0]),
    ("F", "\u0130", ["\u0130", "i", "\u0131"], [0]),
    ("F|contains", "i", ["\u0130", "I", "\u0131"], [0, 1]),
    ("F", "k", ["\u212a", "K", "k"], [0, 1, 2]),
    ("F|endswith", "\u00e4\u4e2d", ["x\u00c4\u4e2d", "a\u4e2d"], [0]),
    ("F|re", "a.c", ["xabcx", "ABC", "a\nc"], [0]),
    ("F|re|i", "zeppelin[0-9]+", ["a ZEPPELIN7 b", "zeppelin"], [0]),
    ("F|re|i", "secret", ["\u017fecret", "SECRET", "ecret"], [0, 1]),
    ("F|re", "^(foo|bar)[0-9]{2}$", ["foo12", "bar34", "foo1", "xfoo12"], [0, 1]),
    ("F|re", "^[0-9]+$", ["12", "1a", "", None], [0]),
    ("F|re", "(?<!x)secret", ["a secret", "xsecret"], [0]),
    ("F|re", "(.)\\1secret", ["aasecret", "absecret"], [0]),
    ("F|cidr", "10.0.0.0/8", ["10.1.2.3", "11.1.2.3", "10.1.2", "ten", "::a01:203"], [0]),
    ("F|cidr", "fe80::/10", ["fe80::1", "FE80::ABCD", "10.0.0.1", "::1"], [0, 1]),
    ("F", 4624, ["4624", "4625", "4624.0", "0x1210", "", None], [0, 2]),
    ("F|gt", 5, ["6", "5", "10", "x", "5.5", None], [0, 2, 4]),
    ("F|lte", 5, ["6", "5", "-1", "x"], [1, 2]),
    ("F", True, ["true", "True", "1", "false", None], [0, 1]),
    ("F", None, ["", "a", None], [2]),
    ("F|exists", True, ["", "a", None], [0, 1]),
    ("F|exists", False, ["", "a", None], [2]),
    ("F|hour", 3, ["2026-01-01T03:10:00Z", "2026-01-01T04:10:00Z", "three"], [0]),
    ("F|neq", "a", ["a", "b", None], [1, 2]),
]


@pytest.mark.parametrize(("key", "value", "texts", "rows"), TEXTS)
def test_one_comparison(key: str, value: Any, texts: list[Any], rows: list[int]) -> None:
    assert _rows({key: value}, texts) == rows


def test_not_holds_on_an_absent_value() -> None:
    assert _rows({"F": "a"}, ["a", "b", None], "not sel") == [1, 2]


def test_numbers_and_booleans_of_typed_columns_are_compared_by_value() -> None:
    assert _rows({"F": 3}, [3, 4, None]) == [0]
    assert _rows({"F|gte": 2.5}, [2.5, 2.0, None]) == [0]
    assert _rows({"F": True}, [True, False, None]) == [0]


def test_a_list_matches_when_any_element_does() -> None:
    lists = [["a", "b"], ["c"], [], None, ["b", "c"]]
    assert _rows({"F": "b"}, lists) == [0, 4]
    assert _rows({"F": "b"}, lists, "not sel") == [1, 2, 3]
    assert _rows({"F|contains|all": ["b", "c"]}, lists) == [4]
    assert _rows({"F": None}, lists) == [2, 3]


def test_a_companion_column_holds_the_values_that_were_many() -> None:
    columns = {"F": ["a", None, None, "d"], "F_list": [None, ["a", "b"], None, None]}
    assert _run(_rule({"sel": {"F": "a"}}), columns)[0] == [0, 1]
    assert _run(_rule({"sel": {"F": "b"}}), columns)[0] == [1]
    assert _run(_rule({"sel": {"F": None}}), columns)[0] == [2]


def test_fields_of_one_event_are_compared() -> None:
    columns = {"A": ["x", "Y", None, "ab"], "B": ["x", "y", "z", "b"]}
    assert _run(_rule({"sel": {"A|fieldref": "B"}}), columns)[0] == [0, 1]
    assert _run(_rule({"sel": {"A|fieldref|endswith": "B"}}), columns)[0] == [0, 1, 3]


def test_keywords_stand_in_any_column_but_our_own() -> None:
    columns = {
        "A": ["Mimikatz", None, "x", None],
        "B": [None, "run mimikatz now", "y", None],
        "C": [None, None, None, ["a", "MIMIKATZ"]],
        "_raw": ["", "", "mimikatz", ""],
    }
    assert _run(_rule({"sel": ["mimikatz"]}), columns)[0] == [0, 1, 3]
    assert _run(_rule({"sel": {"|all": ["mimikatz", "run"]}}), columns)[0] == [1]
    assert _run(_rule({"sel": ["mimikatz"]}, "not sel"), columns)[0] == [2]


def test_keywords_of_one_log_source_do_not_see_the_rows_of_another() -> None:
    one = Route("test", None, "one", where={"Channel": ("One",)})
    two = Route("test", None, "two", where={"Channel": ("two",)})
    columns = {"Channel": ["one", "TWO", "three"], "A": ["bad", "bad", "bad"]}
    for service, rows in (("one", [0]), ("two", [1])):
        rule = _rule({"sel": ["bad"]}, product="test", service=service)
        assert _run(rule, columns, _source(one, two))[0] == rows
    assert _run(_rule({"sel": ["bad"]}), columns, _source(one, two))[0] == [0, 1]


def test_overlapping_routes_give_each_row_once() -> None:
    one = Route("test", None, "one", where={"Channel": ("a", "b")})
    two = Route("test", None, "two", where={"Channel": ("b", "c")})
    columns = {"Channel": ["a", "b", "c", "d"], "F": ["x", "x", "x", "x"]}
    assert _run(_rule({"sel": {"F": "x"}}), columns, _source(one, two))[0] == [0, 1, 2]


def test_a_route_gives_fields_other_names() -> None:
    sources = _source(Route("test", None, None, rename={"Image": "NewProcessName"}))
    columns = {"NewProcessName": ["a", "b"], "Image": ["b", "a"]}
    assert _run(_rule({"sel": {"image": "a"}}), columns, sources)[0] == [0]


def test_what_history_never_had_is_unmeasured_and_not_zero() -> None:
    rows, status, missing = _run(_rule({"sel": {"Gone": "a"}}), {"F": ["a"]})
    assert (rows, status) == ([], "unmeasured")
    assert missing == ("field Gone has no value in things",)
    assert _run(_rule({"sel": {"F": "a"}}), {"F": [None, None]})[1] == "unmeasured"
    assert _run(_rule({"sel": {"F": "a"}}, product="other"), {"F": ["a"]})[1] == "unmeasured"


def test_a_rule_that_can_match_without_a_field_is_measured_with_a_remark() -> None:
    either = _rule({"sel": [{"Gone": "a"}, {"F": "a"}]})
    rows, status, missing = _run(either, {"F": ["a", "b"]})
    assert (rows, status) == ([0], "measured")
    assert missing == ("field Gone has no value in things",)
    without = _rule({"sel": {"F": "a"}, "off": {"Gone": "x"}}, "sel and not off")
    assert _run(without, {"F": ["a", "b"]})[:2] == ([0], "measured")
    assert _run(_rule({"sel": {"Gone": None}}), {"F": ["a"]})[:2] == ([0], "measured")


def test_rows_of_other_log_sources_do_not_make_a_field_seen() -> None:
    sources = _source(Route("test", None, None, where={"Channel": ("one",)}))
    columns = {"Channel": ["one", "two"], "F": [None, "a"]}
    assert _run(_rule({"sel": {"F": "a"}}), columns, sources)[:2] == ([], "unmeasured")


def test_since_counts_and_until_does_not() -> None:
    part = Within(START + timedelta(hours=1), START + timedelta(hours=3))
    assert _run(_rule({"sel": {"F": "a"}}), {"F": ["a"] * 5}, part=part)[0] == [1, 2]


def test_a_value_too_long_for_backtracking_is_said_to_be_untried() -> None:
    texts = ["x" * MAX_BACKTRACKING_VALUE + "secret", "a secret"]
    rows, status, missing = _run(_rule({"sel": {"F|re": "(?<!x)secret"}}), {"F": texts})
    assert (rows, status) == ([1], "measured")
    assert "not tried on values over 4,096 characters" in missing[0]


def test_a_regex_that_nobody_can_read_leaves_the_rule_unmeasured() -> None:
    rows, status, missing = _run(_rule({"sel": {"F|re": "a("}}), {"F": ["a("]})
    assert (rows, status) == ([], "unmeasured")
    assert missing


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("abc.*defgh", ("defgh",)),
        ("(?:abcd)+x", ("abcd",)),
        ("(abcd)?x", ()),
        ("ab", ()),
        ("(?:first|second) third", (" third",)),
        ("^(?:first|second)[0-9]$", ("first", "second")),
        ("(?:first|)[0-9]", ()),
        ("[abc]{3}", ()),
        ("(?i)ABCD", ("ABCD",)),
    ],
)
def test_literals_that_a_regex_requires(pattern: str, literals: tuple[str, ...]) -> None:
    assert sorted(required_literals(pattern)) == sorted(literals)


_LETTERS = st.text(alphabet="abAB\u0130k\u212a*\\-" + BEGIN + END, max_size=6)
_PIECES = st.lists(st.one_of(st.none(), st.just(""), _LETTERS.filter(bool)), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), _LETTERS), min_size=1, max_size=12),
    literals=st.lists(st.tuples(st.sampled_from(list(Place)), _LETTERS, st.booleans()), max_size=8),
    patterns=st.lists(st.tuples(_PIECES, st.booleans()), max_size=4),
)
def test_all_tests_of_a_field_at_once_agree_with_one_by_one(
    values: list[str | None],
    literals: list[tuple[Place, str, bool]],
    patterns: list[tuple[list[str | None], bool]],
) -> None:
    tests = [
        *(Text(place, text, cased) for place, text, cased in literals),
        *(Pattern(tuple(parts), cased) for parts, cased in patterns),
    ]
    tests = list(dict.fromkeys(tests))
    column = encode(pa.array(values, type=pa.string()), None)
    for test, codes in zip(tests, FieldTests(tests).codes(column), strict=True):
        got = {values[r] for r in column.rows(codes, None)}
        assert got == {v for v in values if v is not None and _holds(test, v)}, test


def _holds(test: Text | Pattern, value: str) -> bool:
    fold = str if test.cased else str.lower
    if isinstance(test, Pattern):
        return _wild([p if p in (None, "") else fold(p) for p in test.parts], fold(value))
    text, wanted = fold(value), fold(test.value)
    return {
        Place.EQUALS: text == wanted,
        Place.CONTAINS: wanted in text,
        Place.STARTSWITH: text.startswith(wanted),
        Place.ENDSWITH: text.endswith(wanted),
    }[test.place]


def _wild(parts: Sequence[str | None], text: str) -> bool:
    if not parts:
        return not text
    first, rest = parts[0], parts[1:]
    if first is None:
        return any(_wild(rest, text[n:]) for n in range(len(text) + 1))
    if first == "":
        return bool(text) and _wild(rest, text[1:])
    return text.startswith(first) and _wild(rest, text[len(first) :])


def test_many_regexes_at_once_say_what_each_says_alone() -> None:
    patterns = [f"[a-z]{n}[0-9]+x{{{n % 7}}}" for n in range(40)] + ["^$", ".", "(?i)q[u-w]"]
    texts = [f"{'ab'[n % 2]}{n % 41}{n}xxxx Q{'uvz'[n % 3]}" for n in range(500)] + [""]
    column = encode(pa.array(texts), None)
    together = FieldTests([Regex(p) for p in patterns]).codes(column)
    for pattern, codes in zip(patterns, together, strict=True):
        alone = [n for n, text in enumerate(texts) if re2.search(pattern, text)]
        assert codes.ids.tolist() == alone, pattern
    assert sum(c.ids.size for c in together) > 500
