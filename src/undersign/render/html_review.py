"""A review as one HTML page that needs nothing else: queue, ways through the code, coverage."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from undersign import __version__
from undersign.records.finding import Outcome, Status
from undersign.records.review import CategoryCoverage, Examined, FileCoverage, FileState, Review
from undersign.render.page import environment, ours, style
from undersign.render.review_words import (
    counts_line,
    is_note,
    is_open,
    lookers_line,
    open_areas,
    verdict_words,
    way_of,
)
from undersign.render.svg import Words
from undersign.render.svg_squares import NONE, PART, WHOLE, squares
from undersign.render.terminal import counted
from undersign.render.text_review import title_of

_CHIPS = {Status.CLEAN: ("pass", "clean"), Status.FOUND: ("fail", "error")}
_UNKNOWN = ("unknown", "not-run")
_MOST_FILES = 1_000


def render(review: Review, path: str | None = None) -> str:
    """Write the whole page; the same review gives the same bytes.

    Every text of a candidate is of others and is escaped; nothing in it becomes a link.
    """
    groups = groupby(review.findings, key=title_of)
    files = review.coverage.files
    return (
        environment()
        .get_template("review.html.j2")
        .render(
            review=review,
            path=path,
            counts=counts_line(review),
            waiting=sum(map(is_open, review.findings)),
            groups=[(title, [_finding(one) for one in found]) for title, found in groups],
            lookers=lookers_line(review),
            left=open_areas(review),
            stated=[(a, verdict_words(a.statement)) for a in review.coverage.areas if a.statement],
            pictures=_pictures(review),
            files=files[:_MOST_FILES],
            more_files=max(0, len(files) - _MOST_FILES),
            version=__version__,
            style=style(),
        )
    )


def _finding(one: Examined) -> dict[str, Any]:
    first, last = one.candidate.line, one.candidate.last_line
    return {
        "one": one,
        "code": [
            (number, text, first <= number <= last)
            for number, text in enumerate(one.code, one.code_start)
        ],
        "steps": way_of(one),
        "checks": [(o, *_chip(o)) for o in one.outcomes],
        "verdict": verdict_words(one.judged) if one.judged else "",
        "origins": ", ".join((one.candidate.origin, *one.also)),
    }


def _chip(outcome: Outcome) -> tuple[str, str]:
    return ("note", "note") if is_note(outcome) else _CHIPS.get(outcome.status, _UNKNOWN)


def _pictures(review: Review) -> list[tuple[str, object]]:
    """Draw what was looked at: one square a file, one a category."""
    pictures: list[tuple[str, object]] = []
    if files := review.coverage.files:
        states = Counter(one.state.value for one in files)
        said = ", ".join(f"{number:,} {state}" for state, number in states.items())
        words = Words("files", "Files and how far each was looked at", said)
        cells = [(f"{one.path}: {one.state.value}", _file_square(one)) for one in files]
        caption = f"{counted(len(files), 'file', 'files')}: {said}"
        pictures.append((caption, ours(squares(cells, words))))
    categories = review.coverage.categories
    seen = sum(bool(one.looked) for one in categories)
    said = f"{seen:,} categories some check looked for, {len(categories) - seen:,} none did"
    words = Words("categories", "Categories and whether any check looked for them", said)
    cells = [(f"{one.id} {one.name}", _category_square(one)) for one in categories]
    pictures.append((said, ours(squares(cells, words))))
    return pictures


def _file_square(one: FileCoverage) -> str:
    return {FileState.ASSESSED: WHOLE, FileState.PARTLY: PART}.get(one.state, NONE)


def _category_square(one: CategoryCoverage) -> str:
    return WHOLE if one.looked else NONE
