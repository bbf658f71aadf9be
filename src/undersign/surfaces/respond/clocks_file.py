"""`clocks.json`: the deadlines of an incident as a file that can be signed, read and written."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from undersign.records.clock import Clocks, Deadline
from undersign.surfaces.respond.json_fields import Fields, Wrong, rfc3339

FORMAT = "undersign/clocks/1"
_TEXTS = tuple(f.name for f in fields(Deadline) if f.type == "str")


def is_clocks(text: str) -> bool:
    """Tell by a look at its beginning whether a text is a file of clocks."""
    return f'"{FORMAT}"' in text[:200]


def write(clocks: Clocks) -> str:
    """Return the file's text: indented JSON, ASCII only."""
    body = {
        "format": FORMAT,
        "incident": clocks.incident,
        "timeline_sha256": clocks.timeline_digest,
        "zone": clocks.zone,
        "country": clocks.country,
        "anchors": [list(pair) for pair in clocks.anchors],
        "deadlines": [_out(one) for one in clocks.deadlines],
    }
    return json.dumps(body, indent=1) + "\n"


def read(text: str) -> Clocks:
    """Read a file of clocks; what cannot be read is among its problems, and nothing is raised."""
    try:
        said = Fields(json.loads(text), "")
        if said.text("format") != FORMAT:
            raise Wrong(f"format must be {FORMAT!r}")
        return Clocks(
            incident=said.text("incident"),
            timeline_digest=said.text("timeline_sha256"),
            zone=said.text("zone", "UTC"),
            country=said.text("country", ""),
            anchors=said.pairs("anchors"),
            deadlines=tuple(_deadline(one) for one in said.each("deadlines")),
        )
    except Wrong as error:
        return Clocks("", problems=(str(error),))
    except (ValueError, RecursionError) as error:
        return Clocks("", problems=(f"no JSON: {error}",))


def _out(one: Deadline) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(one, name) for name in _TEXTS}
    found["anchored_at"] = rfc3339(one.anchored_at) if one.anchored_at else None
    found["due"] = rfc3339(one.due) if one.due else None
    found["enabled"] = one.enabled
    return found


def _deadline(said: Fields) -> Deadline:
    return Deadline(
        **{name: said.text(name, "") for name in _TEXTS},
        anchored_at=said.maybe_time("anchored_at"),
        due=said.maybe_time("due"),
        enabled=said.truth("enabled", True),
    )
