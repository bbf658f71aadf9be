"""The step `verify`: every check that fits runs on one candidate of a review."""

from __future__ import annotations

from undersign.checks import CHECKS
from undersign.checks.spec import DoesNotApply, Grounds, run
from undersign.records.artifact import Artifact
from undersign.records.candidate import Candidate
from undersign.records.finding import Outcome

CANDIDATE = "candidate"


def verify(candidate: Candidate, grounds: Grounds) -> tuple[Outcome, ...]:
    """Return what every check says that applies to a candidate, in the order of CHECKS.

    Found means that the claim does not hold, clean that nothing speaks against it, not run that
    this check cannot tell.
    """
    about = Artifact(candidate.file, CANDIDATE, "")
    outcomes = []
    for check in CHECKS:
        if CANDIDATE in check.kinds:
            try:
                outcomes.append(run(check, about, candidate, grounds))
            except DoesNotApply:
                continue
    return tuple(outcomes)
