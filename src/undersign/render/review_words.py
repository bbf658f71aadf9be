"""What the pages and texts of a review say in the same words."""

from __future__ import annotations

from collections import Counter

from undersign.records.candidate import Step
from undersign.records.finding import Outcome, Severity
from undersign.records.review import Area, Examined, Judged, Review, Standing
from undersign.render.terminal import counted, safe

CLOSING = ("confirm", "dismiss", "accept-risk")
"""Verdicts after which nothing is asked of anybody any more."""


def verdict_words(judged: Judged) -> str:
    """Write a person's word on one line; a carried one says so."""
    carried = ", carried over: the code is the same" if judged.carried_from else ""
    return f"{judged.decision} by {judged.person} on {judged.at[:10]}{carried}: {judged.reason}"


def open_areas(review: Review) -> tuple[Area, ...]:
    """Return the areas that no person has said anything of."""
    return tuple(area for area in review.coverage.areas if area.statement is None)


def is_open(one: Examined) -> bool:
    """Say whether a candidate still waits for a person."""
    return one.judged is None or one.judged.decision not in CLOSING


def is_note(outcome: Outcome) -> bool:
    """Say whether all that a check found is worth a word and speaks against nothing."""
    return bool(outcome.findings) and all(f.severity is Severity.NOTE for f in outcome.findings)


def lookers_line(review: Review) -> list[str]:
    """Name everything that looked, how much it found, and what it could not do."""
    lines = []
    for one in review.lookers:
        name = f"{one.name} {one.version}".strip()
        found = counted(one.candidates, "candidate", "candidates")
        failed = f"; {one.failed}" if one.failed else ""
        asked = "asked " if one.by_drafter else ""
        lines.append(safe(f"{asked}{name}: {found}{failed}"))
    return lines or ["nothing looked"]


def counts_line(review: Review) -> str:
    """Say in one line how many candidates stand how, and that silence is no safety."""
    standings = Counter(one.standing for one in review.findings)
    parts = [f"{standings[s]} {s.value}" for s in Standing if standings[s]]
    total = counted(len(review.findings), "candidate", "candidates")
    waiting = sum(map(is_open, review.findings))
    left = len(open_areas(review))
    said = f"{total} ({', '.join(parts)})" if parts else f"{total}: this is not a finding of safety"
    waits = f"{counted(waiting, 'candidate', 'candidates')} without a verdict"
    return f"{said}; {waits}; {counted(left, 'area', 'areas')} nobody has looked at"


def way_of(one: Examined) -> tuple[Step, ...]:
    """Return the way from source to sink that a check saw; else the one its origin claims."""
    for outcome in one.outcomes:
        for seen in outcome.seen:
            if steps := seen.evidence.get("steps"):
                return tuple(Step(**step) for step in steps)
    return one.candidate.steps
