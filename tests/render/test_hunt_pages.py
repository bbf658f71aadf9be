"""A hunt at the terminal and as a page: in the promised order, and hostile text stays text."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from render.test_chromium import FLAGS
from surfaces.hunts import HOSTILE, WHEN, full_hunt
from undersign.records.hunt import Hunt, Note, Rerun, Shown, StageRows
from undersign.render import html_hunt, text_hunt

OWNED = "</script></style></title><img src=x onerror=\"document.title='owned'\">" + HOSTILE


def hostile() -> Hunt:
    hunt = full_hunt()
    entry = hunt.entries[0]
    assert entry.shown is not None
    shown = replace(
        entry.shown,
        columns=((OWNED, "string"),),
        sample=((OWNED,), (None,)),
        stages=(StageRows(OWNED, 9), StageRows(OWNED, 3, "", OWNED)),
    )
    note = Note(WHEN, OWNED, OWNED)
    return replace(
        hunt,
        title=OWNED,
        hypothesis=OWNED,
        hunter=OWNED,
        notes=(note,),
        entries=(replace(entry, question=OWNED, query=OWNED, drafter=OWNED, shown=shown),),
    )


class Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_terminal_shows_the_summary_last_and_marked() -> None:
    text = text_hunt.render(full_hunt())
    marks = ("1. which accounts", "| SecurityEvent", "error QRY010", "not run silent-source",
             "1,200  SecurityEvent", "2 rows", "alice    ", "summary by offline, not evidence",
             "> alice fails most")  # fmt: skip
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_nothing_in_a_hunt_reaches_the_terminal_unescaped() -> None:
    text = text_hunt.render(hostile())
    assert all(c.isprintable() or c == "\n" for c in text)


def test_what_was_not_run_or_not_checked_is_said() -> None:
    entry = full_hunt().entries[0]
    refused = replace(entry, critique=None, shown=Shown(refused="`x` is no operator here"))
    hunt = replace(full_hunt(), entries=(refused, replace(entry, nth=2, shown=None)))
    text, page = text_hunt.render(hunt), html_hunt.render(hunt)
    for told in (text, page):
        assert "no operator here" in told and "check was asked" in told
    assert "   not run\n" in text and "<b>Not run.</b>" in page


@pytest.mark.parametrize(
    ("rerun", "words"),
    [
        (Rerun(1, "T", 3, "pinned", "same", 3), "pinned snapshot: the same 3 rows"),
        (Rerun(1, "T", 3, "newest", "changed", 5), "5 rows, 2 more than journalled"),
        (Rerun(1, "T", 3, "newest", "changed", 1), "1 row, 2 fewer than journalled"),
        (Rerun(1, "T", 3, "newest", "changed", 3), "3 rows as before, but not the same ones"),
        (Rerun(1, "T", 3, "pinned", "not run", None, "it is gone"), "not compared: it is gone"),
    ],
)
def test_a_rerun_is_one_sentence(rerun: Rerun, words: str) -> None:
    assert words in text_hunt.reruns([rerun])


def test_the_page_is_whole_and_asks_for_nothing() -> None:
    page = html_hunt.render(full_hunt())
    assert page == html_hunt.render(full_hunt())
    marks = ("The hypothesis", ">SecurityEvent<", ">Critique<", "Rows after every stage",
             'aria-label="Rows of query 1"', "not evidence")  # fmt: skip
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "default-src 'none'" in page and "://" not in re.sub(r"xmlns=\S+", "", page)


def test_hostile_text_makes_no_element() -> None:
    tags = Tags()
    tags.feed(html_hunt.render(hostile()))
    assert not tags.names & {"script", "img", "iframe", "object", "link"}
    assert not any(name.startswith("on") for name in tags.attributes)
    page = html_hunt.render(hostile())
    assert "\x1b" not in page and "\u202e" not in page


def test_a_browser_runs_nothing_of_it(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium: scripts/install-test-tools")
    page = tmp_path / "hunt.html"
    page.write_text(html_hunt.render(hostile()), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    done = subprocess.run(
        [chromium, *FLAGS, profile, "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "<title>owned</title>" not in done.stdout and "<img" not in done.stdout
    assert "&lt;img" in done.stdout
