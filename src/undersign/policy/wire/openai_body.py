"""Every string of an OpenAI request that leaves, in order, and the same request with new strings.

A map says which strings are the wire's own (ids, names of tools, encrypted reasoning: kept as they
are), which are JSON inside a string and which are files. What the map does not name is text: a
field, a part or an item that is new tomorrow is looked at, not let through. Inside of what the map
does not name the names of fields are looked at as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from undersign.errors import BadInput

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]
Map: TypeAlias = "str | Mapping[str, Map] | None"
"""What a value is: one of the words below, its fields, or None: nothing is known, all is text."""

EACH, ITSELF, BY_TYPE = "*", "=", "?"
"""In a map: each member of a list; the value where it is a string; more fields by `type`."""
KEPT, JSON_TEXT, FILE, SCHEMA = "kept", "json", "file", "schema"
"""The wire's own; a string of JSON; bytes in base64; a JSON Schema."""
DEEPEST = 100
"""Levels of nesting that are looked at. A request that goes deeper is refused, not let through."""

_DATA_URL = re.compile(r"data:[\w.+/;=-]*;base64,", re.ASCII | re.IGNORECASE)
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d{9,}', re.DOTALL)
_LONG = 10**8
"""Numbers from here on can be a card or a telephone number and are looked at as text."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One string of a request."""

    path: Path
    text: str
    is_file: bool = False
    """Bytes in base64 or a `data:` address: nobody can look into it here."""


def rewritten(body: Any, shape: Map, change: Callable[[Leaf], str]) -> Any:
    """Return the body with every string that leaves replaced by what `change` makes of it.

    Always in the same order. What does not change is the same object, down to a body in which
    nothing changes. Raises BadInput for a body nested deeper than DEEPEST.
    """
    return _Walk(change).value(body, shape, ())


@dataclass(frozen=True, slots=True)
class _Walk:
    change: Callable[[Leaf], str]

    def value(self, value: Any, shape: Map, path: Path) -> Any:
        if len(path) > DEEPEST:
            raise BadInput(f"the request is nested deeper than {DEEPEST} levels")
        if isinstance(value, str):
            return self._string(value, shape, path)
        if isinstance(value, list):
            return self._list(value, shape, path)
        if isinstance(value, dict):
            return self._fields(value, shape, path)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LONG:
            new = self.change(Leaf(path, str(value)))
            return value if new == str(value) else new
        return value

    def _string(self, text: str, shape: Map, path: Path) -> str:
        kind = shape.get(ITSELF) if isinstance(shape, Mapping) else shape
        if kind == KEPT:
            return text
        if kind == JSON_TEXT and _is_json(text):
            new = self._literals(text, path)
        else:
            is_file = kind == FILE or _DATA_URL.match(text) is not None
            new = self.change(Leaf(path, text, is_file))
        return text if new == text else new

    def _list(self, value: list[Any], shape: Map, path: Path) -> list[Any]:
        each = shape.get(EACH) if isinstance(shape, Mapping) else _inherited(shape)
        new = [self.value(item, each, (*path, n)) for n, item in enumerate(value)]
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new

    def _fields(self, value: dict[str, Any], shape: Map, path: Path) -> dict[str, Any]:
        known = _fields_of(value, shape)
        new: dict[str, Any] = {}
        for name, field in value.items():
            inner = known.get(name, _inherited(shape))
            # Where nothing is known, a name can be a value too: {"alice@example.org": 3}.
            called = self.change(Leaf((*path, name), name)) if shape is None else name
            new[called] = self.value(field, inner, (*path, name))
        same = len(new) == len(value) and all(new.get(k) is v for k, v in value.items())
        return value if same else new

    def _literals(self, text: str, path: Path) -> str:
        """Return JSON with its strings changed and every other byte of it as it was."""

        def changed(found: re.Match[str]) -> str:
            raw = found[0]
            inner = json.loads(raw) if raw[0] == '"' else raw
            new = self.change(Leaf((*path, found.start()), inner))
            return raw if new == inner else json.dumps(new, ensure_ascii="\\u" in raw)

        return _LITERAL.sub(changed, text)


def _fields_of(value: Mapping[str, Any], shape: Map) -> Mapping[str, Map]:
    if not isinstance(shape, Mapping):
        return {}
    by_type = shape.get(BY_TYPE)
    named = value.get("type")
    if isinstance(by_type, Mapping) and isinstance(named, str):
        more = by_type.get(named)
        if isinstance(more, Mapping):
            return {**shape, **more}
    return shape


def _inherited(shape: Map) -> Map:
    """Return what is known of a member nobody named: a schema goes on, nothing else does."""
    return SCHEMA if shape == SCHEMA else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):  # cut short, or nested beyond reason: looked at as text
        return False
    return True
