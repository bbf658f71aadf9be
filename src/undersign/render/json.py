"""The outcomes of `check` as one JSON document; the keys are those of the contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from undersign.records.finding import Finding, Outcome, Status
from undersign.records.work import Verdict, Work
from undersign.render.tally import Cards, tally, verdict_of_not_run, verdict_on


def render(works: Sequence[Work], cards: Cards) -> str:
    """Write `document(works)` with two spaces of indent; cards are not part of it."""
    return json.dumps(document(works), indent=2, default=str) + "\n"


def document(works: Sequence[Work]) -> dict[str, Any]:
    """Build the `check` JSON: every artifact with all outcomes, and the counts."""
    return {
        "artifacts": [artifact(work) for work in works],
        "summary": asdict(tally(works)),
    }


def artifact(work: Work) -> dict[str, Any]:
    """Describe one artifact: outcomes, who drafted it, what is still open."""
    return {
        "path": work.artifact.path,
        "kind": work.artifact.kind,
        "digest": work.artifact.digest,
        "drafter": work.draft.drafter if work.draft else None,
        "open": list(work.open_items()),
        "outcomes": [_outcome(work, outcome) for outcome in work.outcomes],
    }


def finding(work: Work, found: Finding) -> dict[str, Any]:
    """Describe one finding; places are null when it is about the file as a whole."""
    span = found.span
    return {
        "id": found.id,
        "severity": found.severity.value,
        "message": found.message,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "evidence": dict(found.evidence),
        "suggestion": found.suggestion,
        "verdict": _verdict(verdict_on(work, found.id)),
    }


def critique(work: Work) -> dict[str, Any]:
    """Describe the critique of a query: what was found, and what could not be looked at and why."""
    found = [
        {"check": o.check, "code": o.code, **finding(work, one)}
        for o in work.outcomes
        for one in o.findings
    ]
    blind = [o for o in work.outcomes if o.status is Status.NOT_RUN]
    not_run = [
        {"check": o.check, "code": o.code, "needs": list(o.needs), "reason": o.reason}
        for o in blind
    ]
    return {"critique": found, "not_run": not_run}


def _outcome(work: Work, outcome: Outcome) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "check": outcome.check,
        "code": outcome.code,
        "status": outcome.status.value,
        "needs": list(outcome.needs),
        "findings": [finding(work, found) for found in outcome.findings],
    }
    if outcome.status is Status.NOT_RUN:
        shown["reason"] = outcome.reason
        shown["verdict"] = _verdict(verdict_of_not_run(work, outcome))
    return shown


def _verdict(verdict: Verdict | None) -> dict[str, str] | None:
    if verdict is None:
        return None
    return {
        "decision": verdict.decision.value,
        "reason": verdict.reason,
        "person": verdict.person,
        "at": verdict.at,
    }
