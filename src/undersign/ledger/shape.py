"""A strict look at decoded JSON: exactly these keys, exactly these types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from undersign.ledger.canonical import read_rfc3339


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of several shapes; a plain text or None stands for itself."""

    options: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """A text that a regular expression matches as a whole."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Time:
    """A text that is an RFC 3339 time in UTC, to the second."""


Shape: TypeAlias = Any
"""A type, a text or None that stands for itself, `OneOf`, `Matching`, `Time`, `[shape]` for a list
of any length, or `{key: shape}` for an object with exactly these keys."""

HEX_DIGEST = Matching(r"[0-9a-f]{64}")


def expect(value: object, shape: Shape, where: str) -> None:
    """Raise ValueError, naming the place, unless the value has the shape."""
    reason = _mismatch(value, shape, where)
    if reason:
        raise ValueError(reason)


def _mismatch(value: object, shape: Shape, where: str) -> str | None:
    if isinstance(shape, OneOf):
        reasons = [_mismatch(value, option, where) for option in shape.options]
        return None if None in reasons else reasons[-1]
    if isinstance(shape, dict):
        return _object_mismatch(value, shape, where)
    if isinstance(shape, list):
        return _list_mismatch(value, shape[0], where)
    return None if _fits(value, shape) else f"{where} is not as it should be"


def _object_mismatch(value: object, shape: Mapping[str, Shape], where: str) -> str | None:
    if not isinstance(value, dict) or value.keys() != shape.keys():
        return f"{where} is not an object with the keys {', '.join(shape)}"
    reasons = (_mismatch(value[key], inner, f"{where}.{key}") for key, inner in shape.items())
    return next(filter(None, reasons), None)


def _list_mismatch(value: object, shape: Shape, where: str) -> str | None:
    if not isinstance(value, list):
        return f"{where} is not a list"
    reasons = (_mismatch(item, shape, f"{where}[{n}]") for n, item in enumerate(value))
    return next(filter(None, reasons), None)


def _fits(value: object, shape: Shape) -> bool:
    if isinstance(shape, Matching):
        return isinstance(value, str) and re.fullmatch(shape.pattern, value) is not None
    if isinstance(shape, Time):
        return isinstance(value, str) and _is_time(value)
    if isinstance(shape, type):
        # In Python a boolean is an integer; in JSON it is not.
        return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    return bool(value == shape) and type(value) is type(shape)


def _is_time(text: str) -> bool:
    try:
        read_rfc3339(text)
    except ValueError:
        return False
    return True
