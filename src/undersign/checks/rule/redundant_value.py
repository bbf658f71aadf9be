"""The check `redundant-value`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from undersign.checks.reading.implication import atom_implies, same_field
from undersign.checks.reading.trees import nodes, with_detection
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import And, Atom, Or, Pattern, Text
from undersign.records.finding import Fault, Severity

MAX_VALUES = 600
"""A list longer than this is only searched for values written twice."""


def redundant_value(file: SigmaFile) -> Iterator[Fault]:
    """Report a value that another value of the same list already covers."""
    for _, selections in with_detection(file):
        for selection in selections.values():
            for node in nodes(selection):
                if isinstance(node, And | Or):
                    yield from _in_list(node)


def _in_list(node: And | Or) -> Iterator[Fault]:
    """Compare the values of one list; in an `all` list the narrower one makes the wider moot."""
    values = _written_values(node)
    seen: dict[tuple[str, object], Atom] = {}
    kept: list[Atom] = []
    for atom in values:
        twin = seen.setdefault(_key(atom), atom)
        if twin is atom:
            kept.append(atom)
        else:
            yield _fault(atom, twin, "is written twice")
    if len(kept) > MAX_VALUES:
        return
    every = isinstance(node, And)
    literals = [_literal(atom) for atom in kept]
    for atom, literal in zip(kept, literals, strict=True):
        other = _cover(kept, literals, (atom, literal), every)
        if other is not None:
            verb = "already follows from" if every else "is already matched by"
            yield _fault(atom, other, verb)


def _cover(
    kept: Sequence[Atom], literals: Sequence[str], own: tuple[Atom, str], every: bool
) -> Atom | None:
    """Return the value that makes this one moot; literals rule most candidates out cheaply."""
    atom, literal = own
    for other, text in zip(kept, literals, strict=True):
        likely = literal in text if every else text in literal
        if likely and other is not atom and same_field(other, atom):
            narrow, wide = (other, atom) if every else (atom, other)
            if atom_implies(narrow, wide):
                return other
    return None


def _literal(atom: Atom) -> str:
    """Return the longest text that any value the atom matches must contain, lower-cased."""
    if isinstance(atom.test, Text):
        return atom.test.value.lower()
    if isinstance(atom.test, Pattern):
        return max((p or "" for p in atom.test.parts), key=len).lower()
    return ""


def _written_values(node: And | Or) -> list[Atom]:
    """Return the values of a list as written: variants made by a modifier count as none."""
    found = [arg for arg in node.args if isinstance(arg, Atom) and arg.field is not None]
    spans = {atom.span for atom in found}
    return found if len(spans) == len(found) else []


def _key(atom: Atom) -> tuple[str, object]:
    test: object = atom.test
    if isinstance(atom.test, Text) and not atom.test.cased:
        test = (atom.test.place, atom.test.value.lower())
    return ((atom.field or "").lower(), test)


def _fault(atom: Atom, other: Atom, verb: str) -> Fault:
    message = f"{quoted(atom.written)} {verb}"
    if verb != "is written twice":
        message += f" {quoted(other.written)}"
    evidence = {"value": atom.written, "covered_by": other.written}
    return Fault(message, atom.span, evidence, "leave it out", Severity.NOTE)
