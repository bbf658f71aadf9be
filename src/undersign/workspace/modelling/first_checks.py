"""The first checks of a draft, before it is on disk: a repair and the ledger rest on them.

History is not measured here: a draft is on the table in seconds, and `check` and `baseline` say
later what it does. Proposed tests are run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from undersign.checks.spec import Grounds
from undersign.errors import BadInput
from undersign.languages.sigma.document import SigmaFile
from undersign.records.artifact import Artifact, Draft
from undersign.records.drafting import DraftEntry
from undersign.records.finding import Finding, Status
from undersign.records.rule_tests import RuleTests
from undersign.records.work import Work
from undersign.surfaces import kind_named
from undersign.workspace import files
from undersign.workspace.beside import Beside, Record
from undersign.workspace.grounds import GroundKeeper, Subject
from undersign.workspace.modelling.modelled import Provenance, counted
from undersign.workspace.review import Wanted, checked
from undersign.workspace.workspace import Workspace

INVENTED = ("unknown-table", "unknown-field", "unknown-function")
"""Checks whose findings are names that nobody here has."""


class FirstChecks:
    """Checks drafts of one workspace; what is dear to gather is gathered once."""

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace = workspace
        self._keeper = GroundKeeper(workspace, history=False, now=now)

    def of(self, path: Path, kind: str, text: str, draft: Draft, tests: str = "") -> Work:
        """Check the text that a draft would put at a path, with its proposed tests."""
        known = kind_named(kind)
        assert known is not None
        artifact = Artifact(files.relative(path, self._workspace.root), kind, text)
        subject = self._keeper.bound(Subject(path, artifact, known.parse(text), Record(draft)))
        grounds = self._keeper.grounds(subject)
        return checked(subject, self._with_tests(grounds, subject, tests), Wanted(history=False))

    def _with_tests(self, grounds: Grounds, subject: Subject, tests: str) -> Grounds:
        if not tests or not isinstance(subject.parsed, SigmaFile):
            return grounds
        from undersign.catalogs.log_sources import load
        from undersign.telemetry.rule_tests import read_cases, run_cases

        name = files.relative(Beside(subject.path).tests, self._workspace.root)
        try:
            ran = run_cases(read_cases(tests, name), subject.parsed, load(), name)
        except BadInput:
            ran = RuleTests(name)  # tests that cannot be read are none; the person sees the file
        return replace(grounds, by_type={**grounds.by_type, RuleTests: ran})


def findings(work: Work) -> tuple[Finding, ...]:
    """Return everything the checks found, in the order of the checks."""
    return tuple(f for outcome in work.outcomes for f in outcome.findings)


def invented(work: Work) -> int | None:
    """Count the names nobody here has; None when no check of names could look."""
    told = [o for o in work.outcomes if o.check in INVENTED]
    if all(o.status is Status.NOT_RUN for o in told):
        return None
    return sum(len(o.findings) for o in told)


def not_run(work: Work) -> int:
    """Count the checks that could not run."""
    return sum(o.status is Status.NOT_RUN for o in work.outcomes)


def measured(entry: DraftEntry, work: Work, provenance: Provenance) -> DraftEntry:
    """Add to a draft's entry what the checks said of it and what its calls took."""
    return replace(
        entry,
        findings=counted(findings(work)),
        invented=invented(work),
        not_run=not_run(work),
        repaired=provenance.repaired,
        findings_before=provenance.before,
        calls=provenance.calls,
        tokens_in=provenance.usage.tokens_in,
        tokens_out=provenance.usage.tokens_out,
        cost_usd=provenance.usage.cost_usd,
    )
