"""One test against one value, the value read as text; None where it cannot be told.

The slow way, for a single event: the columnar matcher has its own. Semantics as in `tree`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from undersign.languages.sigma.tree import (
    Boolean,
    Cidr,
    Compare,
    Number,
    Pattern,
    Place,
    Regex,
    Test,
    Text,
    TimePart,
)
from undersign.languages.sigma.wildcard import fits

MAX_BACKTRACKING_VALUE = 4_096
"""Characters a regular expression beyond RE2 is tried on: such ones may take time without end."""
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def value_text(value: object) -> str:
    """Return a value of an event as the text it is compared as: `true`, `4`, `0.5`."""
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, ".15g") if isinstance(value, float) else str(value)


def passes(test: Test, text: str) -> bool | None:
    """Tell whether a value passes a test of values; None when it cannot be told.

    Raises TypeError for tests that look at whole fields: Null, Exists, FieldRef, Unsupported.
    """
    match test:
        case Text():
            return stands(test.value, text, test.place, cased=test.cased)
        case Pattern():
            return _fits(test, text)
        case Regex():
            return searched(test, text)
        case Number() | Compare():
            return _measured(test, text)
        case Boolean():
            return text.lower() == value_text(test.value)
        case Cidr():
            return _inside(test.network, text)
        case TimePart():
            return time_part(text, test.part) == test.value
        case _:
            raise TypeError(f"{type(test).__name__} is no test of a value")


def stands(literal: str, text: str, place: Place, *, cased: bool) -> bool:
    """Tell whether a literal stands at its place in a text."""
    if not cased:
        literal, text = literal.lower(), text.lower()
    match place:
        case Place.EQUALS:
            return literal == text
        case Place.CONTAINS:
            return literal in text
        case Place.STARTSWITH:
            return text.startswith(literal)
        case Place.ENDSWITH:
            return text.endswith(literal)


def decimal(text: str) -> float | None:
    """Read a decimal number; None for words, hex and blanks."""
    return float(text) if _DECIMAL.fullmatch(text) else None


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an IP address; None when the text is none."""
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def time_part(text: str, part: str) -> int | None:
    """Return a part of an ISO 8601 time, as written in its own zone; None when it is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.isocalendar().week if part == "week" else int(getattr(moment, part))


def searched(test: Regex, text: str) -> bool | None:
    """Search a regular expression; None when the value is too long for one that may explode."""
    search, linear = _compiled(test)
    if not linear and len(text) > MAX_BACKTRACKING_VALUE:
        return None
    # A lone surrogate has no UTF-8, which RE2 works on.
    return search(text.encode("utf-8", "replace").decode())


def _fits(test: Pattern, text: str) -> bool:
    if test.cased:
        return fits(test.parts, text)
    return fits([part and part.lower() for part in test.parts], text.lower())


def _measured(test: Number | Compare, text: str) -> bool:
    number = decimal(text)
    if number is None:
        return False
    if isinstance(test, Number):
        return number == float(test.value)
    return _OPERATORS[test.operator](number, float(test.value))


def _inside(network: str, text: str) -> bool:
    found = address(text)
    return found is not None and found in ipaddress.ip_network(network, strict=False)


@lru_cache(maxsize=1_024)
def _compiled(test: Regex) -> tuple[Callable[[str], bool], bool]:
    """Return a search and whether its time is linear in the value: RE2, or else Python's `re`."""
    import re2

    flags = "i" * test.ignore_case + "m" * test.multiline + "s" * test.dotall
    pattern = f"(?{flags}){test.pattern}" if flags else test.pattern
    options = re2.Options()
    options.log_errors = False
    try:
        found, linear = re2.compile(pattern, options), True
    except re2.error:
        found, linear = re.compile(pattern), False
    return (lambda text: found.search(text) is not None), linear
