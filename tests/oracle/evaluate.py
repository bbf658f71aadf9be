"""A slow, obvious evaluator of Sigma rules: raw YAML values against one flat event.

Written from the Sigma specification 2 (condition, detection and modifier appendices) and sharing no
code with the package, so that the package can be held against it. It raises on what it does not
know, never guesses. Values are compared as in `undersign.languages.sigma.tree`: text without case,
absent is null or an empty list, any element of a list counts.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Event = Mapping[str, Any]
Check = Callable[[str], bool]

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_REGEX_FLAGS = {
    "i": re.IGNORECASE,
    "ignorecase": re.IGNORECASE,
    "m": re.MULTILINE,
    "multiline": re.MULTILINE,
    "s": re.DOTALL,
    "dotall": re.DOTALL,
}
_ENCODINGS = {
    "wide": lambda s: s.encode("utf-16-le"),
    "utf16le": lambda s: s.encode("utf-16-le"),
    "utf16be": lambda s: s.encode("utf-16-be"),
    "utf16": lambda s: b"\xff\xfe" + s.encode("utf-16-le"),
}
_TEXT_MODIFIERS = {"contains", "startswith", "endswith", "cased", "windash"}
_OPERATORS = ("lt", "lte", "gt", "gte")
_TIME_PARTS = ("minute", "hour", "day", "week", "month", "year")


class CannotTell(Exception):
    """The rule uses something this evaluator does not implement, or is no rule."""


def matches(rule: Mapping[str, Any], event: Event) -> bool:
    """Tell whether a rule, as `yaml.safe_load` gives it, matches an event."""
    detection = dict(rule["detection"])
    condition = detection.pop("condition")
    detection.pop("timeframe", None)
    conditions = condition if isinstance(condition, list) else [condition]
    if not conditions:
        raise CannotTell("no condition")
    return any(_condition(text, detection, event) for text in conditions)


# --- conditions -----------------------------------------------------------------------------


def _condition(text: str, detection: Mapping[str, Any], event: Event) -> bool:
    tokens = re.findall(r"[()]|[^\s()]+", text)
    value, rest = _or(tokens, detection, event)
    if rest:
        raise CannotTell(f"left over: {rest}")
    return value


def _or(tokens: list[str], detection: Mapping[str, Any], event: Event) -> tuple[bool, list[str]]:
    value, rest = _and(tokens, detection, event)
    while rest[:1] == ["or"]:
        right, rest = _and(rest[1:], detection, event)
        value = value or right
    return value, rest


def _and(tokens: list[str], detection: Mapping[str, Any], event: Event) -> tuple[bool, list[str]]:
    value, rest = _not(tokens, detection, event)
    while rest[:1] == ["and"]:
        right, rest = _not(rest[1:], detection, event)
        value = value and right
    return value, rest


def _not(tokens: list[str], detection: Mapping[str, Any], event: Event) -> tuple[bool, list[str]]:
    if not tokens:
        raise CannotTell("the condition ends too early")
    first, rest = tokens[0], tokens[1:]
    if first == "not":
        value, rest = _not(rest, detection, event)
        return not value, rest
    if first == "(":
        value, rest = _or(rest, detection, event)
        if rest[:1] != [")"]:
            raise CannotTell("a parenthesis is open")
        return value, rest[1:]
    if rest[:1] == ["of"]:
        return _of(first, rest[1], detection, event), rest[2:]
    if first not in detection:
        raise CannotTell(f"no selection {first!r}")
    return _selection(detection[first], event), rest


def _of(quantity: str, target: str, detection: Mapping[str, Any], event: Event) -> bool:
    pattern = "*" if target == "them" else target
    regex = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    names = [name for name in detection if re.fullmatch(regex, name, re.DOTALL)]
    if not pattern.startswith("_"):
        names = [name for name in names if not name.startswith("_")]
    if not names:
        raise CannotTell(f"nothing is called {target!r}")
    held = sum(_selection(detection[name], event) for name in names)
    if quantity == "all":
        return held == len(names)
    return held >= (1 if quantity == "any" else int(quantity))


# --- selections -----------------------------------------------------------------------------


def _selection(definition: Any, event: Event) -> bool:
    if isinstance(definition, Mapping):
        if not definition:
            raise CannotTell("an empty map")
        return all(_item(key, value, event) for key, value in definition.items())
    if isinstance(definition, list):
        if not definition:
            raise CannotTell("an empty list")
        return any(_selection(entry, event) for entry in definition)
    return _value(definition, "", [], event)


def _item(key: str, written: Any, event: Event) -> bool:
    field, *modifiers = key.split("|")
    values = written if isinstance(written, list) else [written]
    if not values:
        raise CannotTell("an empty list")
    if any(isinstance(value, list | dict) for value in values):
        raise CannotTell("nested values")
    wants_all, negated = "all" in modifiers, "neq" in modifiers
    rest = [modifier for modifier in modifiers if modifier not in ("all", "neq")]
    outcomes = [_value(value, field, rest, event) for value in values]
    outcome = all(outcomes) if wants_all else any(outcomes)
    return not outcome if negated else outcome


def _value(value: Any, field: str, modifiers: list[str], event: Event) -> bool:
    seen = _texts(field, event)
    if modifiers == ["exists"] and isinstance(value, bool) and field:
        return bool(seen) == value
    if modifiers[:1] == ["fieldref"]:
        return _field_reference(str(value), modifiers[1:], seen, event)
    if value is None:
        if modifiers or not field:
            raise CannotTell("null with a modifier or without a field")
        return not seen
    check = _check(value, modifiers, bool(field))
    return any(check(text) for text in seen)


def _texts(field: str, event: Event) -> list[str]:
    """Return what an event holds in a field, as text; in any field when the name is empty."""
    held = [value for name, value in event.items() if not field or name.lower() == field.lower()]
    flat = itertools.chain.from_iterable(v if isinstance(v, list) else [v] for v in held)
    return [_as_text(one) for one in flat if one is not None]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _field_reference(other: str, modifiers: list[str], seen: list[str], event: Event) -> bool:
    cased = "cased" in modifiers
    places = [modifier for modifier in modifiers if modifier != "cased"]
    if len(places) > 1 or not {"contains", "startswith", "endswith"}.issuperset(places):
        raise CannotTell(f"fieldref with {modifiers}")
    place = places[0] if places else "equals"
    pairs = itertools.product(seen, _texts(other, event))
    return any(
        {
            "equals": mine == theirs,
            "contains": theirs in mine,
            "startswith": mine.startswith(theirs),
            "endswith": mine.endswith(theirs),
        }[place]
        for mine, theirs in (p if cased else (p[0].lower(), p[1].lower()) for p in pairs)
    )


# --- one value ------------------------------------------------------------------------------


def _check(value: Any, modifiers: list[str], has_field: bool) -> Check:
    if not modifiers and has_field and isinstance(value, bool):
        return lambda text: text.lower() == ("true" if value else "false")
    if not modifiers and has_field and isinstance(value, int | float):
        return lambda text: _number(text) == float(value)
    if modifiers[:1] == ["re"]:
        return _regex(value, modifiers[1:])
    if len(modifiers) == 1 and modifiers[0] in (*_OPERATORS, *_TIME_PARTS, "cidr"):
        return _measured(value, modifiers[0])
    if isinstance(value, bool):
        raise CannotTell("a boolean as text")
    if isinstance(value, int | float) and modifiers:
        raise CannotTell("a number under a text modifier")
    if any(modifier.startswith("base64") for modifier in modifiers):
        return _base64(str(value), modifiers, has_field)
    if not _TEXT_MODIFIERS.issuperset(modifiers):
        raise CannotTell(f"modifiers {modifiers}")
    return _text(_wildcards(str(value)), modifiers, has_field)


def _measured(value: Any, modifier: str) -> Check:
    if modifier == "cidr":
        return lambda text: _inside(text, ipaddress.ip_network(value, strict=False))
    if modifier in _OPERATORS:
        return lambda text: _compare(modifier, _number(text), float(value))
    return lambda text: _time_part(text, modifier) == int(value)


def _regex(value: Any, flags: list[str]) -> Check:
    if not isinstance(value, str) or not set(_REGEX_FLAGS).issuperset(flags):
        raise CannotTell(f"a regex {value!r} with {flags}")
    bits = 0
    for flag in flags:
        bits |= _REGEX_FLAGS[flag]
    return lambda text: re.search(value, text, bits) is not None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _compare(operator: str, left: float | None, right: float) -> bool:
    if left is None:
        return False
    return {
        "lt": left < right,
        "lte": left <= right,
        "gt": left > right,
        "gte": left >= right,
    }[operator]


def _inside(text: str, network: Any) -> bool:
    try:
        return ipaddress.ip_address(text.strip()) in network
    except ValueError:
        return False


def _time_part(text: str, part: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.isocalendar().week if part == "week" else getattr(moment, part)


# --- text -----------------------------------------------------------------------------------


def _wildcards(written: str) -> list[tuple[str, str]]:
    r"""Read a Sigma text: [("any" | "one" | "char", character)], escapes `\*` `\?` `\\` undone."""
    found = []
    rest = written
    while rest:
        if rest[0] == "\\" and rest[1:2] in ("*", "?", "\\") and len(rest) > 1:
            found.append(("char", rest[1]))
            rest = rest[2:]
            continue
        kind = {"*": "any", "?": "one"}.get(rest[0], "char")
        found.append((kind, rest[0]))
        rest = rest[1:]
    return found


def _text(pieces: Sequence[tuple[str, str]], modifiers: list[str], has_field: bool) -> Check:
    cased = "cased" in modifiers
    regex = "".join(
        {"any": ".*", "one": ".", "char": re.escape(c if cased else c.lower())}[kind]
        for kind, c in pieces
    )
    if "windash" in modifiers:
        regex = _any_dash(pieces, cased)
    places = {"contains", "startswith", "endswith"}.intersection(modifiers)
    if not has_field and not places - {"contains"}:
        places = {"contains"}
    if places & {"contains", "endswith"}:
        regex = ".*" + regex
    if places & {"contains", "startswith"}:
        regex += ".*"
    compiled = re.compile(regex, re.DOTALL)
    return lambda text: compiled.fullmatch(text if cased else text.lower()) is not None


def _any_dash(pieces: Sequence[tuple[str, str]], cased: bool) -> str:
    """Let every dash or slash that begins a parameter be any of the five dashes of the standard."""
    found = []
    for at, (kind, character) in enumerate(pieces):
        before = at > 0 and pieces[at - 1][0] == "char" and _is_word(pieces[at - 1][1])
        after = at + 1 < len(pieces) and pieces[at + 1][0] == "char" and _is_word(pieces[at + 1][1])
        if kind == "char" and character in "-/" and after and not before:
            found.append("[-/\u2013\u2014\u2015]")
        elif kind == "char":
            found.append(re.escape(character if cased else character.lower()))
        else:
            found.append(".*" if kind == "any" else ".")
    return "".join(found)


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _base64(value: str, modifiers: list[str], has_field: bool) -> Check:
    pieces = _wildcards(value)
    if any(kind != "char" for kind, _ in pieces):
        raise CannotTell("wildcards under base64")
    at = next(i for i, modifier in enumerate(modifiers) if modifier.startswith("base64"))
    before, kind, after = modifiers[:at], modifiers[at], modifiers[at + 1 :]
    literal = "".join(character for _, character in pieces)
    if len(before) > 1 or not set(_ENCODINGS).issuperset(before):
        raise CannotTell(f"modifiers {before} before base64")
    data = _ENCODINGS[before[0]](literal) if before else literal.encode()
    if kind == "base64":
        wanted = [base64.b64encode(data).decode()]
    else:
        wanted = [_base64_inside(data, shift) for shift in range(3)]
    checks = [_text([("char", c) for c in text], after, has_field) for text in wanted]
    return lambda text: any(check(text) for check in checks)


def _base64_inside(data: bytes, shift: int) -> str:
    """Return the characters of base64 that depend on nothing but these bytes at this offset."""
    padded = b"\0" * shift + data
    padded += b"\0" * (-len(padded) % 3)
    first = -(-8 * shift // 6)
    last = 8 * (shift + len(data)) // 6
    return base64.b64encode(padded).decode()[first:last]
