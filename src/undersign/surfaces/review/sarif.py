"""What other tools see of a review: results, ways, suppressions, and what was not assessed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from undersign import __version__
from undersign.catalogs import owasp, weaknesses
from undersign.catalogs.weaknesses import ids_in
from undersign.records.candidate import Step
from undersign.records.finding import Status
from undersign.records.review import Area, Examined, FileCoverage, FileState, Review, Standing

Json = dict[str, Any]

_ROOT = "SRCROOT"
_LEVELS = {
    Standing.SUPPORTED: "error", Standing.STANDS: "warning", Standing.NOT_SHOWN: "warning",
    Standing.DOUBTFUL: "note", Standing.REFUTED: "note",
}  # fmt: skip
_RANKS = {
    Standing.SUPPORTED: 90.0, Standing.STANDS: 60.0, Standing.NOT_SHOWN: 40.0,
    Standing.DOUBTFUL: 20.0, Standing.REFUTED: 5.0,
}  # fmt: skip
_SAID = {Status.CLEAN: "pass", Status.FOUND: "fail", Status.NOT_RUN: "unknown"}
_ACCEPTED = ("dismiss", "accept-risk")


def run_of(review: Review) -> Json:
    """Return the run of a review, without its properties."""
    rules = sorted({_rule(one) for one in review.findings})
    run: Json = {
        "tool": {
            "driver": {
                "name": "Undersign",
                "semanticVersion": __version__,
                "rules": [_rule_of(name) for name in rules],
                "notifications": [
                    {"id": f"not-assessed/{what}"} for what in ("area", "category", "file")
                ],
            }
        },
        "automationDetails": {"id": f"undersign/{review.base or 'tree'}..{review.head}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "taxonomies": _taxonomies(),
        "artifacts": [_artifact(one) for one in review.coverage.files],
        "results": [_result(one, rules) for one in review.findings],
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": _notifications(review)}
        ],
    }
    return run


def _rule(one: Examined) -> str:
    return one.candidate.category or one.candidate.rule or "uncategorised"


def _rule_of(name: str) -> Json:
    category = weaknesses.load().categories.get(name)
    rule: Json = {"id": name}
    if category is not None:
        rule["shortDescription"] = {"text": category.title}
        tags = ["security", *(f"external/cwe/{c.lower()}" for c in category.cwe[:1])]
        rule["properties"] = {"tags": tags}
    return rule


def _taxonomies() -> list[Json]:
    known = weaknesses.load()
    return [
        {
            "name": "CWE",
            "version": known.edition,
            "organization": "MITRE",
            "isComprehensive": False,
        },
        {"name": "OWASP", "organization": "OWASP Foundation", "isComprehensive": False},
    ]


def _artifact(one: FileCoverage) -> Json:
    made: Json = {"location": _uri(one.path), "roles": ["analysisTarget"]}
    if one.digest:
        made["hashes"] = {"sha-256": one.digest}
    made["properties"] = {"state": one.state.value, "looked": list(one.looked)}
    return made


def _uri(path: str) -> Json:
    return {"uri": quote(path, errors="surrogatepass"), "uriBaseId": _ROOT}


def _result(one: Examined, rules: list[str]) -> Json:
    candidate = one.candidate
    judged = one.judged
    made: Json = {
        "ruleId": _rule(one),
        "ruleIndex": rules.index(_rule(one)),
        "level": _LEVELS[one.standing],
        "kind": "fail" if judged and judged.decision == "confirm" else "review",
        "rank": _RANKS[one.standing],
        "message": {"text": candidate.message or "(no message)"},
        "locations": [_location(one)],
        "partialFingerprints": {"undersign/v1": one.id},
        "taxa": _taxa(one),
        "properties": _properties(one),
    }
    if made["kind"] == "review":
        made["level"] = "none"  # SARIF 3.27.10: only a result that fails has a level
    elif made["level"] == "note":
        made["level"] = "warning"  # a person's word weighs more than a check's
    if one.line_hash:
        made["partialFingerprints"]["primaryLocationLineHash"] = one.line_hash
    if one.baseline != "unknown":
        made["baselineState"] = one.baseline
    steps = _steps(one)
    if steps:
        made["codeFlows"] = [{"threadFlows": [{"locations": [_step(s) for s in steps]}]}]
    if judged and judged.decision != "confirm":
        made["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted" if judged.decision in _ACCEPTED else "underReview",
                "justification": f"{judged.decision} by {judged.person}: {judged.reason}",
                "properties": asdict(judged),
            }
        ]
    return made


def _location(one: Examined) -> Json:
    candidate = one.candidate
    physical: Json = {"artifactLocation": _uri(candidate.file)}
    if candidate.line:
        region: Json = {"startLine": candidate.line, "endLine": candidate.last_line}
        if candidate.end_column > candidate.column and candidate.last_line == candidate.line:
            region |= {"startColumn": candidate.column, "endColumn": candidate.end_column}
        elif snippet := _snippet(one):
            region["snippet"] = {"text": snippet}
        physical["region"] = region
    return {"physicalLocation": physical}


def _snippet(one: Examined) -> str:
    """Return the lines it speaks of, as far as they are at hand."""
    first = one.candidate.line - one.code_start
    return "\n".join(one.code[first : first + one.candidate.last_line - one.candidate.line + 1])


def _taxa(one: Examined) -> list[Json]:
    ids = dict.fromkeys(i for text in one.candidate.cwe for i in ids_in(text))
    taxa: list[Json] = [
        {"id": i.removeprefix("CWE-"), "toolComponent": {"name": "CWE", "index": 0}} for i in ids
    ]
    for text in one.candidate.owasp:
        written = owasp.read(text)
        if written is not None:
            name = f"{written.code}:{written.edition}" if written.edition else written.code
            taxa.append({"id": name, "toolComponent": {"name": "OWASP", "index": 1}})
    return taxa


def _properties(one: Examined) -> Json:
    return {
        "standing": one.standing.value,
        "why": one.why,
        "origin": one.candidate.origin,
        "also": list(one.also),
        "labels": list(one.labels),
        "checks": [
            {"check": o.check, "status": _SAID[o.status], "evidence": o.words} for o in one.outcomes
        ],
    }


def _steps(one: Examined) -> list[Step]:
    for outcome in one.outcomes:
        for seen in outcome.seen:
            if steps := seen.evidence.get("steps"):
                return [Step(**step) for step in steps]
    return list(one.candidate.steps)


def _step(step: Step) -> Json:
    return {
        "location": {
            "physicalLocation": {
                "artifactLocation": _uri(step.file),
                "region": {"startLine": max(step.line, 1)},
            },
            "message": {"text": step.what},
        }
    }


def _notifications(review: Review) -> list[Json]:
    coverage = review.coverage
    notes = [_area(area) for area in coverage.areas if not area.key.startswith("file:")]
    notes += [_file(f) for f in coverage.files if f.state is not FileState.ASSESSED]
    blind = [one for one in coverage.categories if not one.looked]
    notes += [
        {
            "descriptor": {"id": "not-assessed/category"},
            "level": "warning",
            "message": {"text": f"{one.id} {one.name}: no check looked for it"},
        }
        for one in blind
    ]
    return notes


def _area(area: Area) -> Json:
    said = area.statement
    words = f"{said.decision} by {said.person}: {said.reason}" if said else area.why
    return {
        "descriptor": {"id": "not-assessed/area"},
        "level": "note" if said else "warning",
        "message": {"text": f"{area.title}: not assessed by machine; {words}"},
    }


def _file(one: FileCoverage) -> Json:
    by = f" by {one.by}" if one.by else ""
    return {
        "descriptor": {"id": "not-assessed/file"},
        "level": "warning",
        "message": {"text": f"{one.path}: {one.state.value}{by}; {one.why}"},
        "locations": [{"physicalLocation": {"artifactLocation": _uri(one.path)}}],
    }
