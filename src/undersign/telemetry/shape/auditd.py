"""Linux audit records: numbers and the names that enriched logs add, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from undersign.telemetry.shape.flatten import flatten


def way(keys: tuple[str, ...]) -> Callable[[Mapping[str, Any]], dict[str, Any]] | None:
    """Tell from the keys whether it can be an audit record."""
    return _named if {"type", "timestamp", "serial"} <= set(keys) else None


def _named(data: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten; `SYSCALL="openat"`, which names what `syscall=257` is, becomes `syscall_name`."""
    flat = dict(flatten(data))
    for name in [n for n in flat if n.isupper()]:
        value = flat.pop(name)
        flat.setdefault(f"{name.lower()}_name", value)
    return flat
