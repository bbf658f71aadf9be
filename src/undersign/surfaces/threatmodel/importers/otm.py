"""Open Threat Model 0.2.0, JSON or YAML: iriusrisk/OpenThreatModel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from undersign.surfaces.threatmodel.exporters.otm import OUTSIDE
from undersign.surfaces.threatmodel.importers.imported import Imported, Item, mapping, of_yaml, rows

_SIMPLE = (str, bool, int, float, list, type(None))
_KINDS = tuple((re.compile(pattern), kind) for pattern, kind in (
    (r"\baudit (?:log|trail|device)|log storage", "store.log"),
    (r"credential|secret|kms|key store", "store.secret"),
    (r"training data|data ?set", "ai.dataset"), (r"model registry", "ai.model_registry"),
    (r"vector|embedding", "ai.rag_store"), (r"\b(?:re)?training\b", "ai.training_pipeline"),
    (r"\bllm|language model|\bml model|learning model|\binference|neural", "ai.model"),
    (r"classifier", "ai.classifier"), (r"\bmcp\b", "ai.mcp_server"),
    (r"mongo|document database", "store.document"), (r"database|sql", "store.sql"),
    (r"bucket|object storage", "store.object"), (r"backup", "store.backup"),
    (r"queue|message broker", "store.queue"), (r"cache", "store.cache"),
    (r"hypervisor|\bvmm\b", "host.hypervisor"), (r"virtual machine|\bvm\b|\bhost\b", "host"),
    (r"\bfiles?\b", "store.file"), (r"storage", "store"),
    (r"balancer|proxy|gateway|firewall", "web.proxy"), (r"cluster", "k8s.cluster"),
    (r"statefulset|deployment|\bpods?\b", "k8s.workload"), (r"container", "container"),
    (r"source code|git repo|repository", "ci.repository"), (r"registry", "ci.registry"),
    (r"\bbuild\b|\bci\b|pipeline|runner", "ci.runner"),
    (r"auth|identity|\bsso\b", "identity.provider"), (r"browser|web-client", "web.client"),
    (r"mobile|android|\bios\b", "mobile.app"), (r"front-?end|website", "web.app"),
    (r"\bapi", "web.api"), (r"web", "web.app"), (r"lambda|function", "cloud.function"),
    (r"sensor|\biot\b|\bdevice", "device"), (r"user|actor", "person"),
    (r"external", "external"), (r"store", "store"),
))  # fmt: skip
"""What a name or a type says, the most telling first."""


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
    lowered = written.lower()
    return next((kind for pattern, kind in _KINDS if pattern.search(lowered)), "process")


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
