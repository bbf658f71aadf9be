"""Condition trees as nested lists of JSON: [kind, ...], spans as numbers of a table.

The table is flat: four numbers a span.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from undersign.languages.sigma.tree import (
    And,
    Atom,
    Boolean,
    Cidr,
    Compare,
    Exists,
    FieldRef,
    Node,
    Not,
    Null,
    Number,
    Or,
    Pattern,
    Place,
    Regex,
    Selection,
    Test,
    Text,
    TimePart,
    Unsupported,
)
from undersign.records.artifact import Span

_PLACES: dict[str, Place] = {place.value: place for place in Place}
_TESTS: dict[type[Any], tuple[str, tuple[str, ...]]] = {
    Text: ("text", ("place", "value", "cased")),
    Pattern: ("pattern", ("parts", "cased")),
    Regex: ("regex", ("pattern", "ignore_case", "multiline", "dotall")),
    Cidr: ("cidr", ("network",)),
    Number: ("number", ("value",)),
    Boolean: ("boolean", ("value",)),
    Compare: ("compare", ("operator", "value")),
    TimePart: ("time_part", ("part", "value")),
    Null: ("null", ()),
    Exists: ("exists", ("expected",)),
    FieldRef: ("field_ref", ("other", "place", "cased")),
    Unsupported: ("unsupported", ("reason",)),
}


class TreeWriter:
    """Writes nodes; spans that `places` does not know yet are added to it."""

    def __init__(self, places: dict[Span, int]) -> None:
        self._places = places
        self._named: dict[int, str] = {}

    def selections(self, selections: Mapping[str, Node]) -> list[Any]:
        """Return all named selections; nodes written later refer to them by name."""
        stored = [[name, self.node(node)] for name, node in selections.items()]
        self._named = {id(node): name for name, node in selections.items()}
        return stored

    def node(self, node: Node) -> list[Any]:
        """Return a node as JSON values."""
        if id(node) in self._named:
            return ["@", self._named[id(node)]]
        match node:
            case Atom(field, test, span, written):
                kind, names = _TESTS[type(test)]
                values = [getattr(test, name) for name in names]
                return [kind, field, self._place(span), written, *values]
            case Selection(name, arg, span):
                return ["=", name, self.node(arg), self._place(span)]
            case Not(arg):
                return ["!", self.node(arg)]
            case And(args):
                return ["&", *[self.node(arg) for arg in args]]
            case Or(args):
                return ["|", *[self.node(arg) for arg in args]]

    def _place(self, span: Span | None) -> int | None:
        return None if span is None else self._places.setdefault(span, len(self._places))


class TreeReader:
    """Reads nodes written by TreeWriter; raises LookupError, TypeError or ValueError on others."""

    def __init__(self, places: list[int]) -> None:
        self._places = places
        self._named: dict[str, Node] = {}

    def selections(self, stored: list[Any]) -> dict[str, Node]:
        """Return the named selections; nodes read later may refer to them."""
        found = {name: self.node(node) for name, node in stored}
        self._named = found
        return found

    def node(self, stored: list[Any]) -> Node:
        """Return the node that was written."""
        kind = stored[0]
        make = _MAKE.get(kind)
        if make is not None:
            _, field, place, written, *values = stored
            return Atom(field, make(*values), self._span(place), written)
        if kind == "|":
            return Or(tuple([self.node(arg) for arg in stored[1:]]))
        if kind == "&":
            return And(tuple([self.node(arg) for arg in stored[1:]]))
        if kind == "!":
            return Not(self.node(stored[1]))
        if kind == "@":
            return self._named[stored[1]]
        if kind != "=":
            raise ValueError("a node of no known kind")
        _, name, arg, place = stored
        return Selection(name, self.node(arg), self._span(place))

    def _span(self, place: int | None) -> Span | None:
        return None if place is None else Span(*self._places[4 * place : 4 * place + 4])


def _text(place: str, value: str, cased: bool) -> Test:
    return Text(_PLACES[place], value, cased)


def _pattern(parts: list[str | None], cased: bool) -> Test:
    return Pattern(tuple(parts), cased)


def _field_ref(other: str, place: str, cased: bool) -> Test:
    return FieldRef(other, _PLACES[place], cased)


_MAKE: dict[str, Callable[..., Test]] = {
    **{kind: test for test, (kind, _) in _TESTS.items()},
    "text": _text,
    "pattern": _pattern,
    "field_ref": _field_ref,
}
