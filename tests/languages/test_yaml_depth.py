"""Depth is told without building anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.languages.yaml.depth import MOST, too_deep

FORMS = {
    "flow list": lambda n: "[" * n + "]" * n,
    "flow map": lambda n: "{a: " * n + "1" + "}" * n,
    "block list": lambda n: "- " * n + "x",
    "keys of keys": lambda n: "? " * n + "x",
    "block map": lambda n: "".join(f"{' ' * i}a:\n" for i in range(n)),
}


@pytest.mark.parametrize("form", FORMS)
@given(levels=st.integers(1, 3 * MOST))
def test_every_way_to_nest_is_counted(form: str, levels: int) -> None:
    assert too_deep(FORMS[form](levels)) is (levels > MOST)


def test_depth_without_end_is_told_at_once() -> None:
    assert too_deep("s: " + "[" * 1_000_000)


@pytest.mark.parametrize("text", ["", "a: [1, 2]\n" * 200, "%", "a: b: c", "\x00", "[" * 10])
def test_what_is_shallow_or_no_yaml_is_not_deep(text: str) -> None:
    assert not too_deep(text)
