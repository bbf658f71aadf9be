"""AWS threat-composer: threats, mitigations and assumptions in words; the diagram is a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.surfaces.threatmodel.importers.imported import (
    Imported,
    identifier,
    mapping,
    of_json,
    rows,
)


def read(text: str) -> Imported:
    """Read a workspace file; its assets become assets, its threats stay the words of people."""
    data = mapping(of_json(text), "a threat-composer file")
    info = mapping(data.get("applicationInfo") or {}, "applicationInfo")
    made = Imported(str(info.get("name") or "Application"))
    own = made.component("application", made.name, "process")
    for raw in rows(data.get("threats")):
        threat = mapping(raw, "a threat")
        for asset in rows(threat.get("impactedAssets")):
            key = identifier(str(asset))
            made.assets.setdefault(key, {"id": key, "name": str(asset)})
        made.threats.append(_threat(threat, own, made.name))
    if made.threats:
        made.components[own]["described"] = True
    made.notes.append("components and flows: the file has them as a picture alone")
    return made


def _threat(threat: Mapping[str, Any], element: str, name: str) -> dict[str, Any]:
    number = threat.get("numericId") or threat.get("id")
    statement = str(threat.get("statement") or "").strip() or f"Threat {number} of {name}"
    tags = [mapping(m, "metadata") for m in rows(threat.get("metadata"))]
    stride = next((m.get("value") for m in tags if m.get("key") == "STRIDE"), "")
    letters = "".join(str(one)[:1] for one in stride) if isinstance(stride, list) else str(stride)
    return {"id": f"TC-{identifier(str(number))}", "element": element, "fact": "described",
            "title": statement, "stride": letters, "by": "person:threat-composer"}  # fmt: skip
