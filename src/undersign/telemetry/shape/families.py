"""Families of log sources: how to tell one from a record's keys, and how to flatten it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from undersign.telemetry.shape import auditd, windows
from undersign.telemetry.shape.flatten import flatten

Unfold = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""Record -> flat names, or None when it is not of the family after all."""


@dataclass(frozen=True, slots=True)
class Family:
    """One way of writing records."""

    name: str
    way: Callable[[tuple[str, ...]], Unfold | None]
    """Top-level keys -> how to flatten such a record; None when it cannot be one.

    Looking at keys alone lets the answer be kept for all records with the same keys.
    """


def _cloudtrail_way(keys: tuple[str, ...]) -> Unfold | None:
    if "CloudTrailEvent" in keys:
        return _looked_up
    return _cloudtrail if {"eventsource", "eventname"} <= {k.lower() for k in keys} else None


def _looked_up(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Read the record that the LookupEvents API hands out as text."""
    try:
        event = orjson.loads(data["CloudTrailEvent"])
    except orjson.JSONDecodeError:
        return None
    return _cloudtrail(event) if isinstance(event, dict) else None


def _cloudtrail(data: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten; request and response are also kept whole, because rules search their text."""
    flat = dict(flatten(data))
    for name in ("requestParameters", "responseElements"):
        inner = data.get(name)
        if isinstance(inner, dict):
            flat[name] = orjson.dumps(inner).decode()
    return flat


def _zeek_way(keys: tuple[str, ...]) -> Unfold | None:
    names = set(keys)
    plain = "ts" in names and names & {"uid", "fuid", "id", "id.orig_h", "note", "fingerprint"}
    return flatten if "_path" in names or plain else None


_ENTRA = {"createddatetime", "userprincipalname", "activitydatetime", "activitydisplayname"}
_ENTRA |= {"operationname", "operationnamevalue", "resulttype"}
_ENTRA_OBJECTS = {"devicedetail", "locationdetails", "status", "initiatedby", "mfadetail"}
_ENTRA_OBJECTS |= {"properties", "authorization", "claims"}


def _entra_way(keys: tuple[str, ...]) -> Unfold | None:
    names = {k.lower() for k in keys}
    return _entra if "properties" in names or names & _ENTRA else None


def _entra(data: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten; `properties` are the record's own fields, and objects written as text are read."""
    opened = {k: _opened(k, v) for k, v in data.items()}
    inner = opened.pop("properties", None)
    if isinstance(inner, dict):
        own = {k.lower() for k in opened}
        extra = {k: _opened(k, v) for k, v in inner.items() if k.lower() not in own}
        opened |= extra
    elif inner is not None:
        opened["properties"] = inner
    return dict(flatten(opened))


def _opened(name: str, value: Any) -> Any:
    """Read an object that Log Analytics exported as JSON text; diagnostic localised texts too."""
    if isinstance(value, dict) and value.keys() == {"value", "localizedValue"}:
        return value["value"]
    if isinstance(value, str) and value[:1] == "{" and name.lower() in _ENTRA_OBJECTS:
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _flat_way(keys: tuple[str, ...]) -> Unfold | None:
    return flatten


FAMILIES = (
    Family("windows", windows.way),
    Family("cloudtrail", _cloudtrail_way),
    Family("zeek", _zeek_way),
    Family("auditd", auditd.way),
    Family("entra", _entra_way),
    Family("flat", _flat_way),
)
"""Asked in this order."""
