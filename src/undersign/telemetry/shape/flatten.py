"""Nested JSON to one level, names joined with dots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 64
MAX_FIELDS = 4096


class TooLarge(ValueError):
    """A record with more nesting or fields than anyone can look at; the message is the reason."""


def flatten(data: Mapping[str, Any], prefix: str = "") -> Mapping[str, Any]:
    """Join nested objects' names with dots; lists and scalars stay as they are.

    A record that is flat already is handed back itself, nulls and all.

    Raises:
        TooLarge: More than MAX_DEPTH levels or MAX_FIELDS fields.
    """
    if not prefix and len(data) <= MAX_FIELDS and is_flat(data):
        return data
    flat: dict[str, Any] = {}
    _into(flat, data, prefix, 1)
    return flat


def is_flat(data: Mapping[str, Any]) -> bool:
    """Tell whether no value is an object."""
    return dict not in map(type, data.values())


def _into(flat: dict[str, Any], data: Mapping[str, Any], prefix: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise TooLarge(f"nested deeper than {MAX_DEPTH}")
    for key, value in data.items():
        name = f"{prefix}{key}" if prefix else key
        if isinstance(value, dict):
            _into(flat, value, f"{name}.", depth + 1)
        elif value is not None:
            flat[name if name not in flat else free_name(flat, name)] = value
    if len(flat) > MAX_FIELDS:
        raise TooLarge(f"more than {MAX_FIELDS} fields")


def put(flat: dict[str, Any], name: str, value: Any) -> None:
    """Add a field; a name that is taken gets `_2`, `_3` ... so that nothing is lost."""
    flat[free_name(flat, name)] = value


def free_name(taken: Mapping[str, Any], name: str) -> str:
    """Return `name`, or with the first `_2`, `_3` ... that is not taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
