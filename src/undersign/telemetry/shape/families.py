"""Families of log sources: how to tell one from a record's keys, and how to flatten it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from undersign.telemetry.shape import windows
from undersign.telemetry.shape.flatten import flatten


@dataclass(frozen=True, slots=True)
class Family:
    """One way of writing records."""

    name: str
    claims: Callable[[Iterable[str]], bool]
    """Top-level keys -> may it be one."""
    unfold: Callable[[Mapping[str, Any]], dict[str, Any] | None]
    """Record -> flat names, or None when it is not one after all."""


def _cloudtrail(keys: Iterable[str]) -> bool:
    return {"eventSource", "eventName"} <= set(keys)


def _zeek(keys: Iterable[str]) -> bool:
    names = set(keys)
    return "_path" in names or ("ts" in names and bool(names & {"uid", "fuid", "id.orig_h", "id"}))


def _auditd(keys: Iterable[str]) -> bool:
    return {"type", "timestamp", "serial"} <= set(keys)


_ENTRA = {"createddatetime", "userprincipalname", "resulttype", "operationname", "activitydatetime"}


def _entra(keys: Iterable[str]) -> bool:
    names = {k.lower() for k in keys}
    return "properties" in names or bool(names & _ENTRA)


def _unwrapped(data: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten; the `properties` of a diagnostic export are the record's own fields."""
    outer = {k: v for k, v in data.items() if k != "properties"}
    inner = data.get("properties")
    if not isinstance(inner, dict):
        return flatten(data)
    own = {k.lower() for k in inner}
    kept = {k: v for k, v in outer.items() if k.lower() not in own}
    return flatten({**inner, **kept})


FAMILIES = (
    Family("windows", windows.claims, windows.unfold),
    Family("cloudtrail", _cloudtrail, flatten),
    Family("zeek", _zeek, flatten),
    Family("auditd", _auditd, flatten),
    Family("entra", _entra, _unwrapped),
    Family("flat", lambda keys: True, flatten),
)
"""Asked in this order."""
