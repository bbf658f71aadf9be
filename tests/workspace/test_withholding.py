"""What a person lets slip in a brief or a question is not kept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from undersign.workspace.withholding import withheld
from undersign.workspace.workspace import find

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@pytest.fixture
def password() -> str:
    return "".join(random.Random(3).choices(_LETTERS, k=14)) + "!x"


def test_values_and_their_words_are_replaced_everywhere(tmp_path: Path, password: str) -> None:
    kept = withheld(find(tmp_path, None), f"find password={password} on db1.corp")
    assert password[:-2] not in repr(kept.of({"a": [f"not {password}", password[:-2]], "n": 3}))
    assert kept.of("who was on db1.corp?") == "who was on db1.corp?"
    assert kept.of(f"password={password}") == "password=[credentials withheld]"
    assert kept.of(f"x{password[:-2]}y") == f"x{password[:-2]}y", "whole words only"
    assert "credentials" in kept.told


def test_where_nothing_is_spotted_nothing_changes(tmp_path: Path) -> None:
    kept = withheld(find(tmp_path, None), "failed logons of bob@corp.test on db1.corp")
    assert (kept.told, kept.of(["bob"])) == ("", ["bob"])


def test_a_broken_policy_does_not_stop_the_built_in_rules(tmp_path: Path, password: str) -> None:
    (tmp_path / "undersign.toml").write_text("")
    (tmp_path / "policy.yml").write_text("format: nothing\n")
    assert withheld(find(tmp_path, None), f"password={password}").told
