"""Condition trees -> expressions whose leaves each concern one field.

A subtree over a single field is decided on the field's distinct values, without touching a row, so
neighbouring comparisons of one field are drawn together first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from undersign.languages.sigma.tree import (
    And,
    Atom,
    FieldRef,
    Node,
    Not,
    Or,
    Selection,
    Test,
    Unsupported,
)


class AtomRef(NamedTuple):
    """The test of this number among all tests of its field."""

    number: int
    tag: str = "atomref"


class Leaf(NamedTuple):
    """A subtree over one field (lower-cased Sigma name) whose leaves are `AtomRef`s."""

    field: str
    tree: Expression
    tag: str = "leaf"


class Keyword(NamedTuple):
    """The keyword test of this number holds for any value of the event."""

    number: int
    tag: str = "keyword"


@dataclass(frozen=True, slots=True)
class Reference:
    """Two fields of one event are compared."""

    field: str
    other: str
    test: FieldRef


class All(NamedTuple):
    """All hold. Empty is true."""

    args: tuple[Expression, ...]
    tag: str = "all"


class AnyOf(NamedTuple):
    """At least one holds. Empty is false."""

    args: tuple[Expression, ...]
    tag: str = "anyof"


class Negated(NamedTuple):
    """The argument does not hold."""

    arg: Expression
    tag: str = "negated"


Expression: TypeAlias = AtomRef | Leaf | Keyword | Reference | All | AnyOf | Negated


class CannotMatch(Exception):
    """A tree holds something that cannot be evaluated here; the message says what."""


@dataclass(slots=True)
class Tests:
    """Every test asked of every field, numbered per field; grows while trees are compiled."""

    __test__ = False

    by_field: dict[str, dict[Test, int]] = field(default_factory=dict)
    keywords: dict[Test, int] = field(default_factory=dict)
    _leaves: dict[Leaf, Leaf] = field(default_factory=dict)

    def compile(self, node: Node) -> Expression:
        """Compile one condition tree.

        Raises:
            CannotMatch: something in the tree is `Unsupported`.
        """
        match node:
            case Atom():
                return self._atom(node)
            case Selection():
                return self.compile(node.arg)
            case Not():
                return self._negated(self.compile(node.arg))
            case And():
                return self._joined(All, [self.compile(a) for a in node.args])
            case Or():
                return self._joined(AnyOf, [self.compile(a) for a in node.args])

    def leaves(self) -> Iterator[Leaf]:
        """Yield every distinct leaf compiled so far."""
        yield from self._leaves.values()

    def any_of(self, nodes: Sequence[Node]) -> Expression:
        """Compile alternatives into one expression."""
        return self._joined(AnyOf, [self.compile(n) for n in nodes])

    def _atom(self, atom: Atom) -> Expression:
        test = atom.test
        if isinstance(test, Unsupported):
            raise CannotMatch(test.reason)
        if atom.field is None:
            return Keyword(self.keywords.setdefault(test, len(self.keywords)))
        name = atom.field.lower()
        if isinstance(test, FieldRef):
            return Reference(name, test.other.lower(), test)
        tests = self.by_field.setdefault(name, {})
        return self._leaf(name, AtomRef(tests.setdefault(test, len(tests))))

    def _leaf(self, name: str, tree: Expression) -> Leaf:
        leaf = Leaf(name, tree)
        return self._leaves.setdefault(leaf, leaf)

    def _negated(self, expression: Expression) -> Expression:
        if isinstance(expression, Leaf):
            return self._leaf(expression.field, Negated(expression.tree))
        return Negated(expression)

    def _joined(self, join: type[All] | type[AnyOf], parts: Iterable[Expression]) -> Expression:
        by_field: dict[str, list[Expression]] = {}
        others: list[Expression] = []
        for part in _flat(join, parts):
            if isinstance(part, Leaf):
                by_field.setdefault(part.field, []).append(part.tree)
            else:
                others.append(part)
        leaves = [self._leaf(name, _one(join, trees)) for name, trees in by_field.items()]
        return _one(join, [*leaves, *others])


def _flat(join: type[All] | type[AnyOf], parts: Iterable[Expression]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, join):
            yield from part.args
        else:
            yield part


def _one(join: type[All] | type[AnyOf], parts: Sequence[Expression]) -> Expression:
    flat = tuple(dict.fromkeys(_flat(join, parts)))
    return flat[0] if len(flat) == 1 else join(flat)


def fields_of(expression: Expression) -> frozenset[str]:
    """Return every field (lower-cased) that an expression reads; keywords name none."""
    match expression:
        case Leaf():
            return frozenset((expression.field,))
        case Reference():
            return frozenset((expression.field, expression.other))
        case All() | AnyOf():
            return frozenset().union(*(fields_of(a) for a in expression.args))
        case Negated():
            return fields_of(expression.arg)
        case _:
            return frozenset()


def has_keywords(expression: Expression) -> bool:
    """Say whether an expression must look at every column."""
    match expression:
        case Keyword():
            return True
        case All() | AnyOf():
            return any(has_keywords(a) for a in expression.args)
        case Negated():
            return has_keywords(expression.arg)
        case _:
            return False


def needed(tree: Expression) -> frozenset[int] | None:
    """Return tests of a leaf's tree of which one must pass, or None when it holds without any."""
    match tree:
        case AtomRef():
            return frozenset((tree.number,))
        case All():
            found = [n for n in map(needed, tree.args) if n is not None]
            return min(found, key=len, default=None)
        case AnyOf():
            parts = [needed(a) for a in tree.args]
            known = [n for n in parts if n is not None]
            return frozenset().union(*known) if len(known) == len(parts) else None
        case _:
            return None
