"""The OWASP threat-model library: components, flows and boundaries as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.surfaces.threatmodel.importers.imported import Imported, mapping, of_json, rows
from undersign.surfaces.threatmodel.importers.otm import kind_of


def read(text: str) -> Imported:
    """Read a model of the library."""
    data = mapping(of_json(text), "a model of the library")
    made = Imported(
        str(mapping(data.get("scope") or {}, "scope").get("title") or data.get("title") or "Model")
    )
    zones = {}
    for raw in rows(data.get("trust_zones")):
        zone = mapping(raw, "a trust zone")
        zones[_id(zone)] = made.boundary(_id(zone), _name(zone))
    parts: dict[str, str] = {}
    for raw in rows(data.get("actors")):
        actor = mapping(raw, "an actor")
        place = zones.get(str(actor.get("trust_zone")))
        parts[_id(actor)] = made.component(_id(actor), _name(actor), "person", boundary=place)
    for section, default in (("components", "process"), ("data_stores", "store")):
        for raw in rows(data.get(section)):
            part = mapping(raw, "a component")
            kind = kind_of(f"{part.get('type') or ''} {_name(part)} {default}")
            if default == "store" and not kind.startswith("store"):
                kind = "store"
            parts[_id(part)] = made.component(
                _id(part), _name(part), kind,
                boundary=zones.get(str(part.get("trust_zone"))),
            )  # fmt: skip
    for raw in rows(data.get("data_flows")):
        _flow(made, mapping(raw, "a data flow"), parts)
    made.notes.append(f"{len(rows(data.get('threats')))} threats: compare them with the rules' own")
    return made


def _id(item: Mapping[str, Any]) -> str:
    return str(item.get("symbolic_name") or item.get("id") or item.get("title") or "unnamed")


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("title") or item.get("name") or _id(item))


def _flow(made: Imported, flow: Mapping[str, Any], parts: Mapping[str, str]) -> None:
    ends = []
    for key in ("source", "destination"):
        end = flow.get(key)
        named = mapping(end, "an end").get("object") if isinstance(end, Mapping) else end
        ends.append(parts.get(str(named)))
    if ends[0] is None or ends[1] is None:
        made.notes.append(f"flow {_name(flow)}: one of its ends is not there")
        return
    encrypted = flow.get("encrypted")
    made.flow(ends[0], ends[1], name=_name(flow),
              encrypted=encrypted if isinstance(encrypted, bool) else None)  # fmt: skip
