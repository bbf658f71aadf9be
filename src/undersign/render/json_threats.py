"""A threat model as one JSON document for programs."""

from __future__ import annotations

from typing import Any

from undersign.records.system import Proposal, System, Treatment
from undersign.records.threat import AiReferences, Analysis, Cited, Question, Threat
from undersign.render import threat_words as words


def document(path: str, system: System, analysis: Analysis) -> dict[str, Any]:
    """Return the whole model. Days are ISO dates; `fact` is the one whose negation is nearest."""
    policies = {one.component: one for one in analysis.ai}
    return {
        "path": path,
        "system": system.name,
        "elements": [
            {"id": e.id, "name": e.name, "sort": e.sort, "kind": e.kind, "boundary": e.boundary,
             "from": e.source, "to": e.target}
            for e in system.elements
        ],
        "threats": [_threat(one, policies.get(one.element)) for one in analysis.threats],
        "questions": [_question(one) for one in analysis.questions],
        "crossings": [
            {"flow": c.flow, "name": c.name, "boundaries": list(c.boundaries),
             "threats": list(c.threats), "waived": c.waived}
            for c in analysis.crossings
        ],
        "ai_references": [_references(one) for one in analysis.ai],
        "proposals": [_proposal(one) for one in system.proposals],
    }  # fmt: skip


def _threat(one: Threat, policy: AiReferences | None) -> dict[str, Any]:
    references = {key: list(ids) for key, ids in one.references.items() if key != "llm"}
    return {
        "id": one.id,
        "element": one.element,
        "element_name": one.element_name,
        "fact": one.facts[0].fact if one.facts else "",
        "facts": [_fact(fact) for fact in one.facts],
        "because": list(one.because),
        "title": one.title,
        "severity": one.severity,
        "stride": one.stride,
        "linddun": list(one.linddun),
        "llm_top10": words.llm(one.references.get("llm", ())),
        **{key: references.get(key, []) for key in ("atlas", "attack", "ai_rmf")},
        "references": references,
        "frontier_policy": policy.policy if policy else None,
        "mitigations": list(one.mitigations),
        "by": one.by,
        "treatment": _treatment(one.treatment),
    }


def _fact(one: Cited) -> dict[str, Any]:
    value = list(one.value) if isinstance(one.value, tuple) else one.value
    return {"element": one.element, "fact": one.fact, "value": value, "control": one.is_control}


def _treatment(one: Treatment | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "status": one.status,
        "owner": one.owner,
        "reason": one.reason,
        "evidence": one.evidence,
        "expires": one.expires.isoformat() if one.expires else None,
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    named = {key: getattr(one, key) for key in (
        "id", "sort", "element", "name", "kind", "boundary", "fact", "value", "by", "document",
        "quote", "judged_by")}  # fmt: skip
    return {**named, "from": one.source, "to": one.target}


def _question(one: Question) -> dict[str, Any]:
    return {
        "id": one.id,
        "element": one.element,
        "element_name": one.element_name,
        "text": one.text,
        "severity": one.severity,
        "unknown": [f"{fact.element}.{fact.fact}" for fact in one.unknown],
        "also": list(one.also),
    }


def _references(one: AiReferences) -> dict[str, Any]:
    return {
        "component": one.component,
        "name": one.name,
        "llm_top10": words.llm(one.llm),
        "atlas": list(one.atlas),
        "ai_rmf": list(one.ai_rmf),
        "frontier_policy": one.policy,
        "frontier_policy_verified": one.policy_verified or None,
        "waived": list(one.waived),
        "missing": list(one.missing),
    }
