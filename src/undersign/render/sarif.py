"""The outcomes of `check` as SARIF 2.1.0 (OASIS), for code-scanning pages and editors.

A finding is a result; a finding that a person dismissed or whose risk they accepted carries a
suppression with their reason. A check that could not run is a tool execution notification, so that
an upload without results does not read as a clean bill.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeAlias
from urllib.parse import quote

from undersign import __version__
from undersign.records.artifact import Span
from undersign.records.finding import Finding, Outcome, Severity
from undersign.records.work import Decision, Verdict, Work
from undersign.render.frame import snippet, source_lines
from undersign.render.tally import (
    Cards,
    findings,
    grounds_missing,
    not_run,
    verdict_of_not_run,
    verdict_on,
)

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "undersignFindingId/v1"
_ROOT = "%SRCROOT%"
_RANK = (Severity.NOTE, Severity.WARNING, Severity.ERROR)

Json: TypeAlias = dict[str, Any]


def render(works: Sequence[Work], cards: Cards) -> str:
    """Write one SARIF log with one run."""
    return json.dumps(log(works, cards), indent=2, default=str) + "\n"


def log(works: Sequence[Work], cards: Cards) -> Json:
    """Build the SARIF log; lines and columns count Unicode code points from 1."""
    rules = _rules(works, cards)
    index = {rule["id"]: n for n, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "undersign", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    _notification(work, outcome, index) for work, outcome in not_run(works)
                ],
            }
        ],
        "artifacts": [_artifact(work) for work in works],
        "results": _results(works, index),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(works: Sequence[Work], cards: Cards) -> list[Json]:
    """List every check that was asked, found something or not, at its worst severity seen."""
    worst: dict[str, Severity] = {}
    names: dict[str, str] = {}
    for work in works:
        for outcome in work.outcomes:
            names[outcome.code] = outcome.check
            for finding in outcome.findings:
                seen = (worst.get(outcome.code, Severity.NOTE), finding.severity)
                worst[outcome.code] = max(seen, key=_RANK.index)
    return [
        _rule(code, names[code], worst.get(code, Severity.WARNING), cards) for code in sorted(names)
    ]


def _rule(code: str, name: str, severity: Severity, cards: Cards) -> Json:
    card = cards.get(code) or cards.get(name)
    rule: Json = {
        "id": code,
        "name": name,
        "shortDescription": {"text": name.replace("-", " ")},
        "defaultConfiguration": {"level": severity.value},
    }
    if card:
        rule["fullDescription"] = {"text": card.summary}
        rule["help"] = {"text": card.text, "markdown": card.text}
    return rule


def _results(works: Sequence[Work], index: Mapping[str, int]) -> list[Json]:
    sources = {work.artifact.path: source_lines(work.artifact.text) for work in works}
    return [
        _result(work, finding, sources[work.artifact.path], index[finding.code])
        for work, _, finding in findings(works)
    ]


def _result(work: Work, finding: Finding, source: list[str], rule: int) -> Json:
    verdict = verdict_on(work, finding.id)
    help_text = f" Suggestion: {finding.suggestion}" if finding.suggestion else ""
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": finding.message + help_text},
        "locations": [_location(work.artifact.path, finding.span, source)],
        "partialFingerprints": {FINGERPRINT: finding.id},
        "properties": {"check": finding.check, "evidence": dict(finding.evidence)},
    }
    if verdict:
        result["properties"]["verdict"] = _verdict(verdict)
        result["suppressions"] = _suppressions(verdict)
    return result


def _suppressions(verdict: Verdict) -> list[Json]:
    """Turn a verdict into suppressions; a confirmed finding has an explicit empty list."""
    status = {
        Decision.DISMISS: "accepted",
        Decision.ACCEPT_RISK: "accepted",
        Decision.NEEDS_INFO: "underReview",
    }.get(verdict.decision)
    if status is None:
        return []
    said = f"{verdict.decision.value} by {verdict.person}: {verdict.reason}"
    return [{"kind": "external", "status": status, "justification": said}]


def _verdict(verdict: Verdict) -> Json:
    return {
        "decision": verdict.decision.value,
        "person": verdict.person,
        "reason": verdict.reason,
        "at": verdict.at,
    }


def _notification(work: Work, outcome: Outcome, index: Mapping[str, int]) -> Json:
    verdict = verdict_of_not_run(work, outcome)
    reason = outcome.reason or "no reason was given"
    needs = grounds_missing(outcome)
    notification: Json = {
        "level": "warning",
        "message": {"text": f"{outcome.check} could not run: needs {needs}: {reason}"},
        "associatedRule": {"id": outcome.code, "index": index[outcome.code]},
        "locations": [_location(work.artifact.path, None, [])],
        "properties": {"status": "not_run", "needs": list(outcome.needs)},
    }
    if verdict:
        notification["properties"]["verdict"] = _verdict(verdict)
    return notification


def _artifact(work: Work) -> Json:
    return {
        "location": _artifact_location(work.artifact.path),
        "roles": ["analysisTarget"],
        "encoding": "UTF-8",
        "hashes": {"sha-256": work.artifact.digest},
    }


def _location(path: str, span: Span | None, source: list[str]) -> Json:
    physical: Json = {"artifactLocation": _artifact_location(path)}
    if span:
        region: Json = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": max(span.end_line, span.line),
            "endColumn": max(span.end_column, 1),
        }
        text = snippet(source, span)
        if text:
            region["snippet"] = {"text": text}
        physical["region"] = region
    return {"physicalLocation": physical}


def _artifact_location(path: str) -> Json:
    if PurePosixPath(path).is_absolute():
        return {"uri": "file://" + quote(path, errors="surrogateescape")}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _ROOT}
