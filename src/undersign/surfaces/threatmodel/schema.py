"""The JSON Schema of a description, for editors: kinds, facts and controls with what rules ask."""

from __future__ import annotations

from typing import Any

from undersign.catalogs.threat_rules import Rules
from undersign.surfaces.threatmodel.analysis import controls, known_facts
from undersign.surfaces.threatmodel.description import FORMAT
from undersign.surfaces.threatmodel.rows import NEEDED, STATUSES

_TEXT = {"type": "string"}
_ID = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._>-]{0,119}$"}
_DAY = {"type": "string", "format": "date"}
_FACT = {"type": ["boolean", "string", "number", "null", "array", "object"]}


def schema(rules: Rules) -> dict[str, Any]:
    """Return the schema (2020-12). Facts that no rule knows are allowed; a check tells them."""
    helping = controls(rules)
    facts = {
        name: {**_FACT, "description": "a control: absent unless stated"}
        if name in helping
        else {**_FACT, "description": "a fact: unknown until stated"}
        for name in sorted(known_facts(rules))
    }
    own = {"id": _ID, "name": _TEXT}
    kinds = {"enum": list(rules.kinds)}
    flow = {"id": _ID, "name": _TEXT, "from": _ID, "to": _ID}
    component = {**facts, **own, "kind": kinds, "boundary": _ID}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The description of a system for a threat model",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            **dict.fromkeys(("name", "owner", "purpose", "drift_source"), _TEXT),
            "facts": {"type": "object", "properties": facts},
            "boundaries": _rows({**facts, **own}, ("id",)),
            "actors": _rows({**facts, **own, "boundary": _ID}, ("id",)),
            "components": _rows(component, ("id", "kind")),
            "flows": _rows({**facts, **flow}, ("from", "to")),
            "assets": _rows({**facts, **own}, ("id",)),
            "suppliers": _rows({**facts, **own}, ("id",)),
            "treatments": _rows(_treatment(), ("threat", "status"), more=False),
            "waivers": _rows(_waiver(), ("element", "what"), more=False),
            "threats": _rows(_threat(), ("id", "element", "fact", "title"), more=False),
            "drafted": _rows(_proposal(), ("id", "sort", "element"), more=False),
            "answers_due": {"type": "object", "additionalProperties": _DAY},
            "drift_base": {"type": "object", "additionalProperties": _TEXT},
            "observed_unlisted": {"type": "array", "items": _TEXT},
        },
    }


def _rows(fields: dict[str, Any], needed: tuple[str, ...], *, more: bool = True) -> dict[str, Any]:
    item = {"type": "object", "required": list(needed), "properties": fields}
    return {"type": "array", "items": item if more else {**item, "additionalProperties": False}}


def _treatment() -> dict[str, Any]:
    texts = dict.fromkeys(("owner", "reason", "evidence"), _TEXT)
    return {"threat": _TEXT, "status": {"enum": list(STATUSES)}, **texts, "expires": _DAY}


def _waiver() -> dict[str, Any]:
    what = {"enum": ["llm_top10", "atlas", "ai_rmf", "frontier_policy", "crossing"]}
    return {"element": _TEXT, "what": what, "owner": _TEXT, "reason": _TEXT, "expires": _DAY}


def _threat() -> dict[str, Any]:
    texts = dict.fromkeys(("id", "element", "fact", "title", "stride", "by", "judged_by"), _TEXT)
    return {**texts, "references": {"type": "array", "items": _TEXT}}


def _proposal() -> dict[str, Any]:
    ids = dict.fromkeys(("element", "from", "to", "boundary"), _ID)
    names = ("id", "name", "kind", "fact", "by", "document", "quote", "judged_by")
    return {"sort": {"enum": list(NEEDED)}, **dict.fromkeys(names, _TEXT), **ids, "value": _FACT}
