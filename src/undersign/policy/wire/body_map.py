"""Every string of a request that leaves, in order, and the same request with new strings.

A map says which strings are the wire's own (ids, names of tools, encrypted reasoning: kept as they
are), which are JSON inside a string and which are files. What the map does not name is text: a
field, a part or an item that is new tomorrow is looked at, not let through. Inside of what the map
does not name the names of fields are looked at as well, and elsewhere those no wire would have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, TypeAlias

from undersign.errors import BadInput
from undersign.policy.scope import Source
from undersign.policy.wire import Text
from undersign.policy.wire.openai_calls import is_json

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]
Map: TypeAlias = "str | Mapping[str, Map] | None"
"""What a value is: one of the words below, its fields, or None: nothing is known, all is text."""

EACH, ITSELF, BY_TYPE, NOTE = "*", "=", "?", "!"
"""In a map: each member of a list; the value where it is a string; more fields by `type`; the
`type` of the text part that takes the place of a part whose file is withheld."""
KEPT, JSON_TEXT, FILE, SCHEMA = "kept", "json", "file", "schema"
"""The wire's own; a string of JSON; a file, in base64 or by its id; a JSON Schema."""
DEEPEST = 100
"""Levels of nesting that are looked at. A request that goes deeper is refused, not let through."""

_DATA_URL = re.compile(r"data:[\w.+/;=-]*;base64,", re.ASCII | re.IGNORECASE)
_LITERAL = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?(\d{9,})(?:\.\d+)?(?:[eE][+-]?\d+)?', re.DOTALL
)
"""A string, or the whole of a long number: half a number and a token beside it is no JSON."""
_GENERATED = re.compile(r"\s*<[a-z][a-z_-]*>")
_FIELD = re.compile(r"[a-z]{1,20}(?:_[a-z]{1,20}){0,4}")
"""Names of fields as the wires have them; of one that is new tomorrow nobody has to be afraid."""
_LONG = 10**8
"""Numbers from here on can be a card or a telephone number and are looked at as text."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One string of a request."""

    path: Path
    text: str
    is_file: bool = False
    """Bytes in base64, a `data:` address or the id of a file: nobody can look into it here."""


def said(block: Any) -> Source:
    """Return who wrote a block that stands in a person's name: a string, or a part with a text.

    What a client read itself (files, its surroundings) it puts between tags of its own: that is no
    more the person's word than the result of a tool.
    """
    text = block.get("text") if isinstance(block, Mapping) else block
    by_person = isinstance(text, str) and not _GENERATED.match(text)
    return Source("person" if by_person else "result")


def texts_of(body: Any, shape: Map, source: Callable[[Path], Source]) -> list[Text]:
    """Return the texts of a request in its order; BadInput when it is nested too deeply."""
    texts: list[Text] = []

    def noted(leaf: Leaf) -> str:
        if leaf.is_file:
            texts.append(Text("", source(leaf.path), "opaque-binary"))
        else:
            texts.append(Text(leaf.text, source(leaf.path)))
        return leaf.text

    rewritten(body, shape, noted)
    return texts


def with_texts_of(body: Any, shape: Map, replaced: Sequence[str]) -> Any:
    """Return the request with other texts, one for each that `texts_of` gave.

    A part whose file got a text becomes a text part: an empty one leaves the file where it is.
    """
    texts = iter(replaced)

    def exchanged(leaf: Leaf) -> str:
        new = next(texts)
        return leaf.text if leaf.is_file and not new else new

    return rewritten(body, shape, exchanged)


def rewritten(body: Any, shape: Map, change: Callable[[Leaf], str]) -> Any:
    """Return the body with every string that leaves replaced by what `change` makes of it.

    Always in the same order. What does not change is the same object, down to a body in which
    nothing changes. Raises BadInput for a body nested deeper than DEEPEST.
    """
    return _Walk(change).value(body, shape, ())


@dataclass(frozen=True, slots=True)
class _Walk:
    change: Callable[[Leaf], str]
    notes: list[str] = field(default_factory=list)
    """What was put in the place of files so far."""

    def value(self, value: Any, shape: Map, path: Path) -> Any:
        if len(path) > DEEPEST:
            raise BadInput(f"the request is nested deeper than {DEEPEST} levels")
        if isinstance(value, str):
            return self._string(value, shape, path)
        if isinstance(value, list):
            return self._list(value, shape, path)
        if isinstance(value, dict):
            return self._fields(value, shape, path)
        if digits := _digits(value):
            new = self.change(Leaf(path, digits))
            return value if new == digits else new
        return value

    def _string(self, text: str, shape: Map, path: Path) -> str:
        kind = shape.get(ITSELF) if isinstance(shape, Mapping) else shape
        if kind == KEPT:
            return text
        if kind == JSON_TEXT and is_json(text):
            new = self._literals(text, path)
        else:
            is_file = kind == FILE or _DATA_URL.match(text) is not None
            new = self.change(Leaf(path, text, is_file))
            if is_file and new != text:
                self.notes.append(new)
        return text if new == text else new

    def _list(self, value: list[Any], shape: Map, path: Path) -> list[Any]:
        each = shape.get(EACH) if isinstance(shape, Mapping) else _inherited(shape)
        new = [self.value(item, each, (*path, n)) for n, item in enumerate(value)]
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new

    def _fields(self, value: dict[str, Any], shape: Map, path: Path) -> dict[str, Any]:
        known, before = _fields_of(value, shape), len(self.notes)
        new: dict[str, Any] = {}
        for name, inside in value.items():
            inner = known.get(name, _inherited(shape))
            named = (
                name in known or shape == SCHEMA or (shape is not None and _FIELD.fullmatch(name))
            )
            # Where nothing is known, a name can be a value too: {"alice@example.org": 3}.
            called = name if named else self.change(Leaf((*path, name), name))
            new[called] = self.value(inside, inner, (*path, name))
        if NOTE in known and len(self.notes) > before:
            return {"type": known[NOTE], "text": self.notes[-1]}
        same = len(new) == len(value) and all(new.get(k) is v for k, v in value.items())
        return value if same else new

    def _literals(self, text: str, path: Path) -> str:
        """Return JSON with its strings changed and every other byte of it as it was."""

        def changed(found: re.Match[str]) -> str:
            raw = found[0]
            inner = json.loads(raw) if raw[0] == '"' else found[1]
            new = self.change(Leaf((*path, found.start()), inner))
            return raw if new == inner else json.dumps(new, ensure_ascii="\\u" in raw)

        return _LITERAL.sub(changed, text)


def _digits(value: Any) -> str:
    """Return the digits of a long number before its point; empty for any other value."""
    if isinstance(value, int | float) and _LONG <= abs(value) < inf:
        return str(int(abs(value)))
    return ""


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
