"""The state of one artifact on its way to a signature.

The state machine, in sentences:

1. A `Work` is an artifact and what has been said about exactly this text.
2. New text gives a new `Work` with no outcomes, verdicts or signature, so a stale sign-off cannot
   be expressed.
3. A verdict names a finding by its id, a check that could not run by `check` name, or, to reject
   it, the whole artifact by its path.
4. A work is ready to sign when every error finding and every not-run outcome has a verdict of a
   person, with a reason, and no verdict asks for more information or rejects it.
5. The drafter of the text can give no verdict and no signature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from undersign.records.artifact import Artifact, Draft
from undersign.records.finding import Outcome, Severity, Status


class Decision(StrEnum):
    """What a person may say of a finding or of a check that could not run."""

    CONFIRM = "confirm"
    """It is real. An artifact with a confirmed error is not ready to sign."""
    DISMISS = "dismiss"
    ACCEPT_RISK = "accept-risk"
    NEEDS_INFO = "needs-info"
    LOOKED = "looked"
    """A person looked where no machine can, and the reason says at what."""
    REJECT = "reject"
    """The artifact as a whole is not worth keeping; it is not ready to sign."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's word on a finding (by id), a check that could not run (`PATH#CHECK`), or all."""

    target: str
    decision: Decision
    reason: str
    person: str
    at: str
    """RFC 3339, UTC."""
    artifact_digest: str
    """The text it was given for; it says nothing about any other."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A person's signature over the statement of one artifact."""

    signer: str
    key_fingerprint: str
    """`SHA256:...`, as ssh-keygen prints it."""
    statement_digest: str
    signed_at: str


@dataclass(frozen=True, slots=True)
class Work:
    """One artifact with everything said about exactly this text."""

    artifact: Artifact
    draft: Draft | None = None
    outcomes: tuple[Outcome, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    signature: Signature | None = None

    def with_text(self, text: str) -> Work:
        """Return a work on new text: nothing said about the old text carries over."""
        return Work(artifact=replace(self.artifact, text=text), draft=self.draft)

    def open_items(self) -> tuple[str, ...]:
        """Return what still needs a person before signing, as targets of a verdict.

        Of several verdicts on one target the last one counts.
        """
        last = {v.target: v for v in self.verdicts if v.artifact_digest == self.artifact.digest}
        closing = (Decision.DISMISS, Decision.ACCEPT_RISK)
        settled = {target for target, v in last.items() if v.decision in closing}
        needed: list[str] = []
        for outcome in self.outcomes:
            if outcome.status is Status.NOT_RUN:
                needed.append(f"{self.artifact.path}#{outcome.check}")
            needed += [f.id for f in outcome.findings if f.severity is Severity.ERROR]
        asked = [t for t, v in last.items() if v.decision in (Decision.NEEDS_INFO, Decision.REJECT)]
        return tuple(dict.fromkeys(t for t in (*needed, *asked) if t not in settled))
