"""A review as one JSON document, in the shape that docs and CONTRACT name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from undersign.records.finding import Outcome, Status
from undersign.records.review import Coverage, Examined, Review

Json = dict[str, Any]

_SAID = {Status.CLEAN: "pass", Status.FOUND: "fail", Status.NOT_RUN: "unknown"}


def document(review: Review, path: str | None = None) -> Json:
    """Return the whole review; `path` is the artifact it is kept in, None when it is not."""
    return {
        "artifact": path,
        "base": review.base,
        "head": review.head,
        "made_at": review.made_at,
        "findings": [_finding(one) for one in review.findings],
        "coverage": _coverage(review.coverage),
        "lookers": [asdict(one) for one in review.lookers],
        "remarks": list(review.remarks),
    }


def _finding(one: Examined) -> Json:
    candidate = one.candidate
    return {
        "id": one.id,
        "file": candidate.file,
        "line": candidate.line,
        "end_line": candidate.last_line,
        "category": candidate.category,
        "cwe": list(candidate.cwe),
        "owasp": list(candidate.owasp),
        "severity": candidate.severity,
        "message": candidate.message,
        "quote": candidate.quote,
        "origin": candidate.origin,
        "rule": candidate.rule,
        "standing": one.standing.value,
        "why": one.why,
        "labels": list(one.labels),
        "baseline": one.baseline,
        "duplicate_of": one.duplicate_of or None,
        "also": list(one.also),
        "suppressed_by_origin": candidate.suppressed or None,
        "verdict": asdict(one.judged) if one.judged else None,
        "checks": [_check(outcome) for outcome in one.outcomes],
    }


def _check(outcome: Outcome) -> Json:
    return {
        "check": outcome.check,
        "code": outcome.code,
        "status": _SAID[outcome.status],
        "evidence": outcome.words,
        "details": [
            *(dict(one.evidence) for one in outcome.findings),
            *(dict(one.evidence) for one in outcome.seen),
        ],
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "files": [{**asdict(one), "state": one.state.value} for one in coverage.files],
        "categories": [asdict(one) for one in coverage.categories],
        "areas": [asdict(one) for one in coverage.areas],
    }
