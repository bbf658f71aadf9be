"""A threat model as Open Threat Model 0.2.0 JSON: iriusrisk/OpenThreatModel."""

from __future__ import annotations

import json
from typing import Any

from undersign.records.system import Element, System, Value
from undersign.records.threat import Analysis, Threat

VERSION = "0.2.0"
_RISK = {"low": 25, "medium": 50, "high": 75, "critical": 100}
_STATES = {
    "mitigated": "mitigate", "accepted": "accept", "transferred": "transfer", "rejected": "expose",
    "open": "expose",
}  # fmt: skip
OUTSIDE = "undersign-no-boundary"
"""The trust zone of components that lie in no boundary: OTM wants one for each."""


def write(system: System, analysis: Analysis) -> str:
    """Return the model in OTM; facts and kinds are kept as attributes, so that they come back."""
    threats = {one.id: one for one in analysis.threats}
    body: dict[str, Any] = {
        "otmVersion": VERSION,
        "project": {"name": system.name or "system", "id": "system"},
        "trustZones": [
            *(_zone(one) for one in system.of("boundary")),
            {"id": OUTSIDE, "name": "No boundary", "risk": {"trustRating": 0}},
        ],
        "components": [_component(one, analysis) for one in system.of("component")],
        "dataflows": [_flow(one) for one in system.of("flow")],
        "assets": [_asset(one) for one in system.of("asset")],
        "threats": [_threat(one) for one in threats.values()],
        "mitigations": [
            {"id": f"{one.id}#{n}", "name": text, "description": text, "riskReduction": 50}
            for one in threats.values()
            for n, text in enumerate(one.mitigations, 1)
        ],
    }
    return json.dumps(body, indent=1) + "\n"


def _attributes(one: Element, **more: str) -> dict[str, Any]:
    return {**more, **{key: _plain(value) for key, value in one.facts.items()}}


def _plain(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _zone(one: Element) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "risk": {"trustRating": 0 if one.facts.get("trust") == "untrusted" else 50},
        "attributes": _attributes(one),
    }


def _component(one: Element, analysis: Analysis) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "type": one.kind,
        "parent": {"trustZone": one.boundary or OUTSIDE},
        "attributes": _attributes(one),
    }
    own = [threat for threat in analysis.threats if threat.element == one.id]
    if own:
        found["threats"] = [{"threat": t.id, "state": _state(t), "mitigations": _answers(t)}
                            for t in own]  # fmt: skip
    return found


def _state(one: Threat) -> str:
    return _STATES[one.treatment.status] if one.treatment else "expose"


def _answers(one: Threat) -> list[dict[str, str]]:
    done = one.treatment is not None and one.treatment.status == "mitigated"
    state = "implemented" if done else "recommended"
    return [{"mitigation": f"{one.id}#{n}", "state": state}
            for n in range(1, len(one.mitigations) + 1)]  # fmt: skip


def _flow(one: Element) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name or one.id,
        "source": one.source,
        "destination": one.target,
        "bidirectional": False,
        "attributes": _attributes(one),
    }


def _asset(one: Element) -> dict[str, Any]:
    zero = {"confidentiality": 0, "integrity": 0, "availability": 0}
    return {"id": one.id, "name": one.name, "risk": zero, "attributes": _attributes(one)}


def _threat(one: Threat) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.title,
        "description": "; ".join((*map(str, one.facts), *one.because)),
        "categories": list(one.stride),
        "cwes": list(one.references.get("cwe", ())),
        "risk": {"likelihood": None, "impact": _RISK[one.severity]},
    }
