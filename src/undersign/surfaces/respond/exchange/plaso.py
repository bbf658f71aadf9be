"""A timeline as JSON lines like those of plaso's psort (`-o json_line`).

Field names: plaso's event and event data attributes, log2timeline.readthedocs.io.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from undersign.records.timeline import Timeline
from undersign.surfaces.respond.exchange.timesketch import timesketch_jsonl

_NAMES = {"host": "hostname", "actor": "username", "file": "filename", "event": "event_identifier",
          "hash": "sha256_hash"}  # fmt: skip


def plaso_jsonl(timeline: Timeline) -> str:
    """Return one event a line; `timestamp` is in microseconds since 1970, UTC."""
    lines = timesketch_jsonl(timeline).splitlines()
    return "".join(json.dumps(_event(json.loads(line))) + "\n" for line in lines)


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    named = {_NAMES.get(key, key): value for key, value in row.items() if key != "tag"}
    return {
        "__container_type__": "event",
        "__type__": "AttributeContainer",
        "data_type": "undersign:timeline:entry",
        "parser": "undersign",
        **named,
    }
