"""What the logic of values claims is checked against values themselves."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.checks.reading.value_logic import covers, excludes
from undersign.languages.sigma.tree import (
    Boolean,
    Cidr,
    Compare,
    Exists,
    Null,
    Number,
    Pattern,
    Place,
    Test,
    Text,
)
from undersign.languages.sigma.wildcard import fits

LETTERS = st.text("aAb\\", min_size=0, max_size=4)
PARTS = st.lists(st.one_of(st.none(), st.just(""), st.text("aAb", min_size=1, max_size=2)))
TEXTS = st.builds(Text, st.sampled_from(Place), LETTERS, st.booleans())
PATTERNS = st.builds(Pattern, PARTS.map(tuple), st.booleans())
NUMBERS = st.one_of(
    st.builds(Number, st.integers(-3, 3)),
    st.builds(Compare, st.sampled_from(["<", "<=", ">", ">="]), st.integers(-3, 3)),
)
CIDRS = st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "192.168.0.0/16", "::1/128"])


def holds(test: Test, value: object) -> bool:
    """Evaluate a test on one value, as plainly as can be."""
    if isinstance(test, Null):
        return value is None
    if isinstance(test, Exists):
        return (value is not None) == test.expected
    if value is None:
        return False
    if isinstance(test, Text | Pattern):
        return _text_holds(test, str(value))
    if isinstance(test, Number | Compare):
        return _number_holds(test, value)
    if isinstance(test, Cidr):
        return _in_network(test, str(value))
    return isinstance(test, Boolean) and str(value).lower() == str(test.value).lower()


def _text_holds(test: Text | Pattern, value: str) -> bool:
    subject = value if test.cased else value.lower()
    if isinstance(test, Pattern):
        return fits([p if p is None or test.cased else p.lower() for p in test.parts], subject)
    wanted = test.value if test.cased else test.value.lower()
    if test.place is Place.EQUALS:
        return subject == wanted
    if test.place is Place.CONTAINS:
        return wanted in subject
    return (
        subject.startswith(wanted) if test.place is Place.STARTSWITH else subject.endswith(wanted)
    )


def _number_holds(test: Number | Compare, value: object) -> bool:
    try:
        number = float(str(value))
    except ValueError:
        return False
    if isinstance(test, Number):
        return number == test.value
    return {
        "<": number < test.value,
        "<=": number <= test.value,
        ">": number > test.value,
        ">=": number >= test.value,
    }[test.operator]


def _in_network(test: Cidr, value: str) -> bool:
    try:
        return ip_address(value) in ip_network(test.network)
    except ValueError:
        return False


ANY_TEST = st.one_of(
    TEXTS, PATTERNS, NUMBERS, CIDRS.map(Cidr), st.builds(Boolean, st.booleans()),
    st.just(Null()), st.builds(Exists, st.booleans()),
)  # fmt: skip
VALUES = st.one_of(
    st.none(),
    LETTERS,
    st.integers(-4, 4).map(str),
    st.sampled_from(["10.1.2.3", "10.9.9.9", "192.168.1.1", "::1", "true", "False"]),
)


@given(ANY_TEST, ANY_TEST, VALUES)
def test_a_covered_value_satisfies_the_wider_test(wide: Test, narrow: Test, value: object) -> None:
    if covers(wide, narrow) and holds(narrow, value):
        assert holds(wide, value)


@given(ANY_TEST, ANY_TEST, VALUES)
def test_excluding_tests_share_no_value(one: Test, other: Test, value: object) -> None:
    if excludes(one, other):
        assert not (holds(one, value) and holds(other, value))


@given(ANY_TEST, ANY_TEST)
def test_exclusion_is_mutual(one: Test, other: Test) -> None:
    assert excludes(one, other) == excludes(other, one)


@given(PATTERNS, LETTERS)
def test_patterns_cover_exactly_the_texts_they_match(pattern: Pattern, text: str) -> None:
    fixed = Text(Place.EQUALS, text, cased=pattern.cased)
    assert covers(pattern, fixed) == holds(pattern, text)
    assert excludes(pattern, fixed) == (not holds(pattern, text))


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        (Text(Place.CONTAINS, "enc"), Text(Place.EQUALS, "powershell -ENC x"), True),
        (Text(Place.CONTAINS, "enc", cased=True), Text(Place.EQUALS, "-ENC"), False),
        (Text(Place.ENDSWITH, "\\cmd.exe"), Text(Place.ENDSWITH, "32\\cmd.exe"), True),
        (Text(Place.STARTSWITH, "C:\\"), Text(Place.CONTAINS, "C:\\"), False),
        (Cidr("10.0.0.0/8"), Cidr("10.1.0.0/16"), True),
        (Cidr("10.1.0.0/16"), Cidr("10.0.0.0/8"), False),
        (Compare(">", 3), Compare(">=", 4), True),
        (Compare(">", 3), Number(3), False),
        (Exists(), Text(Place.EQUALS, "x"), True),
        (Exists(), Null(), False),
    ],
)
def test_covers(wide: Test, narrow: Test, expected: bool) -> None:
    assert covers(wide, narrow) is expected
