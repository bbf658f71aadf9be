"""From any record to an event under canonical names: which log source, which fields, when.

Keep one `Shaper` for a whole file; `shape` and `shape_dict` keep one per set of log sources.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from undersign.catalogs.log_sources import LogSources
from undersign.errors import BadInput
from undersign.records.event import Event, Record, Reject
from undersign.telemetry.shape.layout import Unshapeable
from undersign.telemetry.shape.shaper import GENERIC, Shaper, shape_record
from undersign.telemetry.shape.values import as_json

__all__ = ["GENERIC", "Shaper", "Unshapeable", "shape", "shape_dict", "shape_record"]

_KEPT = 8
_shapers: dict[tuple[int, str | None, str | None], tuple[LogSources, Shaper]] = {}


def _shaper(sources: LogSources, assumed: str | None, time_zone: str | None) -> Shaper:
    """Return the shaper kept for these arguments.

    Raises:
        BadInput: No log source has the assumed name.
    """
    key = (id(sources), assumed, time_zone)
    kept = _shapers.get(key)
    if kept is None:
        if len(_shapers) >= _KEPT:
            _shapers.clear()
        try:
            # The sources are held beside their shaper, so that their id is not given out again.
            kept = _shapers[key] = (sources, Shaper(sources, assumed, time_zone))
        except ValueError as error:
            known = ", ".join(sorted(s.name for s in sources.sources))
            raise BadInput(str(error), hint=f"known: {known}") from error
    return kept[1]


def shape(
    record: Record,
    sources: LogSources,
    assumed: str | None = None,
    *,
    time_zone: str | None = None,
    path: str = "",
) -> Event | Reject:
    """Shape one record; what cannot be kept becomes a Reject located by `path` and its line.

    `assumed` names the log source instead of recognising it; `time_zone` (IANA) is for times
    written without a zone, instead of the source's own.

    Raises:
        BadInput: No log source has the assumed name.
    """
    return shape_record(_shaper(sources, assumed, time_zone), record, path)


def shape_dict(data: Mapping[str, Any], sources: LogSources, assumed: str | None = None) -> Event:
    """Shape one event that a person or a test wrote; its raw text is its compact JSON.

    Raises:
        BadInput: It cannot be kept as an event, or no log source has the assumed name.
    """
    try:
        raw = as_json(data)
        # Read back, because YAML hands out dates and numbers as keys where JSON has texts.
        return _shaper(sources, assumed, None).shape(json.loads(raw), 1, raw)
    except Unshapeable as error:
        raise BadInput(f"not an event: {error}") from error
    except RecursionError:
        raise BadInput("not an event: nested too deep") from None
