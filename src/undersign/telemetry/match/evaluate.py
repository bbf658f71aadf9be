"""Expressions over one chunk: the rows that match, touching as few of them as can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from undersign.languages.sigma.tree import Place
from undersign.telemetry.match.chunk import Chunk
from undersign.telemetry.match.column import Column
from undersign.telemetry.match.plan import (
    All,
    AnyOf,
    AtomRef,
    Expression,
    Keyword,
    Leaf,
    Negated,
    Reference,
)
from undersign.telemetry.match.sets import (
    ANYTHING,
    EMPTY,
    NOTHING,
    Codes,
    Ids,
    either,
    everything,
    intersect,
    subtract,
    union,
)

if TYPE_CHECKING:
    from undersign.telemetry.match.program import Program


class Keywords:
    """Where keywords stand in a chunk: looked up once, for all rules that ask."""

    def __init__(self, chunk: Chunk, program: Program) -> None:
        self._chunk = chunk
        self._program = program
        self.rows: Ids = EMPTY
        """The rows of every log source whose rules ask for keywords."""

    @cached_property
    def _found(self) -> list[Ids]:
        tests = self._program.keywords
        parts: list[list[Ids]] = [[] for _ in range(tests.count)]
        for part in self._searched():
            for number, codes in enumerate(tests.codes(part.column)):
                if codes.ids.size:
                    parts[number] += part.rows(codes.ids, self.rows)
        return [union(found) for found in parts]

    def among(self, number: int, rows: Ids) -> Ids:
        """Return the rows, of these, that hold the keyword of this number in any value."""
        return intersect(self._found[number], rows)

    def _searched(self) -> Iterator[Pile]:
        """Yield large columns alone, uncopied, and the many small ones together."""
        narrow = self.rows.size * _NARROW < self._chunk.size
        small: list[tuple[Column, Ids]] = []
        for name in self._chunk.searchable:
            column = self._chunk.column(name)
            if column is None:
                continue
            if narrow or column.members is not None or column.values.nbytes < _SMALL:
                used = column.used(self.rows) if narrow else everything(len(column.values))
                small.append((column, used))
            else:
                yield Pile([(column, everything(len(column.values)))], column)
        yield Pile.of(small)


_NARROW = 4
"""A log source with less than one row in so many is searched in the values it really has."""
_SMALL = 65_536
"""Bytes of values up to which a column is searched together with others."""


class Pile:
    """Values of some columns, as one column to search."""

    def __init__(self, owners: Sequence[tuple[Column, Ids]], column: Column) -> None:
        self.column = column
        self._owners = owners
        self._starts = np.cumsum([0, *(elements.size for _, elements in owners)])

    @classmethod
    def of(cls, owners: Sequence[tuple[Column, Ids]]) -> Pile:
        """Copy these elements of these columns together."""
        import pyarrow as pa

        owners = [(column, elements) for column, elements in owners if elements.size]
        values: list[Any] = [_taken(column.values, elements) for column, elements in owners]
        return cls(owners, Column(pa.concat_arrays(values or [pa.array([], pa.string())]), EMPTY))

    def rows(self, ids: Ids, among: Ids) -> list[Ids]:
        """Return the rows that carry one of these values, column by column."""
        owner = np.searchsorted(self._starts, ids, side="right") - 1
        found = []
        for number in np.unique(owner):
            column, elements = self._owners[number]
            mine = elements[ids[owner == number] - self._starts[number]]
            found.append(column.rows(column.codes_of(mine), among))
        return found


def _taken(values: Any, elements: Ids) -> Any:
    import pyarrow as pa

    return values if elements.size == len(values) else values.take(pa.array(elements))


class Lens:
    """One chunk as the rules of one log source see it: with their field names."""

    def __init__(
        self, chunk: Chunk, program: Program, rename: Mapping[str, str], keywords: Keywords
    ) -> None:
        self.chunk = chunk
        self._program = program
        self.rename = {field.lower(): column for field, column in rename.items()}
        self._codes: dict[str, list[Codes]] = {}
        self._live: dict[str, frozenset[int]] = {}
        self._leaves: dict[int, Codes] = {}
        self._keywords = keywords

    def column(self, field: str) -> Column | None:
        """Return the column that answers a Sigma field."""
        lowered = field.lower()
        return self.chunk.column(self.rename.get(lowered, lowered))

    def rows(self, expression: Expression, among: Ids) -> Ids:
        """Return the rows among these that match."""
        if not among.size:
            return EMPTY
        match expression:
            case Leaf():
                return self._leaf_rows(expression, among)
            case All():
                return self._all(expression, among)
            case AnyOf():
                return union([self.rows(arg, among) for arg in expression.args])
            case Negated():
                return subtract(among, self.rows(expression.arg, among))
            case Keyword():
                return self._keywords.among(expression.number, among)
            case Reference():
                return self._reference(expression, among)
            case AtomRef():
                raise AssertionError("a test stands in a leaf")

    def never(self, expression: Expression) -> bool:
        """Say whether an expression cannot match here, without touching a row."""
        match expression:
            case Leaf():
                return self._count(expression) == 0
            case All():
                return any(self.never(arg) for arg in expression.args)
            case AnyOf():
                return all(self.never(arg) for arg in expression.args)
            case _:
                return False

    def _all(self, expression: All, among: Ids) -> Ids:
        # Rarest first; leaves before what must look at rows; negations last.
        if self.never(expression):
            return EMPTY
        for arg in sorted(expression.args, key=self._cost):
            among = self.rows(arg, among)
            if not among.size:
                return EMPTY
        return among

    def _cost(self, expression: Expression) -> int:
        match expression:
            case Leaf():
                return self._count(expression)
            case AnyOf():
                return self.chunk.size + 1 + len(expression.args)
            case Negated():
                return 2 * self.chunk.size + 2
            case _:
                return 3 * self.chunk.size + 3

    def _count(self, leaf: Leaf) -> int:
        codes = self._leaf_codes(leaf)
        column = self.column(leaf.field)
        if column is None:
            return self.chunk.size if codes.inverted else 0
        return column.count(codes)

    def _leaf_rows(self, leaf: Leaf, among: Ids) -> Ids:
        codes = self._leaf_codes(leaf)
        column = self.column(leaf.field)
        if column is None:
            return among if codes.inverted else EMPTY
        return column.rows(codes, among)

    def _leaf_codes(self, leaf: Leaf) -> Codes:
        found = self._leaves.get(id(leaf))
        if found is None:
            tests = self._tests_of(leaf.field)
            needed = self._program.needed(leaf)
            idle = needed is not None and needed.isdisjoint(self._live[leaf.field])
            found = self._leaves[id(leaf)] = NOTHING if idle else self._combine(leaf.tree, tests)
        return found

    def _tests_of(self, field: str) -> list[Codes]:
        codes = self._codes.get(field)
        if codes is None:
            column = self.column(field)
            tests = self._program.field(field)
            codes = tests.codes(column) if column is not None else self._program.absent(field)
            self._codes[field] = codes
            # Of thousands of tests few pass anywhere; leaves without one need no thought.
            self._live[field] = frozenset(n for n, c in enumerate(codes) if c is not NOTHING)
        return codes

    def _combine(self, tree: Expression, tests: list[Codes]) -> Codes:
        match tree:
            case AtomRef():
                return tests[tree.number]
            case All():
                found = ANYTHING
                for arg in tree.args:
                    found = found & self._combine(arg, tests)
                return found
            case AnyOf():
                return (
                    either([self._combine(arg, tests) for arg in tree.args])
                    if tree.args
                    else NOTHING
                )
            case Negated():
                return ~self._combine(tree.arg, tests)
            case _:
                raise AssertionError("a leaf holds tests of one field only")

    def _reference(self, reference: Reference, among: Ids) -> Ids:
        one, other = self.column(reference.field), self.column(reference.other)
        if one is None or other is None:
            return EMPTY
        pairs = one.codes[among].astype(np.int64) * (other.absent + 1) + other.codes[among]
        distinct, where = np.unique(pairs, return_inverse=True)
        rows = {int(pair): int(among[np.argmax(where == n)]) for n, pair in enumerate(distinct)}
        passed = np.array(
            [self._refers(reference, one, other, rows[int(pair)]) for pair in distinct], dtype=bool
        )
        found: Ids = among[passed[where]]
        return found

    @staticmethod
    def _refers(reference: Reference, one: Column, other: Column, row: int) -> bool:
        test = reference.test
        for left in one.values_at(row):
            for right in other.values_at(row):
                a, b = (left, right) if test.cased else (left.lower(), right.lower())
                if {
                    Place.EQUALS: a == b,
                    Place.CONTAINS: b in a,
                    Place.STARTSWITH: a.startswith(b),
                    Place.ENDSWITH: a.endswith(b),
                }[test.place]:
                    return True
        return False
