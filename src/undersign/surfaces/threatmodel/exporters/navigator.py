"""ATT&CK and ATLAS Navigator layers: the techniques of a model's threats, scored by severity.

Layer format 4.5: mitre-attack/attack-navigator, layers/spec/v4.5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from undersign.records.system import System
from undersign.records.threat import Analysis

_SCORES = {"low": 25, "medium": 50, "high": 75, "critical": 100}
_LAYERS: Mapping[str, tuple[str, dict[str, str]]] = {
    "attack": ("enterprise-attack", {"attack": "18", "navigator": "5.2.0", "layer": "4.5"}),
    "atlas": ("atlas-atlas", {"attack": "5.6.0", "navigator": "5.2.0", "layer": "4.5"}),
}


def layer(system: System, analysis: Analysis, catalog: str) -> str:
    """Return a layer as JSON; `catalog` is `attack` or `atlas`."""
    domain, versions = _LAYERS[catalog]
    found: dict[str, list[tuple[int, str]]] = {}
    for threat in analysis.threats:
        for technique in threat.references.get(catalog, ()):
            found.setdefault(technique, []).append((_SCORES[threat.severity], threat.title))
    techniques = [
        {
            "techniqueID": technique,
            "score": max(score for score, _ in said),
            "comment": "\n".join(title for _, title in said),
            "enabled": True,
        }
        for technique, said in sorted(found.items())
    ]
    body = {
        "name": f"Threat model: {system.name}",
        "versions": versions,
        "domain": domain,
        "description": "Techniques of the threats of this model; the score is the severity.",
        "techniques": techniques,
        "gradient": {"colors": ["#ffe766", "#ff6666"], "minValue": 0, "maxValue": 100},
    }
    return json.dumps(body, indent=1) + "\n"
