"""A threat model for AWS threat-composer: threats, mitigations, and questions as assumptions.

Workspace file of schema 1: awslabs/threat-composer. What it has as a picture is left to it.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from undersign.records.system import System
from undersign.records.threat import Analysis, Question, Threat

_PRIORITIES = {"low": "Low", "medium": "Medium", "high": "High", "critical": "High"}
_STATES = {
    "mitigated": "threatResolved", "rejected": "threatResolvedNotUseful",
    "accepted": "threatResolved", "transferred": "threatResolved",
}  # fmt: skip


def write(system: System, analysis: Analysis) -> str:
    """Return the model as a workspace file; ids are made of ours, so that they stay."""
    assets = [one.name for one in system.of("asset")]
    mitigations = [(t, text) for t in analysis.threats for text in t.mitigations]
    texts = list(dict.fromkeys(text for _, text in mitigations))
    body: dict[str, Any] = {
        "schema": 1,
        "applicationInfo": {"name": system.name, "description": ""},
        "architecture": {"description": ""},
        "dataflow": {"description": ""},
        "assumptions": [_assumption(n, one) for n, one in enumerate(analysis.questions, 1)],
        "mitigations": [
            {"id": _id(f"mitigation {text}"), "numericId": n, "displayOrder": n, "content": text}
            for n, text in enumerate(texts, 1)
        ],
        "assumptionLinks": [],
        "mitigationLinks": [
            {"linkedId": _id(t.id), "mitigationId": _id(f"mitigation {text}")}
            for t, text in mitigations
        ],
        "threats": [_threat(n, one, assets) for n, one in enumerate(analysis.threats, 1)],
    }
    return json.dumps(body, indent=1) + "\n"


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"undersign:{name}"))


def _threat(number: int, one: Threat, assets: list[str]) -> dict[str, Any]:
    status = _STATES.get(one.treatment.status, "threatIdentified") if one.treatment else ""
    return {
        "id": _id(one.id),
        "numericId": number,
        "displayOrder": number,
        "metadata": [
            {"key": "Priority", "value": _PRIORITIES[one.severity]},
            {"key": "STRIDE", "value": list(one.stride)},
            {"key": "Comments", "value": "; ".join((one.id, *map(str, one.facts)))},
        ],
        "impactedAssets": assets,
        "statement": one.title,
        "status": status or "threatIdentified",
    }


def _assumption(number: int, one: Question) -> dict[str, Any]:
    facts = ", ".join(f"{fact.element}.{fact.fact}" for fact in one.unknown)
    return {"id": _id(f"question {one.id}"), "numericId": number, "displayOrder": number,
            "content": f"{one.text} (nobody said: {facts})"}  # fmt: skip
