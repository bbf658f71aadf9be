"""Open Threat Model 0.2.0, JSON or YAML: iriusrisk/OpenThreatModel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.surfaces.threatmodel.exporters.otm import OUTSIDE
from undersign.surfaces.threatmodel.importers.imported import Imported, Item, mapping, of_yaml, rows

_SIMPLE = (str, bool, int, float, list, type(None))
_KINDS = (
    ("audit log", "store.log"), ("log storage", "store.log"), ("credential", "store.secret"),
    ("secret", "store.secret"), ("kms", "store.secret"), ("database", "store.sql"),
    ("sql", "store.sql"), ("mongo", "store.document"), ("bucket", "store.object"),
    ("file", "store.file"), ("storage", "store"), ("queue", "store.queue"),
    ("cache", "store.cache"), ("balancer", "web.proxy"), ("proxy", "web.proxy"),
    ("gateway", "web.proxy"), ("cluster", "k8s.cluster"), ("statefulset", "k8s.workload"),
    ("deployment", "k8s.workload"), ("container", "container"), ("auth", "identity.provider"),
    ("identity", "identity.provider"), ("browser", "web.client"), ("web-client", "web.client"),
    ("mobile", "mobile.app"), ("front-end", "web.app"), ("website", "web.app"), ("api", "web.api"),
    ("web", "web.app"), ("lambda", "cloud.function"), ("function", "cloud.function"),
    ("user", "person"), ("actor", "person"), ("external", "external"), ("store", "store"),
)  # fmt: skip


def read(text: str) -> Imported:
    """Read a model; kinds and facts that we wrote come back as they were."""
    data = mapping(of_yaml(text), "an OTM model")
    made = Imported(str(mapping(data.get("project") or {}, "project").get("name") or ""))
    zones: dict[str, str] = {}
    for raw in rows(data.get("trustZones")):
        zone = mapping(raw, "a trust zone")
        if zone.get("id") != OUTSIDE:
            facts = _facts(zone)
            zones[str(zone.get("id"))] = made.boundary(
                str(zone.get("id")), str(zone.get("name")), **facts
            )
    parts: dict[str, str] = {}
    for raw in rows(data.get("components")):
        part = mapping(raw, "a component")
        parts[str(part.get("id"))] = made.component(
            str(part.get("id")), str(part.get("name")), kind_of(str(part.get("type") or "process")),
            boundary=_zone(part, zones, data), **_facts(part),
        )  # fmt: skip
    for raw in rows(data.get("dataflows")):
        _flow(made, mapping(raw, "a data flow"), parts)
    for raw in rows(data.get("assets")):
        asset = mapping(raw, "an asset")
        key = str(asset.get("id"))
        made.assets[key] = {"id": key, "name": str(asset.get("name")), **_facts(asset)}
    count = len(rows(data.get("threats")))
    made.notes.append(f"{count} threats: they come from the rules, or are written by people")
    return made


def _facts(item: Mapping[str, Any]) -> Item:
    stated = mapping(item.get("attributes") or {}, "attributes")
    kept = {str(key): value for key, value in stated.items() if isinstance(value, _SIMPLE)}
    return {key: "unknown" if value is None else value for key, value in kept.items()}


def kind_of(written: str) -> str:
    """Return our kind for a type of somebody else; a running program when nothing tells."""
    from undersign.catalogs.threat_rules import load

    if written in load().kinds:
        return written
    return next((kind for part, kind in _KINDS if part in written.lower()), "process")


def _zone(part: Mapping[str, Any], zones: Mapping[str, str], data: Mapping[str, Any]) -> str | None:
    """Return the zone a component lies in, through the components that hold it."""
    parents = {str(mapping(p, "a component").get("id")): mapping(p, "a component").get("parent")
               for p in rows(data.get("components"))}  # fmt: skip
    parent: Any = part.get("parent")
    for _ in range(50):
        stated = mapping(parent or {}, "parent")
        if "trustZone" in stated:
            return zones.get(str(stated["trustZone"]))
        parent = parents.get(str(stated.get("component")))
    return None


def _flow(made: Imported, flow: Mapping[str, Any], parts: Mapping[str, str]) -> None:
    source, target = parts.get(str(flow.get("source"))), parts.get(str(flow.get("destination")))
    if source is None or target is None:
        made.notes.append(f"flow {flow.get('name')}: one of its ends is not there")
        return
    name = str(flow.get("name") or "")
    written = None if name == f"{source}->{target}" else name
    made.flow(source, target, name=written, **_facts(flow))
    if flow.get("bidirectional"):
        made.flow(target, source, **_facts(flow))
