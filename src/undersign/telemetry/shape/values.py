"""Turn one raw value into what its declared type says, or say why it does not fit."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

import orjson

Scalar = str | int | float | bool
Value = Scalar | list[str]

ABSENT = ("", "-")
"""Texts that stand for no value in a field declared other than text."""
_LONG = re.compile(r"[+-]?\d{1,19}\Z", re.ASCII)
_DOUBLE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_WORDS = {"true": True, "1": True, "yes": True, "t": True}
_WORDS |= {"false": False, "0": False, "no": False, "f": False}


class Misfit(ValueError):
    """A value that does not fit its field; the message is the reason, one line."""


def as_json(value: object) -> str:
    """Write a value as compact JSON; whole numbers of any size, dates as RFC 3339."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        # Numbers beyond 64 bits, which orjson refuses.
        return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))


def as_text(value: Scalar) -> str:
    """Write a scalar canonically: `true`/`false`, numbers in shortest decimal form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return repr(value)


def free(value: object) -> Value | None:
    """Keep an undeclared value's own JSON meaning; lists become lists of texts, None is absent."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return as_list(value)
    return as_json(value)


def as_list(value: object) -> list[str]:
    """Return a list of texts: objects as compact JSON, nulls left out, a scalar as one element."""
    items = value if isinstance(value, list | tuple) else [value]
    return [_element(item) for item in items if item is not None]


def _element(item: object) -> str:
    if isinstance(item, str | bool | int | float):
        return as_text(item)
    return as_json(item)


def _string(value: object) -> Value | None:
    return free(value)


def _long(value: object) -> int | None:
    if isinstance(value, bool):
        raise Misfit("a boolean is no whole number")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        text = value.strip()
        if text in ABSENT:
            return None
        if not _LONG.match(text):
            raise Misfit("is no whole number")
        value = int(text)
    if not isinstance(value, int):
        raise Misfit("is no whole number")
    if not -(2**63) <= value < 2**63:
        raise Misfit("does not fit 64 bits")
    return value


def _double(value: object) -> float | None:
    if isinstance(value, str):
        text = value.strip()
        if text in ABSENT:
            return None
        if not _DOUBLE.match(text):
            raise Misfit("is no number")
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit("is no number")
    number = float(value)
    if not math.isfinite(number):
        raise Misfit("is no finite number")
    return number


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = as_text(value).strip().lower() if isinstance(value, str | int | float) else "?"
    if text in ABSENT:
        return None
    if text not in _WORDS:
        raise Misfit("is neither true nor false")
    return _WORDS[text]


CONVERT: dict[str, Callable[[object], Value | None]] = {
    "string": _string,
    "timestamp": _string,
    "long": _long,
    "double": _double,
    "boolean": _boolean,
    "list": as_list,
}
"""Declared type -> its converter; None means the field is absent, Misfit that it cannot be kept.

A `timestamp` keeps the text it came with: only the event's own time is read, by `times`."""
