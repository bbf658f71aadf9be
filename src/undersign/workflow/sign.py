"""The step `sign`: a person answers for an artifact, or is told what is still in the way."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from undersign.errors import SigningRefused
from undersign.ledger.canonical import rfc3339
from undersign.ledger.sign_off import THREAT_MODEL_CHECK, wants_threat_model
from undersign.ledger.statement import (
    CatalogEdition,
    Citation,
    Facts,
    LedgerHead,
    Tool,
    Waiver,
    build,
)
from undersign.records.finding import Finding, Outcome, Status
from undersign.records.history import History
from undersign.records.rule_tests import RuleTests
from undersign.records.work import Decision, Signature, Verdict, Work
from undersign.workflow.check import applicable
from undersign.workflow.triage import drafter_refusal

if TYPE_CHECKING:
    from undersign.ledger.keys import Key


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the statement records beside the work itself; all of it is handed in."""

    tool: Tool
    tests: RuleTests | None = None
    tests_digest: str | None = None
    """Hex SHA-256 of the tests file's bytes; None when there is no such file."""
    baseline: tuple[History, ...] = ()
    catalogs: tuple[CatalogEdition, ...] = ()
    snapshot: str | None = None
    ledger: LedgerHead | None = None
    threat_model: str | None = None
    """The cited threat model, from the command line or the artifact itself."""


class Signed(NamedTuple):
    """A signed work, and what goes beside the artifact."""

    work: Work
    statement: bytes
    """Canonical JSON: `PATH.statement.json`."""
    signature: str
    """Armored: `PATH.sig`."""


def sign(work: Work, signer: str, key: Key, around: Surroundings, *, now: datetime) -> Signed:
    """Sign the statement of a work that is ready.

    Raises SigningRefused with every refusal, one a line, and UsageError when the key cannot sign.
    """
    from undersign.ledger import signing

    reasons = refusals(work, signer, around.tests, threat_model=around.threat_model)
    model = _threat_model(work, around.threat_model)
    wanted = wants_threat_model(work.artifact.path)
    if reasons or (model is None and wanted):
        raise SigningRefused("\n".join((f"{work.artifact.path} is not ready to sign:", *reasons)))
    facts = Facts(
        work=work,
        principal=signer,
        key_fingerprint=key.public.fingerprint,
        threat_model=model,
        signed_at=rfc3339(now),
        tool=around.tool,
        tests=around.tests,
        tests_digest=around.tests_digest,
        baseline=around.baseline,
        catalogs=around.catalogs,
        snapshot=around.snapshot,
        ledger=around.ledger,
    )
    statement = build(facts)
    armored = signing.sign(statement, key)
    signature = Signature(
        signer, facts.key_fingerprint, sha256(statement).hexdigest(), facts.signed_at
    )
    return Signed(replace(work, signature=signature), statement, armored)


def refusals(
    work: Work, signer: str, tests: RuleTests | None, *, threat_model: str | None = None
) -> tuple[str, ...]:
    """Return why this person cannot sign this work yet; each is a sentence with the next command.

    Empty when nothing is in the way.
    """
    return (
        *_by_signer(work, signer),
        *_by_checks(work),
        *_by_open_items(work),
        *_by_tests(work, tests),
        *_by_threat_model(work, threat_model),
    )


def _by_signer(work: Work, signer: str) -> Iterator[str]:
    if refusal := drafter_refusal(signer, work.draft):
        yield f"{refusal} and cannot sign it; someone else runs: {_command(work, 'sign')}"
    for verdict in work.verdicts:
        if refusal := drafter_refusal(verdict.person, work.draft):
            again = _triage(verdict.target, "VERDICT")
            yield f"{refusal}, so the verdict on {verdict.target} does not count; {again}"


def _by_checks(work: Work) -> Iterator[str]:
    have = {outcome.check for outcome in work.outcomes}
    left_out = [c.name for c in applicable(work.artifact.kind, work.draft) if c.name not in have]
    if left_out or not have:
        named = ", ".join(left_out) or "any check"
        again = _command(work, "check")
        yield f"nobody ran {named} on this text; run it without --select or --ignore: {again}"


def _by_open_items(work: Work) -> Iterator[str]:
    path = work.artifact.path
    last = {v.target: v for v in work.verdicts if v.artifact_digest == work.artifact.digest}
    findings = {f.id: f for outcome in work.outcomes for f in outcome.findings}
    blocked = {f"{path}#{o.check}": o for o in work.outcomes if o.status is Status.NOT_RUN}
    for item in work.open_items():
        if item != f"{path}#{THREAT_MODEL_CHECK}":
            yield _open_item(work, item, findings.get(item) or blocked.get(item), last.get(item))


def _open_item(
    work: Work, item: str, what: Finding | Outcome | None, verdict: Verdict | None
) -> str:
    if verdict and verdict.decision is Decision.NEEDS_INFO:
        return (
            f"{item}: {verdict.person} needs more information ({verdict.reason}); answer, then "
            f"{_triage(item, 'VERDICT')}"
        )
    if isinstance(what, Outcome):
        needs = ", ".join(what.needs) or "more"
        return f"{what.check} could not run, it needs {needs}; {_triage(item, 'accept-risk')}"
    if what is not None and verdict and verdict.decision is Decision.CONFIRM:
        change = f"change the text, then run: {_command(work, 'check')}"
        return f"{what.check}: {what.message}: {verdict.person} confirmed this error; {change}"
    said = f"{what.check}: {what.message}" if what is not None else item
    if what is not None and (what.suggestion or "").startswith("undersign "):
        return f"{said}; {what.suggestion}"
    return f"{said}: no verdict yet; fix it or {_triage(item, 'dismiss')}"


def _by_tests(work: Work, tests: RuleTests | None) -> Iterator[str]:
    for case in tests.cases if tests else ():
        if not case.passed:
            again = _command(work, "test")
            yield f"the test {case.name!r} fails: {case.detail or 'no detail'}; see: {again}"


def _by_threat_model(work: Work, threat_model: str | None) -> Iterator[str]:
    if _threat_model(work, threat_model) is None and wants_threat_model(work.artifact.path):
        cite = _command(work, "sign", "--threat-model", "REF")
        waive = _triage(f"{work.artifact.path}#{THREAT_MODEL_CHECK}", "accept-risk")
        asked = any(o.check == THREAT_MODEL_CHECK for o in work.outcomes)
        also = f"; or waive it: {waive}" if asked else ""  # only what a check asks can be waived
        yield f"no threat model is cited; cite one: {cite}{also}"


def _threat_model(work: Work, cited: str | None) -> Citation | Waiver | None:
    if cited and cited.strip():
        return Citation(cited.strip())
    target = f"{work.artifact.path}#{THREAT_MODEL_CHECK}"
    asked = any(o.check == THREAT_MODEL_CHECK and o.status is Status.NOT_RUN for o in work.outcomes)
    given = [
        v for v in work.verdicts if v.target == target and v.artifact_digest == work.artifact.digest
    ]
    if not asked or not given:
        return None
    last = given[-1]
    if last.decision not in (Decision.ACCEPT_RISK, Decision.DISMISS):
        return None
    return Waiver(last.reason, last.person, last.at)


def _command(work: Work, verb: str, *options: str) -> str:
    return shlex.join(("undersign", verb, work.artifact.path, *options))


def _triage(target: str, decision: str) -> str:
    return f'{shlex.join(("undersign", "triage", target, decision))} --reason "..."'
