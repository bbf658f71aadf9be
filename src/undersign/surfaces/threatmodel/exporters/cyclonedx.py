"""A threat model as CycloneDX TM-BOM: experimental, after the development draft of version 2.0.

The draft's schema of threats is followed; what stands around it may still change.
"""

from __future__ import annotations

import json
from typing import Any

from undersign.records.system import System
from undersign.records.threat import Analysis, Threat

SPEC = "2.0"
_STRIDE = {
    "S": "spoofing", "T": "tampering", "R": "repudiation", "I": "information-disclosure",
    "D": "denial-of-service", "E": "elevation-of-privilege",
}  # fmt: skip


def write(system: System, analysis: Analysis) -> str:
    """Return the threats of a model, each with its STRIDE categories and the facts it rests on."""
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {"component": {"type": "application", "name": system.name or "system"}},
        "threats": {
            "methodologies": ["STRIDE"],
            "threats": [_threat(one) for one in analysis.threats],
        },
    }
    return json.dumps(body, indent=1) + "\n"


def _threat(one: Threat) -> dict[str, Any]:
    found: dict[str, Any] = {
        "bom-ref": one.id,
        "name": one.title,
        "description": "Rests on: " + "; ".join((*map(str, one.facts), *one.because)),
        "source": one.by if one.by != "rules" else "rules of Undersign",
    }
    categories = [
        {"taxonomy": "STRIDE", "category": _STRIDE[c]} for c in one.stride if c in _STRIDE
    ]
    return {**found, "categories": categories} if categories else found
