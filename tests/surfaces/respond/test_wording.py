"""The English of a claim: from slots alone, and nothing of an attacker's is live in it."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from undersign.records.claim import Claim, ClaimKind
from undersign.records.evidence import ROLES
from undersign.surfaces.respond.wording import code, escaped, plain, sentence

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "[x](https://evil.example)", "<script>alert(1)</script>", "![a](//b)", "`", "``", "# h",
            "https://evil.example/", "www.evil.example", "<!-- C1 -->", "[auth.log:1]", "a\n\n- b",
            "\u202e\u200b", "&lt;", "|", "```\nx\n```", "a@b.example", "\\", "_x_", "<https://a>",
        ]
    ),
)  # fmt: skip
SLOTS = st.dictionaries(
    st.sampled_from((*ROLES, "author", "quote", "count", "template", "note", "outcome", "measure")),
    HOSTILE,
    max_size=8,
)
ALLOWED = {"text", "code_inline", "softbreak", "text_special"}


def live(markdown: str) -> set[str]:
    """Return the kinds of inline tokens, and blocks other than a paragraph, of a line."""
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(f"- {markdown}")
    blocks = {t.type for t in tokens} - {
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
        "paragraph_open", "paragraph_close", "inline",
    }  # fmt: skip
    inline = {c.type for t in tokens for c in t.children or ()}
    return blocks | (inline - ALLOWED)


def words(markdown: str) -> str:
    """Return the text of a line that is in no code span, as it is shown."""
    inline = MarkdownIt("commonmark").parseInline(markdown)[0].children or ()
    return "".join(t.content if t.type in ("text", "text_special") else "\0" for t in inline)


@settings(max_examples=400, deadline=None)
@given(SLOTS, st.sampled_from(list(ClaimKind)), HOSTILE)
def test_nothing_of_a_log_is_live_in_a_sentence(
    slots: dict[str, str], kind: ClaimKind, text: str
) -> None:
    claim = Claim("C1", kind, ("auth.log:1",), slots=slots, text=text, by="anthropic:m")
    said = sentence(claim)
    assert not live(said)
    assert "\n" not in said
    assert said.isprintable()
    assert not re.search(r"https?://|\bwww\.", words(said))


@given(HOSTILE)
def test_values_and_words_of_others_are_shown_and_not_obeyed(text: str) -> None:
    assert not live(f"a {escaped(text)} b")
    assert not live(f"a {code(text)} b")


def observed(**slots: str) -> Claim:
    return Claim("C1", ClaimKind.OBSERVED, ("trail:12",), slots=slots)


def test_an_event_of_a_log() -> None:
    claim = observed(
        time="2026-03-04T10:41:07Z", actor="alice", action="GetObject", target="exports",
        address="192.0.2.1", region="eu-west-1", outcome="failure", error="AccessDenied",
    )  # fmt: skip
    assert sentence(claim) == (
        "At 2026-03-04 10:41:07 UTC, `alice` called `GetObject` on `exports` from `192.0.2.1` in "
        "`eu-west-1`; it failed with `AccessDenied`. [trail:12]"
    )
    assert "12:41:07 CEST" in sentence(claim, zone="CEST")


def test_a_message_is_what_somebody_wrote() -> None:
    claim = observed(time="2026-03-04T10:41:07Z", author="bob", quote="db is down")
    assert (
        plain(claim) == "At 2026-03-04 10:41:07 UTC, bob wrote: \u201cdb is down\u201d. [trail:12]"
    )


def test_lines_alike_are_counted() -> None:
    claim = observed(
        time="2026-03-04T10:41:07Z", until="2026-03-04T10:51:07Z", count="1204",
        template="Failed password for <*>", outcome="failure",
    )  # fmt: skip
    assert sentence(claim) == (
        "From 2026-03-04 10:41:07 UTC to 2026-03-04 10:51:07 UTC, 1204 lines alike: "
        "`Failed password for <*>`, and all failed. [trail:12]"
    )


def test_measures_and_words_of_people() -> None:
    derived = Claim(
        "C9", ClaimKind.DERIVED, claims=("C1", "C4"), slots={"measure": "ttr", "seconds": "7980"}
    )
    assert sentence(derived) == "Time to resolve: 2 h 13 min. [C1, C4]"
    word = Claim("C9", ClaimKind.JUDGEMENT, ("chat:3",), text="We knew.", by="person:lead")
    assert sentence(word) == "We knew. (judgement, by person:lead) [chat:3]"
