"""What people say of a review: a verdict on a candidate, a statement on an area."""

from __future__ import annotations

from dataclasses import replace

from undersign.errors import UsageError
from undersign.records.person import is_drafter_name, same_person
from undersign.records.review import Examined, Judged, Review
from undersign.records.work import Decision

_CLOSING = ("confirm", "dismiss", "accept-risk")
_ON_CANDIDATES = (Decision.CONFIRM, Decision.DISMISS, Decision.ACCEPT_RISK, Decision.NEEDS_INFO)
_ON_AREAS = (Decision.LOOKED, Decision.ACCEPT_RISK)


def is_closed(one: Examined) -> bool:
    """Say whether a person has decided on a candidate."""
    return one.judged is not None and one.judged.decision in _CLOSING


def judge(review: Review, id_: str, word: Judged) -> Review:
    """Return the review with a person's verdict on one candidate.

    Raises UsageError for an id it does not have, a verdict that is none for a candidate, an empty
    reason, or a person who is a drafter of it.
    """
    _may(review, word)
    if Decision(word.decision) not in _ON_CANDIDATES:
        raise UsageError(f"{word.decision} is no verdict on a candidate",
                         hint=", ".join(_ON_CANDIDATES))  # fmt: skip
    if review.found(id_) is None:
        raise UsageError(f"the review has no candidate {id_!r}")
    findings = tuple(replace(f, judged=word) if f.id == id_ else f for f in review.findings)
    return replace(review, findings=findings)


def state(review: Review, key: str, word: Judged) -> Review:
    """Return the review with a person's statement on one area; raises as `judge` does."""
    _may(review, word)
    if Decision(word.decision) not in _ON_AREAS:
        raise UsageError(
            f"{word.decision} is no statement on an area",
            hint="looked, with what you looked at as the reason; or accept-risk",
        )
    known = [area.key for area in review.coverage.areas]
    if key not in known:
        raise UsageError(f"the review has no area {key!r}", hint=f"areas: {', '.join(known)}")
    areas = tuple(replace(a, statement=word) if a.key == key else a for a in review.coverage.areas)
    return replace(review, coverage=replace(review.coverage, areas=areas))


def _may(review: Review, word: Judged) -> None:
    if not word.reason.strip():
        raise UsageError("a verdict needs a reason", hint='--reason "why"')
    if not word.person.strip() or is_drafter_name(word.person):
        raise UsageError(f"{word.person!r} is no person who can give a verdict")
    drafters = [one.name for one in review.lookers if one.by_drafter]
    if any(same_person(word.person, name) for name in drafters):
        raise UsageError(f"{word.person!r} drafted candidates of this review and cannot judge them")
