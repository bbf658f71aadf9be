"""What people said of an earlier review, brought to the next one where the code is the same.

Nothing is carried on the strength of an id alone: the code of the line must be the same, and the
evidence must not speak for a candidate more than it did when somebody dismissed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from undersign.records.review import Area, Coverage, Examined, FileState, Judged, Review, Standing
from undersign.surfaces.review.areas import FILE
from undersign.surfaces.review.review_file import write

_STANDINGS = tuple(Standing)


def carried(earlier: Review, now: Review) -> Review:
    """Return the review of now with what people said in the earlier one.

    A renamed file is followed when its category and code are found once in each review. What they
    said of areas comes along only when every file of the review is as it was. When nothing at all
    has changed it is the earlier review, so that its signature still holds.
    """
    if _bare(earlier) == _bare(now):
        return earlier if _is_commit(now) else _with_areas(earlier, earlier, "")
    mark = sha256(write(earlier).encode()).hexdigest()
    given = _Given(earlier.findings)
    fresh = _once(now.findings)
    findings = []
    for one in now.findings:
        old = given.on(one, alone=fresh.get(_place(one)) is one)
        holds = old is not None and _holds(old, one)
        findings.append(replace(one, judged=_again(old.judged, mark)) if old and holds else one)
    now = replace(now, findings=tuple(findings))
    return _with_areas(earlier, now, mark) if _state(earlier) == _state(now) else now


class _Given:
    """Candidates of the earlier review that somebody has judged."""

    def __init__(self, findings: Sequence[Examined]) -> None:
        self._by_id = {one.id: one for one in findings if one.judged}
        self._moved = {k: one for k, one in _once(findings).items() if one.judged}

    def on(self, one: Examined, *, alone: bool) -> Examined | None:
        """Return what is the same as this one; `alone` says that no other is like it now."""
        return self._by_id.get(one.id) or (self._moved.get(_place(one)) if alone else None)


def _holds(old: Examined, now: Examined) -> bool:
    """Say whether a verdict still speaks of this: the same code, and no more against it."""
    if _code(old) != _code(now):
        return False
    closing = old.judged is not None and old.judged.decision in ("dismiss", "accept-risk")
    return not closing or _STANDINGS.index(now.standing) >= _STANDINGS.index(old.standing)


def _again(judged: Judged | None, mark: str) -> Judged | None:
    return replace(judged, carried_from=judged.carried_from or mark) if judged else None


def _code(one: Examined) -> str:
    return one.line_hash.partition(":")[0]


def _place(one: Examined) -> tuple[str, str]:
    return (one.candidate.category or one.candidate.rule, _code(one))


def _once(findings: Sequence[Examined]) -> dict[tuple[str, str], Examined]:
    counts = Counter(_place(one) for one in findings)
    return {_place(one): one for one in findings if counts[_place(one)] == 1 and _code(one)}


def _bare(review: Review) -> str:
    """Write a review without its time and without anything that people said."""
    findings = tuple(replace(one, judged=None) for one in review.findings)
    areas = tuple(replace(one, statement=None) for one in review.coverage.areas)
    coverage = replace(review.coverage, areas=areas)
    return write(replace(review, made_at="", findings=findings, coverage=coverage))


def _state(review: Review) -> tuple[object, ...]:
    files = tuple((one.path, one.state, one.digest) for one in review.coverage.files)
    return (review.base, review.head, files)


def _is_commit(review: Review) -> bool:
    """Say whether a revision alone tells the state of the code: nothing uncommitted is in it."""
    return bool(review.base) and review.head.isalnum()


def _with_areas(earlier: Review, now: Review, mark: str) -> Review:
    """Take over statements, but not on a file without a digest: nobody knows whether it changed."""
    said = {one.key: one.statement for one in earlier.coverage.areas}
    blind = {
        FILE + one.path
        for one in now.coverage.files
        if not one.digest and one.state not in (FileState.DELETED, FileState.EXCLUDED)
    }
    if _is_commit(now):
        blind = set()
    areas = tuple(_stated(one, None if one.key in blind else said.get(one.key), mark)
                  for one in now.coverage.areas)  # fmt: skip
    coverage: Coverage = replace(now.coverage, areas=areas)
    return replace(now, coverage=coverage)


def _stated(area: Area, statement: Judged | None, mark: str) -> Area:
    return replace(area, statement=_again(statement, mark) if mark else statement)
