"""Structured formats, the most specific first: `formats.toml` says which fields tell what."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from undersign.telemetry.logbook.batch import LogFormat
from undersign.telemetry.logbook.structured import outcomes
from undersign.telemetry.logbook.structured.shape import Record, Shape, value_at


def _of_lookup(record: Record) -> Record:
    """Return the event inside a record of `aws cloudtrail lookup-events`."""
    inner = record.get("CloudTrailEvent")
    if not isinstance(inner, str):
        return record
    import orjson

    try:
        found = orjson.loads(inner)
    except orjson.JSONDecodeError:
        return record
    return found if isinstance(found, Mapping) else record


def _of_windows(record: Record) -> Record:
    """Return a Windows event flat: System and EventData of an EVTX record beside each other."""
    event = record.get("Event", record)
    if not isinstance(event, Mapping) or not isinstance(event.get("System"), Mapping):
        return record
    system = event["System"]
    flat: dict[str, Any] = {key: _bare(value) for key, value in system.items()}
    created = value_at(system, "TimeCreated.#attributes.SystemTime")
    if created is not None:
        flat["TimeCreated"] = created
    provider = value_at(system, "Provider.#attributes.Name")
    if provider is not None:
        flat["Provider"] = provider
    data = event.get("EventData")
    if isinstance(data, Mapping):
        flat |= {key: value for key, value in data.items() if key != "#attributes"}
    user = event.get("UserData")
    if isinstance(user, Mapping):
        for inner in user.values():
            if isinstance(inner, Mapping):
                flat |= {k: v for k, v in inner.items() if k != "#attributes"}
    return flat


def _bare(value: object) -> object:
    return value.get("#text", value) if isinstance(value, Mapping) else value


_WAYS: Mapping[str, Callable[..., Callable[[Record], str]]] = {
    "words": outcomes.by_words,
    "absence": outcomes.by_absence,
    "code": outcomes.by_code,
    "status": outcomes.by_status,
    "never": lambda: outcomes.never,
    "cloudtrail": lambda: outcomes.of_cloudtrail,
    "windows": lambda: outcomes.of_windows,
}
_UNWRAPPED: Mapping[str, Callable[[Record], Record]] = {
    "cloudtrail": _of_lookup,
    "windows": _of_windows,
}


def _shape(body: Mapping[str, Any]) -> Shape:
    outcome = body["outcome"]
    return Shape(
        name=body["name"],
        specificity=body["specificity"],
        needs=tuple(map(tuple, body["needs"])),
        times=tuple(body["times"]),
        message=tuple(body["message"]),
        roles={role: tuple(paths) for role, paths in body["roles"].items()},
        outcome=_WAYS[outcome["way"]](*outcome.get("paths", ())),
        unwrap=_UNWRAPPED.get(body.get("unwrap", "")),
        utc=body.get("utc", False),
    )


_TEXT = files("undersign.telemetry.logbook.structured").joinpath("formats.toml").read_text("utf-8")
SHAPES: tuple[Shape, ...] = tuple(_shape(one) for one in tomllib.loads(_TEXT)["formats"])
STRUCTURED_FORMATS: tuple[LogFormat, ...] = tuple(shape.log_format() for shape in SHAPES)
