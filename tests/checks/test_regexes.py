"""Explosive patterns are told from harmless ones, without ever running either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.checks.reading.regexes import compiled, explosive_part
from undersign.languages.sigma.tree import Regex


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a*)*$",
        r"(?:.*,)+x",
        r"([a-zA-Z]+)*\d",
        r"(?:\w|ab)+!",
        r"(?:x|\d\d|[0-9a-f])*z",
        r"^(\w+\s?)*$",
        r"((ab*)+)+c",
        r"(?:(?:x+|y))+z",
    ],
)
def test_explosive(pattern: str) -> None:
    assert explosive_part(Regex(pattern)) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:[^,]+,)+x",
        r"^(?:\w+\s)*\w*$",
        r"(?:[0-9a-f]{2}:){5}",
        r"https?://[^/]+/.*\.exe",
        r"(?:foo|bar)+",
        r"(a+b)+",
        r"(?:\\[^\\]+)+\.exe",
        r".*a.*b",
    ],
)
def test_harmless(pattern: str) -> None:
    assert explosive_part(Regex(pattern)) is None


def test_both_engines_are_asked() -> None:
    assert compiled(Regex(r"a{2,3}")) == (type(compiled(Regex("a"))))(None, None)
    assert compiled(Regex(r"(?<=a)b")).re2 is not None
    assert compiled(Regex(r"(?<=a)b")).python is None
    assert compiled(Regex(r"(a")).python is not None


@given(st.text("()[]{}|*+?.^$\\abc019-,:=!<", max_size=30))
def test_no_pattern_breaks_the_analysis(pattern: str) -> None:
    compiled(Regex(pattern))
    explosive_part(Regex(pattern))


def test_deep_and_long_patterns_are_refused_or_read() -> None:
    for hostile in ("(" * 4000 + ")" * 4000, "a" * 20_000, "(?:a{1000}){1000}", "[" * 3000):
        compiled(Regex(hostile))
        explosive_part(Regex(hostile))
