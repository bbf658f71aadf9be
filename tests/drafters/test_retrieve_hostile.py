"""A corpus is somebody else's text: it may hold a YAML bomb."""

from __future__ import annotations

from undersign.drafters.offline.retrieve import corpus_rule

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(f'*{p}' for _ in range(9))}]\n"
    for p, c in zip("abcdefghi", "bcdefghij", strict=True)
)


def test_a_bomb_is_no_rule() -> None:
    assert corpus_rule("x.yml", f"{BOMB}detection: {{s: *j, condition: s}}\n") is None


def test_a_star_in_a_value_is_no_alias() -> None:
    rule = "title: t\ndetection:\n  s: {CommandLine: 'a *b'}\n  condition: s\n"
    assert corpus_rule("x.yml", rule) is not None
