"""The step `triage`: a person's verdict on a finding, or on a check that could not run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from undersign.errors import UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.artifact import Draft
from undersign.records.finding import Status
from undersign.records.person import is_drafter_name, same_person
from undersign.records.work import Decision, Verdict, Work


class Triaged(NamedTuple):
    """A work with verdicts added, and the verdicts."""

    work: Work
    verdicts: tuple[Verdict, ...]


def triage(  # noqa: PLR0913 - a verdict has these parts, and nothing may be left to a default
    work: Work, target: str, decision: Decision, reason: str, person: str, now: datetime
) -> Triaged:
    """Give a verdict for exactly this text.

    `target` is a finding's id; `PATH#CHECK` for a check that could not run; or `PATH#Ground`
    (`rules/x.yml#History`) for every check that could not run because it needs that ground, which
    gives one verdict each; or the artifact's path, to reject it whole (`confirm` takes that back).
    A later verdict on the same target replaces an earlier one in what it means, and both stay on
    record.

    Raises UsageError for an unknown target, an empty reason, or a person who is the drafter.
    """
    if not reason.strip():
        raise UsageError("a verdict needs a reason", hint='--reason "why"')
    if refusal := drafter_refusal(person, work.draft):
        raise UsageError(f"{refusal} and cannot give a verdict on it")
    verdicts = tuple(
        Verdict(
            target=one,
            decision=decision,
            reason=reason.strip(),
            person=person.strip(),
            at=rfc3339(now),
            artifact_digest=work.artifact.digest,
        )
        for one in _targets(work, target, decision)
    )
    return Triaged(replace(work, verdicts=(*work.verdicts, *verdicts), signature=None), verdicts)


def drafter_refusal(person: str, draft: Draft | None) -> str | None:
    """Say why this person cannot speak for the artifact, as the begin of a sentence, or None."""
    if not person.strip():
        return "nobody is named"
    if is_drafter_name(person):
        return f"{person!r} is the name of a drafter"
    if draft is not None and same_person(person, draft.drafter):
        return f"{person!r} drafted {draft.path}"
    return None


def _targets(work: Work, target: str, decision: Decision) -> tuple[str, ...]:
    if target == work.artifact.path:
        if decision not in (Decision.REJECT, Decision.CONFIRM):
            raise UsageError(
                f"{target} as a whole can be rejected, or confirmed after that",
                hint="name one finding by its id, or one check as PATH#CHECK",
            )
        return (target,)
    if decision is Decision.REJECT:
        raise UsageError(
            "reject is said of a whole artifact",
            hint=f"undersign triage {work.artifact.path} reject",
        )
    if any(finding.id == target for o in work.outcomes for finding in o.findings):
        return (target,)
    path, _, name = target.rpartition("#")
    blocked = [o for o in work.outcomes if o.status is Status.NOT_RUN]
    checks = [o.check for o in blocked if o.check == name or name in o.needs]
    if path != work.artifact.path or not checks:
        raise _unknown(work, target)
    if decision is Decision.CONFIRM:
        raise UsageError(
            f"{target} could not run, so there is nothing to confirm",
            hint="accept-risk, dismiss or needs-info",
        )
    return tuple(f"{path}#{check}" for check in checks)


def _unknown(work: Work, target: str) -> UsageError:
    left = work.open_items()
    hint = f"open: {', '.join(left)}" if left else "nothing is open"
    return UsageError(f"{work.artifact.path} has nothing to triage as {target!r}", hint=hint)
