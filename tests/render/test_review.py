"""A review in every format: everything is there, and nothing in it can act."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from render.sample_review import HOSTILE, sample_review
from undersign.records.review import Coverage, Review
from undersign.render import github_review, html_review, json_review, markdown_review, text_review


def test_the_text_shows_queue_evidence_and_what_nobody_saw() -> None:
    text = text_review.render(sample_review(), "reviews/x.sarif")
    assert text.index("aaaaaaaaaa") < text.index("bbbbbbbbbb")
    for wanted in (
        "> 11 |", "desk/store.py:10", "FAIL guarded-upstream", "?    unknown-api",
        "flask is not installed", "dismiss by you@example.org", "binary logo.png",
        "A04:2021", "business-logic", "reviews/x.sarif#business-logic", "label: test",
        "2 files that git does not track",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_an_empty_review_is_never_called_safe() -> None:
    empty = Review(
        "a", "b", "2026-11-25T10:00:00Z", (), Coverage((), (), sample_review().coverage.areas), ()
    )
    for shown in (
        text_review.render(empty),
        markdown_review.render(empty),
        github_review.render(empty),
    ):
        assert "not a finding of safety" in shown.replace("\\", "")
        assert "Business logic" in shown.replace("\\", "")
    page = html_review.render(empty)
    assert "silence is no safety" in page
    assert "business-logic" in page


def test_nothing_hostile_reaches_a_terminal() -> None:
    shown = text_review.render(sample_review(HOSTILE))
    assert "\x1b" not in shown
    assert "\\x1b" in shown


def test_nothing_hostile_becomes_a_workflow_command() -> None:
    hostile = github_review.render(sample_review(HOSTILE)).splitlines()
    calm = github_review.render(sample_review()).splitlines()
    commands = [line for line in hostile if line.startswith("::")]
    assert len(hostile) == len(calm)
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in commands)


def test_nothing_hostile_becomes_markdown() -> None:
    whole = markdown_review.render(sample_review(HOSTILE))
    shown = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", whole)
    assert whole.count("alert(1)") > shown.count("alert(1)"), "code is shown as code"
    assert "<script" not in shown
    assert not re.search(r"(?<!\\)@everyone", shown)
    assert not re.search(r"(?<!\\)\]\(https", shown)


def test_code_spans_hold_any_backticks() -> None:
    assert markdown_review.code_span("a`b``c") == "```a`b``c```"
    assert markdown_review.code_span("`a`") == "`` `a` ``"


def test_a_comment_stays_below_what_github_takes() -> None:
    review = sample_review("x" * 390)
    many = Review(
        review.base, review.head, review.made_at, review.findings * 400, review.coverage, ()
    )
    shown = markdown_review.render(many)
    assert len(shown) < 65_536
    assert "do not fit here" in shown
    assert "What was not looked at" in shown


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("message", ["plain words", HOSTILE])
def test_the_page_is_whole_and_inert(message: str) -> None:
    page = html_review.render(sample_review(message), "reviews/x.sarif")
    tags = _Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert tags.links == ["#main"]
    assert "\x1b" not in page
    assert page.count('class="squares"') == 2
    assert html_review.render(sample_review(message), "reviews/x.sarif") == page


def test_the_document_has_the_keys_others_rely_on() -> None:
    document = json.loads(json.dumps(json_review.document(sample_review(), None)))
    finding = document["findings"][0]
    keys = {"id", "file", "line", "cwe", "owasp", "message", "quote", "origin", "checks"}
    assert keys <= set(finding)
    assert [c["status"] for c in finding["checks"]] == ["pass", "unknown"]
    assert finding["checks"][1]["evidence"] == "flask is not installed"
    assert document["findings"][1]["checks"][0]["status"] == "fail"
    assert {"files", "categories"} <= set(document["coverage"])
