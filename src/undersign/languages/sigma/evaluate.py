"""A condition tree against one event: whether it holds, and why.

An event is flat: field -> text, number, boolean, or a list of such; null counts as absent. What
cannot be told stays untold (None) unless the rest of the condition decides without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from undersign.languages.sigma.compare import passes, stands, value_text
from undersign.languages.sigma.nearest_miss import hint
from undersign.languages.sigma.tree import (
    And,
    Atom,
    Exists,
    FieldRef,
    Node,
    Not,
    Null,
    Or,
    Regex,
    Selection,
    Test,
    Text,
    Unsupported,
)


class CannotTell(ValueError):
    """The outcome hangs on something that cannot be evaluated here; the message says on what."""


def holds(node: Node, event: Mapping[str, Any]) -> bool:
    """Tell whether a tree holds for one flat event.

    Raises CannotTell when the outcome hangs on an `Unsupported` atom or an untried regex.
    """
    outcome = _outcome(node, _Fields(event))
    if outcome is None:
        raise CannotTell(next(_untold(node), "part of the condition could not be evaluated"))
    return outcome


def explain(node: Node, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tree as plain JSON values with the outcome of every part.

    Nodes are {"kind": and|or|not|selection|atom, "outcome": bool or None when it cannot be told,
    "children"}; a selection has "name"; an atom has "written", "field", "expected", "values" and
    often a "hint" on why it nearly held.
    """
    return _explained(node, _Fields(event))


class _Fields:
    """The values of an event by field, names without case."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self.names = tuple(event)
        self._values: dict[str, list[Any]] = {}
        for name, value in event.items():
            known = self._values.setdefault(name.lower(), [])
            known += [v for v in (value if isinstance(value, list) else [value]) if v is not None]

    def values(self, field: str | None) -> list[Any]:
        """Return the values of a field, of all fields for None; empty when it is absent."""
        if field is None:
            return [value for values in self._values.values() for value in values]
        return self._values.get(field.lower(), [])

    def texts(self, field: str | None) -> list[str]:
        """Return the values of a field as texts."""
        return [value_text(value) for value in self.values(field)]


def _outcome(node: Node, fields: _Fields) -> bool | None:
    match node:
        case Atom():
            return _atom(node, fields)
        case Selection():
            return _outcome(node.arg, fields)
        case Not():
            return _negation(_outcome(node.arg, fields))
        case And():
            return _every(_outcome(arg, fields) for arg in node.args)
        case Or():
            return _any(_outcome(arg, fields) for arg in node.args)


def _negation(outcome: bool | None) -> bool | None:
    return None if outcome is None else not outcome


def _every(outcomes: Iterable[bool | None]) -> bool | None:
    return _negation(_any(map(_negation, outcomes)))


def _any(outcomes: Iterable[bool | None]) -> bool | None:
    found: bool | None = False
    for outcome in outcomes:
        if outcome:
            return True
        if outcome is None:
            found = None
    return found


def _atom(atom: Atom, fields: _Fields) -> bool | None:
    match atom.test:
        case Unsupported():
            return None
        case Null():
            return not fields.values(atom.field)
        case Exists(expected):
            return bool(fields.values(atom.field)) is expected
        case FieldRef(other, place, cased):
            return any(
                stands(theirs, mine, place, cased=cased)
                for mine in fields.texts(atom.field)
                for theirs in fields.texts(other)
            )
        case test:
            return _any(passes(test, text) for text in fields.texts(atom.field))


def _untold(node: Node) -> Iterator[str]:
    match node:
        case Atom(test=Unsupported(reason)):
            yield reason
        case Atom(test=Regex(pattern)):
            yield f"the regex `{pattern[:60]}` needs backtracking; a value is too long to try it"
        case And() | Or():
            for arg in node.args:
                yield from _untold(arg)
        case Not() | Selection():
            yield from _untold(node.arg)
        case _:
            return


def _explained(node: Node, fields: _Fields) -> dict[str, Any]:
    match node:
        case Atom():
            return _explained_atoms((node,), fields)
        case Selection():
            children = [_explained(node.arg, fields)]
            outcome = children[0]["outcome"]
            return {
                "kind": "selection",
                "outcome": outcome,
                "name": node.name,
                "children": children,
            }
        case Not():
            children = [_explained(node.arg, fields)]
            outcome = _negation(children[0]["outcome"])
            return {"kind": "not", "outcome": outcome, "children": children}
    variants = _variants(node)
    if variants:
        return _explained_atoms(variants, fields)
    children = [_explained(arg, fields) for arg in node.args]
    outcomes = [child["outcome"] for child in children]
    if isinstance(node, And):
        return {"kind": "and", "outcome": _every(outcomes), "children": children}
    return {"kind": "or", "outcome": _any(outcomes), "children": children}


def _variants(node: And | Or) -> tuple[Atom, ...]:
    """Return the atoms one written value stands for (dashes, base64 offsets); else none."""
    atoms = tuple(arg for arg in node.args if isinstance(arg, Atom))
    same = {(atom.field, atom.span, atom.written) for atom in atoms}
    alike = isinstance(node, Or) and len(atoms) == len(node.args) and len(same) == 1
    return atoms if alike and atoms[0].span is not None else ()


def _explained_atoms(atoms: tuple[Atom, ...], fields: _Fields) -> dict[str, Any]:
    first = atoms[0]
    outcome = _any(_atom(atom, fields) for atom in atoms)
    values = fields.values(first.field)
    if first.field is None:
        values = [v for v in values if any(passes(a.test, value_text(v)) for a in atoms)]
    expected = [_expected(atom.test) for atom in atoms]
    found: dict[str, Any] = {
        "kind": "atom",
        "outcome": outcome,
        "written": first.written,
        "field": first.field,
        "expected": expected[0] if len(expected) == 1 else expected,
        "values": values,
    }
    if outcome is not True:
        said = _hint(atoms, fields, outcome)
        if said:
            found["hint"] = said
    return found


def _hint(atoms: tuple[Atom, ...], fields: _Fields, outcome: bool | None) -> str | None:
    if outcome is None:
        return f"could not be evaluated: {next(_untold(Or(atoms)), 'unknown')}"
    for atom in atoms:
        said = hint(atom, fields.texts(atom.field), fields.names)
        if said:
            return said
    return None


def _expected(test: Test) -> Any:
    match test:
        case Text() | Exists():
            return test.value if isinstance(test, Text) else test.expected
        case Regex():
            return test.pattern
        case Null():
            return None
        case FieldRef():
            return f"the value of {test.other}"
        case Unsupported():
            return test.reason
        case _:
            return _measure(test)


def _measure(test: Test) -> Any:
    from undersign.languages.sigma.tree import Boolean, Cidr, Compare, Number, Pattern, TimePart

    match test:
        case Pattern():
            return "".join("*" if p is None else p or "?" for p in test.parts)
        case Cidr():
            return test.network
        case Number() | Boolean():
            return test.value
        case Compare():
            return f"{test.operator} {test.value}"
        case TimePart():
            return f"{test.part} {test.value}"
        case _:
            raise TypeError(f"{type(test).__name__} is not known here")
