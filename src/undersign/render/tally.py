"""What the works of one run add up to, and who has said what of a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.work import Decision, Verdict, Work


class CheckHelp(NamedTuple):
    """What a check's card says, handed in by the caller; Markdown."""

    summary: str
    """One or two sentences."""
    text: str
    """The whole card."""


Cards = Mapping[str, CheckHelp]
"""Check name -> help. A check without a card is shown by its name alone."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over all works. Findings with a verdict still count as found."""

    artifacts: int
    errors: int
    warnings: int
    notes: int
    not_run: int
    clean: int
    open: int
    """What still needs a person before signing."""

    @property
    def findings(self) -> int:
        """All findings, whatever their severity."""
        return self.errors + self.warnings + self.notes


def tally(works: Sequence[Work]) -> Tally:
    """Count findings by severity and outcomes by status."""
    severities = [f.severity for _, _, f in findings(works)]
    statuses = [outcome.status for work in works for outcome in work.outcomes]
    return Tally(
        artifacts=len(works),
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        notes=severities.count(Severity.NOTE),
        not_run=statuses.count(Status.NOT_RUN),
        clean=statuses.count(Status.CLEAN),
        open=sum(len(work.open_items()) for work in works),
    )


def findings(works: Sequence[Work]) -> Iterator[tuple[Work, Outcome, Finding]]:
    """Yield every finding with its work and outcome, by file and place in it."""
    for work in works:
        pairs = [(outcome, f) for outcome in work.outcomes for f in outcome.findings]
        for outcome, finding in sorted(pairs, key=lambda pair: _place(pair[1])):
            yield work, outcome, finding


def not_run(works: Sequence[Work]) -> Iterator[tuple[Work, Outcome]]:
    """Yield every outcome that could not run, with its work."""
    for work in works:
        for outcome in work.outcomes:
            if outcome.status is Status.NOT_RUN:
                yield work, outcome


def verdict_on(work: Work, target: str) -> Verdict | None:
    """Return the last verdict on a finding id or `PATH#CHECK` given for exactly this text."""
    digest = work.artifact.digest
    for verdict in reversed(work.verdicts):
        if verdict.target == target and verdict.artifact_digest == digest:
            return verdict
    return None


def verdict_of_not_run(work: Work, outcome: Outcome) -> Verdict | None:
    """Return the last verdict on a check that could not run."""
    return verdict_on(work, f"{work.artifact.path}#{outcome.check}")


def is_settled(verdict: Verdict | None) -> bool:
    """Tell whether a person has put the matter aside: dismissed it or accepted the risk."""
    return verdict is not None and verdict.decision in (Decision.DISMISS, Decision.ACCEPT_RISK)


def grounds_missing(outcome: Outcome) -> str:
    """Name what a check needs, as people say it."""
    return ", ".join(outcome.needs) or "something it did not name"


def _place(finding: Finding) -> tuple[int, int, str]:
    span = finding.span
    return (span.line, span.column, finding.code) if span else (0, 0, finding.code)
