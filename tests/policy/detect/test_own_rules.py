"""A `gitleaks.toml` of the user's is read; what cannot be followed is named."""

from __future__ import annotations

import pytest

from policy.detect.formats import Maker
from undersign.errors import BadInput
from undersign.policy.detect import detector, read_gitleaks

FILE = """
title = "ours"
[[rules]]
id = "acme-key"
description = "a key of ours"
regex = '''acme[_-]key\\s*=\\s*"([a-z0-9]{24})"'''
keywords = ["ACME"]
entropy = 3.0
[[rules.allowlists]]
regexes = ['''^test''']
stopwords = ["sandbox"]
[[rules]]
id = "acme-second"
regex = '''(acme)2-([0-9]{6})'''
secretGroup = 2
[[rules]]
id = "only-a-path"
path = '''\\.p12$'''
"""


def test_rules_of_a_gitleaks_file_are_followed() -> None:
    rules = read_gitleaks(FILE)
    assert [r.id for r in rules] == ["acme-key", "acme-second"]
    ours = detector(extra=rules)
    value = Maker("ours").lo(24)
    text = f'ключ acme_key = "{value}" and acme2-123456'
    assert {(s.rule, text[s.start : s.end]) for s in ours.spot(text)} == {
        ("acme-key", value),
        ("acme-second", "123456"),
    }


@pytest.mark.parametrize(
    "value", ["test" + Maker("t").lo(20), "sandbox" + Maker("s").lo(17), "abab" * 6]
)
def test_what_the_file_allows_is_left_alone(value: str) -> None:
    ours = detector(extra=read_gitleaks(FILE))
    assert all(s.rule != "acme-key" for s in ours.spot(f'acme_key = "{value}"'))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rules = 3", "rules"),
        ("[[rules]]\nid = 'x'\n", "'x'"),
        ("[[rules]]\nid = 'x'\nregex = 'a'\nentropy = 'b'\n", "'x'"),
        ("[[rules]]\nid = 'x'\nregex = 'a'\nkeywords = 'b'\n", "'x'"),
        ("[extend]\npath = 'other.toml'\n", "extend"),
        ("[extend\n", "gitleaks.toml"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        read_gitleaks(text)


def test_an_expression_that_cannot_be_compiled_is_named() -> None:
    rules = read_gitleaks("[[rules]]\nid = 'back-reference'\nregex = '''(a)\\1'''\n")
    with pytest.raises(BadInput, match="back-reference"):
        detector(extra=rules)


def test_lone_surrogates_do_not_stop_own_rules() -> None:
    ours = detector(extra=read_gitleaks(FILE))
    text = "\ud800 \ud83d acme2-123456"
    assert [text[s.start : s.end] for s in ours.spot(text)] == ["123456"]
