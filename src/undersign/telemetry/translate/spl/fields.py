"""Which fields a search needs of its source, so that wide tables are not read whole."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.languages.spl.tree import (
    Binary,
    Both,
    Call,
    Command,
    Compare,
    Expr,
    Field,
    Logic,
    Search,
    Term,
)

_CLOSING = ("stats", "tstats", "chart", "timechart", "top", "rare", "table")
_OPTIONS = ("field", "input", "output", "countfield", "percentfield")


@dataclass(slots=True)
class Needs:
    """Names and wildcards; `every` when the result shows whatever there is."""

    names: set[str] = field(default_factory=set)
    patterns: list[str] = field(default_factory=list)
    every: bool = False

    def has(self, name: str) -> bool:
        """Say whether a field is needed."""
        if self.every or name in self.names:
            return True
        return any(fnmatch.fnmatchcase(name, p) for p in self.patterns)

    def add(self, name: str) -> None:
        """Note a field, which may have wildcards."""
        if "*" in name:
            self.patterns.append(name.replace("[", "[[]"))
        else:
            self.names.add(name)


def needs(commands: tuple[Command, ...]) -> Needs:
    """Return what the commands of a pipeline read of the rows before them."""
    found = Needs()
    for command in commands:
        _read(command, found)
        if command.name == "fields" and command.mode != "-":
            found.names |= {"_time", "_raw"}
            return found
        if command.name in _CLOSING:
            return found
        if command.name == "fillnull" and not command.fields:
            found.every = True
        for tree in command.inner:
            if command.name == "appendpipe":
                found.every = found.every or needs(tree.commands).every
    found.every = True
    return found


def _read(command: Command, found: Needs) -> None:
    for name in _named(command):
        found.add(name)
    for name in _computed(command):
        found.add(name)
    if command.name == "join" and not command.fields:
        found.every = True


def _named(command: Command) -> Iterator[str]:
    """Yield the fields that a command names; those it makes do no harm."""
    yield from (n.value for n in command.fields)
    yield from (n.value for p in (*command.pairs, *command.outputs) for n in (p.old, p.new))
    yield from (b.field.value for b in command.by)
    yield from (k.field.value for k in command.order)
    yield from (a.field.value for a in command.aggregates if a.field)
    yield from (command.options[o].value for o in _OPTIONS if o in command.options)
    if command.name == "foreach":
        yield from re.findall(r"[A-Za-z_][\w.]*", command.text)


def weight(command: Command) -> int:
    """Return how many fields and conditions a command names: what its SQL grows with."""
    named = sum(1 for _ in _named(command)) + sum(1 for _ in _computed(command))
    return named + len(command.assigns) + len(command.aggregates) + _values(command.search) // 10


def _values(search: Search | None) -> int:
    """Return how many constants a search compares with; a list of them costs less."""
    if isinstance(search, Compare):
        return len(search.values)
    return sum(_values(item) for item in search.items) if isinstance(search, Both) else 0


def _computed(command: Command) -> Iterator[str]:
    """Yield the fields that a command's expressions read, and those it needs without saying."""
    for aggregate in command.aggregates:
        yield from fields_of(aggregate.expression)
    for assign in command.assigns:
        yield from fields_of(assign.value)
    yield from fields_of(command.where)
    yield from searched(command.search)
    if command.name in ("rex", "regex", "spath"):
        yield "_raw"


def fields_of(expr: Expr | None) -> Iterator[str]:
    """Yield the fields that an eval expression reads."""
    if isinstance(expr, Field):
        yield expr.name
    elif isinstance(expr, Binary):
        yield from fields_of(expr.left)
        yield from fields_of(expr.right)
    elif isinstance(expr, Call):
        for item in expr.arguments:
            yield from fields_of(item)
    elif isinstance(expr, Logic):
        for item in expr.items:
            yield from fields_of(item)


def searched(search: Search | None) -> Iterator[str]:
    """Yield the fields that a search expression reads; free text reads `_raw`.

    A subsearch compares fields that only its own rows tell: `*`.
    """
    if isinstance(search, Term):
        if search.value.strip("*"):
            yield "_raw"
    elif isinstance(search, Compare):
        yield search.field.value
    elif isinstance(search, Both):
        for item in search.items:
            yield from searched(item)
    elif search is not None:
        yield "*"
