"""What the policy says to hide is hidden everywhere, and comes back exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.policy import policy_file
from undersign.policy.guard import SHORTEST_AGAIN, Guard, Looked
from undersign.policy.policy import Policy
from undersign.policy.scope import Scope, Source
from undersign.policy.tokens import TOKEN, Tokens
from undersign.records.ruling import Cell, Judgement, Ruled, Ruling, Spotted

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TOKENS = Tokens(b"k" * 32)
RULED = {
    "public": Ruling.ALLOW,
    "internal": Ruling.ALLOW,
    "secrets": Ruling.REDACT,
    "personal": Ruling.REDACT,
    "customer": Ruling.ASK,
    "opaque-binary": Ruling.REDACT,
}


def judgement(classes: Sequence[str]) -> Judgement:
    ruled = [Ruled(Cell("d", c, "coding"), RULED[c], "test", "why") for c in classes]
    ruled.sort(key=lambda one: -one.ruling.strictness)
    return Judgement(ruled[0].ruling, tuple(ruled))


def looked(spotted: Sequence[Sequence[Spotted]], declared: str = "internal") -> Looked:
    return Looked(judgement(list(RULED)), tuple(map(tuple, spotted)), (declared,) * len(spotted))


@dataclass(frozen=True)
class Fake:
    """Spots `secret-...` and `customer-...`."""

    def spot_all(self, texts: Sequence[str]) -> tuple[tuple[Spotted, ...], ...]:
        return tuple(
            tuple(
                Spotted(m.start(), m.end(), "secrets" if m[1] else "customer", "fake", "TOKEN")
                for m in re.finditer(r"(secret|USX_TOKEN_)?(?:customer-)?[\w-]+[0-9Z]\b", text)
            )
            for text in texts
        )


@cache
def default_policy() -> Policy:
    return policy_file.parse(policy_file.default_text(), "default.yml")


@pytest.fixture
def guard() -> Guard:
    return Guard(default_policy(), Fake(), TOKENS)


def test_a_request_is_judged_by_what_it_declares_and_what_is_spotted(guard: Guard) -> None:
    seen = guard.look([("a secret-1 b secret-2", "internal"), ("x", "public")], "d", "coding", NOW)
    assert dict(seen.classes) == {"internal": 0, "public": 0, "secrets": 2}
    assert dict(seen.rules) == {"fake": 2}
    assert seen.judgement.ruling is Ruling.REFUSE, "no group of the policy has this drafter"
    assert {one.cell.data_class for one in seen.judgement.ruled} == {
        "internal", "public", "secrets",
    }  # fmt: skip


def test_our_own_tokens_are_no_secrets(guard: Guard) -> None:
    token = TOKENS.token("TOKEN", "v")
    assert not guard.look([(token, "internal")], "d", "coding", NOW).spotted[0]


def test_a_value_is_hidden_again_where_nobody_spotted_it(guard: Guard) -> None:
    scope = guard.scope()
    texts = ["key secret-1234 here", "unspotted:xsecret-1234x", "short ab"]
    seen = looked([[Spotted(4, 15, "secrets", "fake", "TOKEN")], [], []])
    hidden = guard.hide(texts, seen, scope)
    assert "secret-1234" not in "".join(hidden)
    assert [scope.restored(t) for t in hidden] == texts
    assert hidden[2] == "short ab"


def test_a_value_is_hidden_again_as_json_and_addresses_spell_it(guard: Guard) -> None:
    value = 'se"cr/et\\1é'
    texts = [value, json.dumps({"v": value}), f"https://example.org/?v={quote(value, safe='')}"]
    scope = guard.scope()
    hidden = guard.hide(texts, looked([[Spotted(0, 11, "secrets", "f", "TOKEN")], [], []]), scope)
    assert all(TOKEN.search(one) and "cr" not in one for one in hidden)
    assert [scope.restored(one) for one in hidden] == texts


def test_what_is_allowed_or_agreed_to_stays(guard: Guard) -> None:
    spots = [Spotted(0, 3, "customer", "fake", "NAME"), Spotted(4, 7, "public", "fake", "NAME")]
    assert guard.hide(["abc def"], looked([spots]), guard.scope()) == ["abc def"]


def test_a_whole_passage_is_withheld_without_a_token(guard: Guard) -> None:
    scope = guard.scope()
    [shown] = guard.hide(["anything"], looked([[]], "opaque-binary"), scope)
    assert "opaque-binary" in shown and "anything" not in shown and not len(scope)


def test_tokens_in_a_request_are_kept_as_the_text_they_are(guard: Guard) -> None:
    token = TOKENS.token("TOKEN", "secret-1234")
    texts = [f"see {token}", "secret-1234", f"I wrote {token}"]
    seen = looked([[], [Spotted(0, 11, "secrets", "fake", "TOKEN")], []])
    scope = guard.scope()
    sources = [Source("person"), Source("person"), Source("drafter")]
    hidden = guard.hide(texts, seen, scope, sources)
    assert hidden[1] == token
    assert token not in hidden[0] and scope.restored(hidden[0]) == texts[0]
    assert hidden[2] == texts[2], "what a drafter wrote goes back unchanged"


def test_other_texts_than_were_looked_at_are_no_good(guard: Guard) -> None:
    with pytest.raises(ValueError, match="not the texts"):
        guard.hide(["a", "b"], looked([[]]), guard.scope())


ALPHABET = st.sampled_from(
    ["a", "b", "secret", " ", "\n", '"', "\\", "é", "😀", "\ud800", "USX_", "Z"]
)
TEXT = st.lists(ALPHABET, max_size=20).map("".join)


@st.composite
def requests(draw: st.DrawFn) -> tuple[list[str], list[list[Spotted]]]:
    texts = draw(st.lists(TEXT, min_size=1, max_size=4))
    if draw(st.booleans()):
        texts.append(TOKENS.token("TOKEN", draw(TEXT)) + draw(TEXT))
    spots = []
    for text in texts:
        places = st.integers(0, len(text))
        pairs = draw(st.lists(st.tuples(places, places), max_size=4))
        classes = st.sampled_from(["secrets", "personal", "customer", "public"])
        spots.append([Spotted(min(p), max(p), draw(classes), "fake", "TOKEN") for p in pairs])
    return texts, spots


@given(requests())
def test_hiding_then_restoring_gives_the_original(
    made: tuple[list[str], list[list[Spotted]]],
) -> None:
    texts, spots = made
    scope = Scope(TOKENS)
    hidden = _hide(texts, spots, scope)
    assert [scope.restored(text) for text in hidden] == texts
    again = Scope(TOKENS)
    assert _hide(texts, spots, again) == hidden, "tokens are deterministic"


@given(requests())
def test_nothing_that_is_to_be_hidden_leaves(
    made: tuple[list[str], list[list[Spotted]]],
) -> None:
    texts, spots = made
    hidden = _hide(texts, spots, Scope(TOKENS))
    outside = "\0".join(re.sub(r"USX_[A-Z]+_[a-z2-7]+Z", "\0", text) for text in hidden)
    for text, one in zip(texts, spots, strict=True):
        for spot in one:
            value = text[spot.start : spot.end]
            if RULED[spot.data_class] is Ruling.REDACT and len(value) >= SHORTEST_AGAIN:
                assert value not in outside


def _hide(texts: list[str], spots: list[list[Spotted]], scope: Scope) -> list[str]:
    return Guard(default_policy(), Fake(), TOKENS).hide(texts, looked(spots), scope)
