"""What people said comes along where the code is the same, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from render.sample_review import AT, sample_review
from undersign.records.candidate import Candidate
from undersign.records.review import (
    Coverage,
    Examined,
    FileCoverage,
    FileState,
    Judged,
    Review,
    Standing,
)
from undersign.surfaces.review.areas import areas
from undersign.surfaces.review.carrying import carried

WORD = Judged("dismiss", "read", "you@example.org", AT)
LATER = "2026-11-26T10:00:00Z"
FILES = (
    FileCoverage("a.py", FileState.ASSESSED, digest="1" * 64),
    FileCoverage("logo.png", FileState.BINARY),
)


def _one(
    file: str,
    code: str,
    judged: Judged | None = None,
    *,
    id_: str = "",
    standing: Standing = Standing.STANDS,
) -> Examined:
    candidate = Candidate(file, 5, "m", "ruff", category="command-injection")
    return Examined(id_ or f"{file} {code}", candidate, (), standing, "w",
                    line_hash=code, judged=judged)  # fmt: skip


def _with(*findings: Examined, files: tuple[FileCoverage, ...] = FILES) -> Review:
    coverage = Coverage(files, (), areas(files))
    return replace(sample_review(), made_at=LATER, findings=findings, coverage=coverage)


def _stated(review: Review) -> Review:
    said = replace(WORD, decision="looked")
    every = tuple(replace(one, statement=said) for one in review.coverage.areas)
    return replace(review, coverage=replace(review.coverage, areas=every))


def test_a_verdict_follows_a_renamed_file_and_not_changed_code() -> None:
    old = _with(_one("a.py", "1f:1", WORD))
    moved = carried(old, _with(_one("b.py", "1f:1"))).findings[0].judged
    assert moved
    assert moved.carried_from
    assert (moved.decision, moved.reason, moved.person, moved.at) == (
        "dismiss", "read", "you@example.org", AT,
    )  # fmt: skip
    assert carried(old, _with(_one("a.py", "2e:1"))).findings[0].judged is None
    same_id = _one("a.py", "2e:1", id_="a.py 1f:1")
    assert carried(old, _with(same_id)).findings[0].judged is None


def test_a_rename_is_not_guessed_when_two_could_be_meant() -> None:
    old = _with(_one("a.py", "1f:1", WORD))
    twice = carried(old, _with(_one("b.py", "1f:1"), _one("c.py", "1f:2")))
    assert [one.judged for one in twice.findings] == [None, None]
    pair = _with(_one("a.py", "1f:1", WORD), _one("z.py", "1f:1"))
    assert carried(pair, _with(_one("b.py", "1f:1"))).findings[0].judged is None


@pytest.mark.parametrize(
    ("decision", "before", "after", "comes"),
    [
        ("dismiss", Standing.REFUTED, Standing.SUPPORTED, False),
        ("accept-risk", Standing.REFUTED, Standing.STANDS, False),
        ("dismiss", Standing.SUPPORTED, Standing.REFUTED, True),
        ("confirm", Standing.REFUTED, Standing.SUPPORTED, True),
        ("needs-info", Standing.REFUTED, Standing.SUPPORTED, True),
    ],
)
def test_a_dismissal_ends_when_more_speaks_for_the_candidate(
    decision: str, before: Standing, after: Standing, comes: bool
) -> None:
    # The line is the same, but the guard above it is gone.
    old = _with(_one("a.py", "1f:1", replace(WORD, decision=decision), standing=before))
    now = carried(old, _with(_one("a.py", "1f:1", standing=after)))
    assert (now.findings[0].judged is not None) is comes


def test_the_first_review_of_a_verdict_is_named_however_often_it_is_carried() -> None:
    first = carried(_with(_one("a.py", "1f:1", WORD)), _with(_one("b.py", "1f:1")))
    second = carried(first, _with(_one("c.py", "1f:1")))
    assert first.findings[0].judged
    assert second.findings[0].judged == first.findings[0].judged


def test_a_review_of_the_same_state_is_the_earlier_one() -> None:
    old = replace(_stated(_with(_one("a.py", "1f:1", WORD))), made_at=AT)
    now = _with(_one("a.py", "1f:1"))
    assert now.made_at == LATER
    assert carried(old, now) == old


def test_statements_come_along_only_when_every_file_is_as_it_was() -> None:
    old = _stated(_with(_one("a.py", "1f:1", WORD)))
    more = carried(old, _with(_one("a.py", "1f:1"), _one("a.py", "3d:1")))
    assert all(one.statement and one.statement.carried_from for one in more.coverage.areas)
    edited = (replace(FILES[0], digest="2" * 64), FILES[1])
    other = carried(old, _with(_one("a.py", "1f:1"), files=edited))
    assert not any(one.statement for one in other.coverage.areas)
    rebased = carried(old, replace(_with(_one("a.py", "1f:1")), head="another"))
    assert not any(one.statement for one in rebased.coverage.areas)


@pytest.mark.parametrize("more", [True, False])
def test_a_statement_on_a_file_without_a_digest_is_asked_again(more: bool) -> None:
    # Nothing is committed, so that the file may be another under the same name.
    loose = "89abcde and what is not committed"
    old = replace(_stated(_with(_one("a.py", "1f:1", WORD))), head=loose)
    fresh = (_one("a.py", "1f:1"), *((_one("a.py", "3d:1"),) if more else ()))
    now = carried(old, replace(_with(*fresh), head=loose))
    assert [one.key for one in now.coverage.areas if not one.statement] == ["file:logo.png"]
