"""Tokens, scopes and what comes back: any cut of a text gives what the whole text gives."""

from __future__ import annotations

import json
import random

import pytest

from undersign.policy.restoring.restore import CallRestorer, Restorer, json_escape, restore
from undersign.policy.scope import QUOTED, Scope
from undersign.policy.tokens import LONGEST, TOKEN, Tokens

TOKENS = Tokens(b"k" * 32)
AWKWARD = 'p"a\\ss\n\u00e9\u20ac\U0001f600'


@pytest.fixture
def scope() -> Scope:
    made = Scope(TOKENS)
    made.hide("IP", "192.0.2.7")
    made.hide("LONGNAME", AWKWARD)
    return made


def test_a_token_is_deterministic_keyed_and_plain_ascii() -> None:
    token = TOKENS.token("EMAIL", "a@example.org")
    assert token == TOKENS.token("EMAIL", "a@example.org")
    assert token != Tokens(b"other key" * 4).token("EMAIL", "a@example.org")
    assert token != TOKENS.token("HOST", "a@example.org")
    assert TOKEN.fullmatch(token) and token.isascii() and token.replace("_", "").isalnum()
    assert len(TOKENS.token("LONGNAME", "x")) == LONGEST


def test_a_mistyped_or_invented_token_is_recognisably_not_ours() -> None:
    token = TOKENS.token("EMAIL", "a@example.org")
    assert TOKENS.ours(token)
    wrong = 0
    for place in range(10, len(token) - 1):
        for letter in "abcdefghijklmnopqrstuvwxyz234567":
            other = token[:place] + letter + token[place + 1 :]
            wrong += other != token and TOKENS.ours(other)
    assert wrong <= 1
    assert not TOKENS.ours(token.lower()) and not TOKENS.ours(token + "x")


def test_labels_and_keys_are_checked() -> None:
    for label in ("", "E", "TOOLONGLA", "lower", "A1", "A_B"):
        with pytest.raises(ValueError, match="label"):
            TOKENS.token(label, "x")
    with pytest.raises(ValueError, match="16 bytes"):
        Tokens(b"short")


def test_two_values_that_collide_get_two_tokens() -> None:
    class Colliding(Tokens):
        def token(self, label: str, value: str, turn: int = 0) -> str:
            return super().token(label, "one" if turn == 0 else value, turn)

    scope = Scope(Colliding(b"k" * 32))
    first, second = scope.hide("HOST", "a"), scope.hide("HOST", "b")
    assert first != second
    assert scope.restored(first + second) == "ab"


def test_only_what_the_scope_made_comes_back(scope: Scope) -> None:
    stranger = TOKENS.token("EMAIL", "never@example.org")
    assert restore(f"<{stranger}>", scope) == f"<{stranger}>"
    assert scope.value(stranger) is None


def test_a_token_somebody_wrote_comes_back_as_a_token(scope: Scope) -> None:
    mine = scope.hide("IP", "192.0.2.7")
    foreign = "USX_IP_aaaaaaaaaaaaaZ"
    quoted = scope.quote(f"see {mine} and {foreign}")
    assert mine not in quoted and foreign in quoted and f"USX_{QUOTED}_" in quoted
    assert restore(quoted, scope) == f"see {mine} and {foreign}"


def test_nothing_shows_a_value(scope: Scope) -> None:
    assert "192.0.2.7" not in repr(scope) + str(scope)


def test_every_cut_in_three_gives_the_same_text(scope: Scope) -> None:
    ip, long = scope.hide("IP", "192.0.2.7"), scope.hide("LONGNAME", AWKWARD)
    texts = [
        f"a {ip} b {long}{ip} USX_IP_zzzzzzzzzzzzzZ USX_ US U {ip}",
        f"USX_USX_{ip}USX_AB{long}U",
        "no tokens at all",
        ip[:-1],
        f"\u00e9\u20ac\U0001f600 {ip}",
    ]
    for text in texts:
        wanted = restore(text, scope)
        for first in range(len(text) + 1):
            for second in range(first, len(text) + 1):
                restorer = Restorer(scope)
                pieces = (text[:first], text[first:second], text[second:])
                got = "".join(restorer.feed(piece) for piece in pieces) + restorer.flush()
                assert got == wanted, (first, second)


def test_at_most_one_unfinished_token_is_held_back(scope: Scope) -> None:
    chance = random.Random(5)
    text = "".join(
        chance.choice(["USX_", "USX_AB_", "abc", "U", " ", scope.hide("IP", "192.0.2.7")])
        for _ in range(3000)
    )
    restorer, given, got = Restorer(scope), 0, ""
    while given < len(text):
        piece = text[given : given + chance.randint(1, 9)]
        given += len(piece)
        got += restorer.feed(piece)
        held = restore(text[:given], scope)[len(got) :]
        assert len(held) <= max(LONGEST - 1, len("192.0.2.7"))
    assert got + restorer.flush() == restore(text, scope)


def test_arguments_pass_until_the_first_token_and_then_wait(scope: Scope) -> None:
    ip = scope.hide("IP", "192.0.2.7")
    text = json.dumps({"a": "before", "b": f"x {ip} y", "c": "after"})
    call = CallRestorer("lookup", scope)
    seen = [call.feed(letter) for letter in text]
    assert "".join(seen) == text[: text.index(ip)]
    assert call.holds
    assert "".join(seen) + call.flush() == text
    assert call.withheld and call.withheld.tokens == 1 and "192.0.2.7" not in str(call.withheld)


def test_values_are_escaped_inside_json(scope: Scope) -> None:
    text = json.dumps({"x": scope.hide("LONGNAME", AWKWARD)})
    assert json.loads(scope.restored(text, json_escape)) == {"x": AWKWARD}
