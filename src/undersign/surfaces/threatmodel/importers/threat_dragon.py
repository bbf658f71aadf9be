"""OWASP Threat Dragon 2: the cells of its diagrams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.catalogs.threat_rules import load
from undersign.surfaces.threatmodel.importers.imported import Imported, mapping, of_json, rows
from undersign.surfaces.threatmodel.importers.otm import kind_of

_KINDS = {"actor": "person", "process": "process", "store": "store"}


def read(text: str) -> Imported:
    """Read a model; a boundary box holds the cells that lie in it."""
    data = mapping(of_json(text), "a Threat Dragon model")
    summary = mapping(data.get("summary") or {}, "summary")
    made = Imported(str(summary.get("title") or "Model"))
    detail = mapping(data.get("detail") or data, "detail")
    for raw in rows(detail.get("diagrams")):
        cells = [mapping(c, "a cell") for c in rows(mapping(raw, "a diagram").get("cells"))]
        _diagram(made, cells)
    return made


def _diagram(made: Imported, cells: list[Mapping[str, Any]]) -> None:
    boxes = [c for c in cells if c.get("shape") == "trust-boundary-box"]
    places = {str(c.get("id")): made.boundary(str(c.get("id")), _name(c)) for c in boxes}
    parts: dict[str, str] = {}
    for cell in cells:
        if cell.get("shape") in _KINDS:
            inside = next((places[str(b.get("id"))] for b in boxes if _holds(b, cell)), None)
            facts = _facts(mapping(cell.get("data") or {}, "data"))
            parts[str(cell.get("id"))] = made.component(
                str(cell.get("id")),
                _name(cell),
                _kind(cell),
                boundary=inside,
                **facts,
            )
    for cell in cells:
        if cell.get("shape") != "flow":
            continue
        ends = [
            parts.get(str(mapping(cell.get(e) or {}, e).get("cell"))) for e in ("source", "target")
        ]
        if ends[0] is None or ends[1] is None:
            made.notes.append(f"flow {_name(cell)} ends nowhere")
            continue
        stated = mapping(cell.get("data") or {}, "data")
        encrypted = stated.get("isEncrypted")
        made.flow(ends[0], ends[1], name=_name(cell) or None,
                  encrypted=encrypted if isinstance(encrypted, bool) else None)  # fmt: skip


def _kind(cell: Mapping[str, Any]) -> str:
    """Return what a cell is by its name, as far as its shape allows that."""
    shape = _KINDS[str(cell["shape"])]
    named = kind_of(_name(cell))
    of = load().kinds
    same = of[named] == of[shape] or (shape == "process" and of[named] == "ai")
    return named if shape != "person" and same else shape


def _name(cell: Mapping[str, Any]) -> str:
    stated = mapping(cell.get("data") or {}, "data")
    return str(stated.get("name") or "")


def _facts(stated: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(stated.get("isEncrypted"), bool):
        found["encrypted_at_rest"] = stated["isEncrypted"]
    if stated.get("isALog") is True:
        found["append_only"] = None
    if isinstance(stated.get("storesCredentials"), bool):
        found["holds_secrets"] = stated["storesCredentials"]
    return {key: value for key, value in found.items() if value is not None}


def _holds(box: Mapping[str, Any], cell: Mapping[str, Any]) -> bool:
    place, size = (mapping(box.get(k) or {}, k) for k in ("position", "size"))
    at = mapping(cell.get("position") or {}, "position")
    left, top = float(place.get("x", 0)), float(place.get("y", 0))
    wide, tall = float(size.get("width", 0)), float(size.get("height", 0))
    x, y = float(at.get("x", -1)), float(at.get("y", -1))
    return left <= x <= left + wide and top <= y <= top + tall
