"""What the evidence says of a candidate, and the order in which a person reads the queue.

Nothing is closed here: the last of the queue is as open as the first.
"""

from __future__ import annotations

from collections.abc import Iterable

from undersign.catalogs import weaknesses
from undersign.catalogs.weaknesses import SEVERITIES
from undersign.records.candidate import Candidate
from undersign.records.finding import Outcome, Severity, Status
from undersign.records.review import Examined, Standing

_REFUTES = (
    "missing-place",
    "misquoted-code",
    "unknown-api",
    "unsupported-path",
    "guarded-upstream",
)
"""Checks whose error means that what the candidate rests on is not so."""
_SHOWS = ("unsupported-path", "guarded-upstream")
"""Checks that look for what would speak for it."""
_MILD = ("outside-the-change", "unknown-owasp-category", "unresolved-import")
"""Warnings that say little of whether the fault is there."""
_ORDER = tuple(Standing)


def standing(candidate: Candidate, outcomes: Iterable[Outcome]) -> tuple[Standing, str]:
    """Return where the evidence puts a candidate, and why, in one sentence."""
    them = list(outcomes)
    for outcome in them:
        errors = [f for f in outcome.findings if f.severity is Severity.ERROR]
        if outcome.check in _REFUTES and errors:
            return Standing.REFUTED, errors[0].message.removeprefix("refuted: ")
    shown = next(
        (o for o in them if o.check in _SHOWS and o.seen and o.status is Status.CLEAN), None
    )
    if shown is not None:
        return Standing.SUPPORTED, shown.seen[0].message
    doubts = [
        f for o in them if o.check not in _MILD
        for f in o.findings if f.severity is not Severity.NOTE
    ]  # fmt: skip
    if doubts:
        return Standing.DOUBTFUL, doubts[0].message
    sought = next((o for o in them if o.check in _SHOWS and o.status is Status.NOT_RUN), None)
    if sought is not None and sought.needs != ("data flow",):
        why = (sought.reason or "nothing was shown for it").removeprefix("not shown: ")
        return Standing.NOT_SHOWN, why
    if candidate.origin in ("secrets", "dependencies"):
        return Standing.STANDS, f"{candidate.origin} found it in the text itself"
    why = (
        sought.reason
        if sought and sought.reason
        else "no check here can look for what would show it"
    )
    return Standing.STANDS, why


def ordered(findings: Iterable[Examined]) -> tuple[Examined, ...]:
    """Return candidates in the order in which a person should read them."""
    return tuple(sorted(findings, key=_rank))


def _rank(one: Examined) -> tuple[object, ...]:
    return (
        bool(one.duplicate_of),
        _ORDER.index(one.standing),
        -SEVERITIES.index(_severity(one.candidate)),
        one.baseline == "unchanged",
        bool(one.labels),
        one.candidate.file,
        one.candidate.line,
        one.id,
    )


def _severity(candidate: Candidate) -> str:
    """Return what its origin says; else the highest that is usual for its category."""
    if candidate.severity in SEVERITIES:
        return candidate.severity
    category = weaknesses.load().categories.get(candidate.category)
    return category.severities[1] if category else "medium"
