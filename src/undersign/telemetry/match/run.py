"""Rules over history, chunk by chunk: which rows match, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from undersign.catalogs.log_sources import Answer
from undersign.telemetry.layout import Table
from undersign.telemetry.match.chunk import Chunk, Within
from undersign.telemetry.match.evaluate import Keywords, Lens
from undersign.telemetry.match.plan import All, AnyOf, Expression, Leaf, Negated, Reference
from undersign.telemetry.match.program import Compiled, Program
from undersign.telemetry.match.sets import EMPTY, Codes, Ids, intersect, union

_MANY = 64
"""Rules from which on most columns of a table are asked for."""


class Chunks(Protocol):
    """Where chunks come from."""

    def chunks(self, table: Table, part: Within) -> Iterator[Chunk]:
        """Yield the chunks of a table that may hold events of this part of history."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """The rows of one chunk that one rule matches."""

    rule: int
    lens: Lens
    answer: Answer
    rows: Ids


@dataclass(slots=True)
class Looked:
    """What was looked at for one rule."""

    events: int = 0
    """Events of its log source."""
    first: int | None = None
    last: int | None = None
    """Earliest and latest time of those, microseconds since 1970 UTC."""
    tables: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    """Fields of the rule (lower-cased) that had a value in any of those events."""


class Matcher:
    """Runs a program over tables. Ask `looked` and `missing` after `hits` is exhausted."""

    def __init__(
        self, program: Program, tables: Mapping[str, Table], part: Within | None = None
    ) -> None:
        self._program = program
        self._tables = tables
        self._part = part or Within()
        self.looked = [Looked() for _ in program.rules]

    def hits(self, source: Chunks) -> Iterator[Hit]:
        """Yield every non-empty hit, one chunk after another."""
        for name, table in self._tables.items():
            asking = self._asking(name)
            if not asking:
                continue
            for chunk in source.chunks(table, self._part):
                if len(asking) >= _MANY:
                    chunk.expect_all()
                yield from _ChunkRun(chunk, self._program, self._part, self.looked).hits(asking)

    def _asking(self, table: str) -> list[tuple[int, Compiled, tuple[Answer, ...]]]:
        found = []
        for number, compiled in enumerate(self._program.rules):
            answers = compiled.by_table.get(table)
            if compiled.expression is not None and answers:
                found.append((number, compiled, answers))
        return found

    def missing(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Return (`measured` or `unmeasured`, what was missing in sentences) for one rule."""
        compiled, looked = self._program.rules[number], self.looked[number]
        if compiled.reason is not None:
            return "unmeasured", (f"cannot be evaluated: {compiled.reason}",)
        if not compiled.answers:
            return "unmeasured", (f"no log source answers {compiled.rule.logsource}",)
        if not looked.events:
            return "unmeasured", (self._no_events(compiled),)
        absent = sorted(compiled.fields - looked.seen)
        where = ", ".join(sorted(looked.tables))
        remarks = tuple(f"field {_spelled(compiled, f)} has no value in {where}" for f in absent)
        assert compiled.expression is not None
        can_match, _ = self._possible(compiled.expression, looked.seen)
        status = "measured" if can_match else "unmeasured"
        return status, (*remarks, *self._program.gave_up())

    def _no_events(self, compiled: Compiled) -> str:
        names = sorted({a.source.name for a in compiled.answers})
        here = [n for n in names if n in self._tables and self._tables[n].rows]
        if not here:
            return f"history has no events in {' or '.join(names)}"
        return f"history has no events of {compiled.rule.logsource} in {', '.join(here)}"

    def _possible(self, expression: Expression, seen: set[str]) -> tuple[bool, bool]:
        """Say whether an expression can be true, and can be false, given the fields ever seen."""
        match expression:
            case Leaf():
                if expression.field in seen:
                    return True, True
                holds = _when_absent(expression.tree, self._program.absent(expression.field))
                return holds, not holds
            case Reference():
                both = expression.field in seen and expression.other in seen
                return both, True
            case All():
                parts = [self._possible(a, seen) for a in expression.args]
                return all(t for t, _ in parts), any(f for _, f in parts)
            case AnyOf():
                parts = [self._possible(a, seen) for a in expression.args]
                return any(t for t, _ in parts), all(f for _, f in parts)
            case Negated():
                true, false = self._possible(expression.arg, seen)
                return false, true
            case _:
                return True, True


def _when_absent(tree: Expression, tests: Sequence[Codes]) -> bool:
    match tree:
        case All():
            return all(_when_absent(a, tests) for a in tree.args)
        case AnyOf():
            return any(_when_absent(a, tests) for a in tree.args)
        case Negated():
            return not _when_absent(tree.arg, tests)
        case _:
            return tests[tree.number].inverted  # type: ignore[union-attr]


def _spelled(compiled: Compiled, lowered: str) -> str:
    from undersign.telemetry.match.program import atoms_of

    for node in compiled.rule.conditions:
        for atom in atoms_of(node):
            if atom.field and atom.field.lower() == lowered:
                return atom.field
    return lowered


class _ChunkRun:
    """One pass of all asking rules over one chunk."""

    def __init__(self, chunk: Chunk, program: Program, part: Within, looked: list[Looked]) -> None:
        self._chunk = chunk
        self._program = program
        self._looked = looked
        self._everything = chunk.within(part)
        self._lenses: dict[int, Lens] = {}
        self._candidates: dict[int, Ids] = {}
        self._keywords = Keywords(chunk, program)
        self._bounds: dict[int, tuple[int, int] | None] = {}
        self._seen: dict[tuple[int, str], bool] = {}
        self._havings: dict[tuple[int, frozenset[str]], frozenset[str]] = {}

    def hits(self, asking: list[tuple[int, Compiled, tuple[Answer, ...]]]) -> Iterator[Hit]:
        self._keywords.rows = union(
            [self.candidates(a) for _, c, answers in asking if c.keywords for a in answers]
        )
        for number, compiled, answers in asking:
            for answer, rows in self._matched(number, compiled, answers):
                if rows.size:
                    yield Hit(number, self._lens(answer), answer, rows)

    def _matched(
        self, number: int, compiled: Compiled, answers: tuple[Answer, ...]
    ) -> Iterator[tuple[Answer, Ids]]:
        done = EMPTY
        for answer in answers:
            among = self.candidates(answer)
            if not among.size:
                continue
            self._note(number, compiled, answer, among)
            assert compiled.expression is not None
            lens = self._lens(answer)
            rows = (
                EMPTY if lens.never(compiled.expression) else lens.rows(compiled.expression, among)
            )
            fresh = rows if not done.size else rows[~_in(rows, done)]
            done = union((done, fresh))
            yield answer, fresh

    def _lens(self, answer: Answer) -> Lens:
        key = id(answer.route.rename) if answer.route.rename else 0
        if key not in self._lenses:
            self._lenses[key] = Lens(
                self._chunk, self._program, answer.route.rename, self._keywords
            )
        return self._lenses[key]

    def candidates(self, answer: Answer) -> Ids:
        """Return the rows of the chunk that belong to a Sigma logsource."""
        key = id(answer.route)
        if key not in self._candidates:
            rows = self._everything
            for name, wanted in answer.route.where.items():
                column = self._chunk.column(name)
                if column is None:
                    rows = EMPTY
                    break
                codes = column.codes_of(column.equal_ids(w.lower() for w in wanted))
                rows = intersect(rows, column.rows(codes, None))
            self._candidates[key] = rows
        return self._candidates[key]

    def _note(self, number: int, compiled: Compiled, answer: Answer, among: Ids) -> None:
        looked = self._looked[number]
        looked.events += int(among.size)
        looked.tables.add(self._chunk.table.name)
        bounds = self._time_bounds(answer, among)
        if bounds:
            looked.first = bounds[0] if looked.first is None else min(looked.first, bounds[0])
            looked.last = bounds[1] if looked.last is None else max(looked.last, bounds[1])
        if not compiled.fields <= looked.seen:
            looked.seen |= self._having(answer, compiled.fields, among)

    def _having(self, answer: Answer, fields: frozenset[str], among: Ids) -> frozenset[str]:
        key = (id(answer.route), fields)
        if key not in self._havings:
            self._havings[key] = frozenset(f for f in fields if self._has(answer, f, among))
        return self._havings[key]

    def _time_bounds(self, answer: Answer, among: Ids) -> tuple[int, int] | None:
        from undersign.telemetry.match.chunk import UNDATED

        key = id(answer.route)
        if key not in self._bounds:
            times = self._chunk.times[among]
            dated = times[times != UNDATED]
            self._bounds[key] = (int(dated.min()), int(dated.max())) if dated.size else None
        return self._bounds[key]

    def _has(self, answer: Answer, name: str, among: Ids) -> bool:
        key = (id(answer.route), name)
        if key not in self._seen:
            column = self._lens(answer).column(name)
            self._seen[key] = column is not None and bool(
                (column.codes[among] != column.absent).any()
            )
        return self._seen[key]


def _in(rows: Ids, done: Ids) -> Ids:
    import numpy as np

    return np.isin(rows, done, assume_unique=True)  # type: ignore[return-value]
