"""Markdown as blocks and sentences that know where they stand."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.languages.markdown import MOST, parse
from undersign.records.document import Document

TEXT = """\
---
kind: postmortem
incident: checkout
---
# Checkout *down*

It failed at 10:41 a.m. on 3 May, see e.g. v1.2.3 of config.yaml. Then it came back! [auth.log:12]
Was it alice? Nobody knows. [C3, chat:7]

- **Detected**: 10:15
  - nested. Two.
- [ ] open

## Timeline

| Time | Event |
|---|---|
| 10:15 | First alert. Paged [C1] |
| 10:41 | a \\| b |

> Quoted words. <!-- C9 -->

```sh
not. a. sentence.
```
"""


def _places_hold(document: Document) -> None:
    for block in document.blocks:
        assert document.text.startswith(block.text, block.start)
        for cell, start in block.cells:
            assert document.text.startswith(cell, start)
    for sentence in document.sentences:
        assert document.text.startswith(sentence.text, sentence.start)


def test_blocks_know_their_place_and_section() -> None:
    document = parse(TEXT)
    _places_hold(document)
    assert document.front == {"kind": "postmortem", "incident": "checkout"}
    told = [(b.kind, b.level, b.section) for b in document.blocks]
    top = ("Checkout down",)
    assert told == [
        ("heading", 1, ()),
        ("paragraph", 0, top),
        ("item", 1, top),
        ("item", 2, top),
        ("item", 1, top),
        ("heading", 2, top),
        ("row", 1, (*top, "Timeline")),
        ("row", 0, (*top, "Timeline")),
        ("row", 0, (*top, "Timeline")),
        ("quote", 0, (*top, "Timeline")),
        ("code", 0, (*top, "Timeline")),
    ]
    row = document.blocks[8]
    assert row.header == ("Time", "Event")
    assert [cell for cell, _ in row.cells] == ["10:41", "a \\| b"]
    assert document.blocks[4].text == "open"


def test_sentences_end_where_people_end_them_and_keep_their_citations() -> None:
    told = [(s.text, s.cited) for s in parse(TEXT).sentences]
    assert told[:4] == [
        ("It failed at 10:41 a.m. on 3 May, see e.g. v1.2.3 of config.yaml.", ()),
        ("Then it came back! [auth.log:12]", ("auth.log:12",)),
        ("Was it alice?", ()),
        ("Nobody knows. [C3, chat:7]", ("C3", "chat:7")),
    ]
    assert ("Quoted words. <!-- C9 -->", ("C9",)) in told
    assert not any("not. a" in text for text, _ in told)
    rows = [cited for text, cited in told if text.startswith(("10:15", "First alert."))]
    assert ("C1",) in rows


@pytest.mark.parametrize(
    "text",
    ["# A\r\n\r\nOne. Two.\r\n- x\r\n", "\ufeff---\na: 1\n---\n# t\n\nWords.", "a\0b. C.\n",
     "+++\na = 1\n+++\nWords.\n"],
)  # fmt: skip
def test_line_ends_marks_and_nuls_move_nothing(text: str) -> None:
    document = parse(text)
    _places_hold(document)
    assert document.sentences
    assert not document.problems


def test_links_with_their_places() -> None:
    text = "See [a](b.md#c) and ![i](x.png).\n\n| [t](u.md) |\n|---|\n| <https://example.org> |\n"
    found = dict(parse(text).links)
    assert set(found) == {"b.md#c", "x.png", "u.md", "https://example.org"}


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert parse("---\n\nWords.\n\n---\n\nMore.\n").front == {}


@pytest.mark.parametrize("front", ["a: [b", "a: &x 1\nb: *x", "a: " + "x" * 70_000])
def test_front_matter_that_is_not_read_is_a_problem(front: str) -> None:
    document = parse(f"---\n{front}\n---\n\nWords.\n")
    assert document.problems
    assert [s.text for s in document.sentences] == ["Words."]


DEEP = {
    "quotes": "> " * 10_000 + "x",
    "tight quotes": ">" * 10_000 + " x",
    "numbers": "1. " * 5_000 + "x",
    "lists": "\n".join(" " * (2 * n) + "- a" for n in range(300)) + "x",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_nobody_nests_so_deep_is_read_as_plain_text(text: str) -> None:
    document = parse(text)
    _places_hold(document)
    assert document.problems
    assert document.blocks[-1].text.endswith("x")


def test_a_text_too_long_is_read_up_to_the_limit_and_says_so() -> None:
    document = parse("a " * (MOST // 2 + 500_000))
    assert document.problems[0][1] == MOST


HOSTILE = {
    "citations": "see e.g. this " * 60_000, "quotes": "“a. b” " * 60_000, "brackets": "[" * 40_000,
    "ticks": "`a " * 40_000, "stars": "*a " * 40_000, "links": "[a](" * 40_000,
    "comments": "<!--" * 40_000, "ends": ". " * 100_000,
    "table": ("|a" * 200 + "|\n") + ("|-" * 200 + "|\n") + ("|b" * 200 + "|\n") * 200,
    "references": "\n".join(f"[a{n}]: /x" for n in range(20_000)),
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_the_text(text: str) -> None:
    started = time.process_time()
    _places_hold(parse(text))
    assert time.process_time() - started < 4


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab.!# \n\r\t>-*+1|[]()`<!\\\0:C\ufeff~_", max_size=120))
def test_any_text_is_a_document(text: str) -> None:
    _places_hold(parse(text))
