"""What a tool call says: its strings and other values, each with the field it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from undersign.policy.tokens import PREFIX

SMALL = 1 << 24
"""Whole numbers below it are counts; from here on a number can be an address or a card."""


def scalars(value: Any, key: str = "") -> Iterator[tuple[str, str | int | float | bool]]:
    """Yield every string, number and truth value of a call with its field: `to`, `message.body`.

    The names of fields that are no plain words, or hold a token, are yielded as strings too. In
    whichever order the fields of one object stand, it is yielded in the same.
    """
    if isinstance(value, str | int | float):
        yield key, value
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item, key)
    elif isinstance(value, dict):
        for name, item in sorted(value.items()):
            if not re.fullmatch(r"\w+", name) or PREFIX in name:
                yield key, name
            yield from scalars(item, f"{key}.{name}" if key else name)


def leaves(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every string with its field; numbers that can be an address as strings too."""
    for key, item in scalars(value):
        if isinstance(item, str):
            yield key, item
        elif not quiet(item):
            yield key, str(item)


def texts(value: Any) -> Iterator[str]:
    """Yield every string of a call, without its field."""
    return (text for _, text in leaves(value))


def quiet(item: Any) -> bool:
    """Whether a value can name nothing: none, empty, a truth value or a count."""
    if isinstance(item, int | float):
        return abs(item) < SMALL
    return item is None or item in ("", [], {})
