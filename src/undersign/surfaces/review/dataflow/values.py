"""What the analysis knows of a value: who chose it, whether it is a constant, what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from undersign.records.candidate import Step

_MOST_TAINTS = 6
_MOST_STEPS = 14
EVERY = "*"
UNTRUSTED = ("request", "model-reply")
"""Kinds of source that support a path; others are told and support nothing."""


class _Unknown:
    """The constant that is none."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Taint:
    """One way on which somebody else's choice got into a value."""

    kind: str
    steps: tuple[Step, ...]
    safe: frozenset[str] = frozenset()
    """Categories for which it was made harmless."""
    weak: frozenset[str] = frozenset()
    """Categories for which something was tested that may not be enough."""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two ways the same for the analysis."""
        first = self.steps[0]
        return (self.kind, first.file, first.line, self.safe, self.weak)

    def dangerous(self, category: str) -> bool:
        """Say whether nothing on the way made it harmless for a category."""
        return EVERY not in self.safe and category not in self.safe

    def then(self, step: Step) -> Taint:
        """Go one step further; the middle of a very long way is left out."""
        last = self.steps[-1]
        if (last.file, last.line) == (step.file, step.line) and step.what != "sink":
            return self
        steps = (*self.steps, step)
        if len(steps) > _MOST_STEPS:
            steps = (*steps[:4], *steps[-(_MOST_STEPS - 4) :])
        return replace(self, steps=steps)


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """An abstract value."""

    taints: tuple[Taint, ...] = ()
    const: Any = UNKNOWN
    known: bool = True
    """Whether all that went into it was seen; a value that came from nowhere refutes nothing."""
    items: tuple[Value, ...] | None = None
    """Of a list or tuple whose positions are known."""
    fields: Mapping[Any, Value] | None = None
    """Of a dict, or an object, whose keys are known."""
    ref: str = ""
    """What it is, as a dotted name: `flask.request`, `sqlite3.connect()`, `desk.store.rows`."""
    choices: tuple[Any, ...] = ()
    """The few constants it is one of, when it is no single one."""
    of: str = ""
    """The variable that it is a view of: its path resolved, its host, its lower case."""
    cells: frozenset[str] = frozenset()
    """Where the containers that it may be were made: two names of one list share a cell."""

    @property
    def is_const(self) -> bool:
        """Whether it is one value, known before the program runs."""
        return self.const is not UNKNOWN


NOTHING = Value()
"""A value of which everything is known that matters: nobody else chose it."""
STRANGE = Value(known=False)
"""A value of which nothing is known."""
NEVER = Value(known=False, ref="<never>")
"""What a call returns that never does: it raises, or ends the program."""


def unsure(value: Value, depth: int = 3) -> Value:
    """Return a value of which nothing is sure any more: it may hold something else, too."""
    items, fields = value.items, value.fields
    if items is not None and depth:
        items = tuple(unsure(one, depth - 1) for one in items)
    if fields is not None and depth:
        fields = {key: unsure(one, depth - 1) for key, one in fields.items()}
    return replace(value, known=False, items=items, fields=fields, const=UNKNOWN, choices=())


def constant(value: Any) -> Value:
    """Return a constant."""
    return Value(const=value)


def parts_of(value: Value) -> tuple[Value, ...]:
    """Return what a container holds."""
    return (*(value.items or ()), *(value.fields or {}).values())


def flat(value: Value, depth: int = 4) -> Value:
    """Return a value as one piece: everything that it holds counts."""
    parts = parts_of(value)
    if not parts or not depth:
        return value
    inner = [flat(part, depth - 1) for part in parts]
    return Value(
        taints=merged((value, *inner)),
        known=value.known and all(one.known for one in inner),
        ref=value.ref,
    )


def merged(values: Iterable[Value]) -> tuple[Taint, ...]:
    """Return the ways into any of several values, the first few of each kind."""
    found: dict[tuple[object, ...], Taint] = {}
    for value in values:
        for taint in value.taints:
            found.setdefault(taint.key, taint)
    return tuple(found.values())[:_MOST_TAINTS]


def joined(values: Iterable[Value]) -> Value:
    """Return what holds for any of several values: one of two branches, one of many rounds."""
    them = list({id(v): v for v in values}.values())
    if len(them) == 1:
        return them[0]
    if not them:
        return NOTHING
    first = them[0]
    same = all(_same(v.const, first.const) for v in them)
    items = None
    if all(v.items is not None and len(v.items) == len(first.items or ()) for v in them):
        items = tuple(joined(column) for column in zip(*(v.items or () for v in them), strict=True))
    elif any(parts_of(v) for v in them) and not all(v.fields is not None for v in them):
        them = [flat(v) for v in them]
    return Value(
        taints=merged(them),
        const=first.const if same else UNKNOWN,
        choices=() if same else _choices(them),
        known=all(v.known for v in them),
        items=items,
        fields=_joined_fields(them),
        ref=first.ref if all(v.ref == first.ref for v in them) else "",
        of=first.of if all(v.of == first.of for v in them) else "",
        cells=frozenset().union(*(v.cells for v in them)),
    )


def _choices(values: list[Value]) -> tuple[Any, ...]:
    if not all(isinstance(v.const, str) or v.choices for v in values):
        return ()
    found = dict.fromkeys(c for v in values for c in (v.choices or (v.const,)))
    return tuple(found) if len(found) <= 8 else ()


def _joined_fields(values: list[Value]) -> Mapping[Any, Value] | None:
    if not all(v.fields is not None for v in values):
        return None
    keys = dict.fromkeys(key for v in values for key in (v.fields or {}))
    return {
        key: joined([v.fields[key] for v in values if v.fields and key in v.fields]) for key in keys
    }


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    return type(one) is type(other) and bool(one == other)


def combined(values: Iterable[Value]) -> Value:
    """Return a value that all of these went into, as pieces of a text do."""
    them = [flat(v) for v in values]
    return Value(taints=merged(them), known=all(v.known for v in them))


def cleaned(value: Value, categories: frozenset[str]) -> Value:
    """Return a value made harmless for some categories."""
    whole = flat(value)
    taints = tuple(replace(t, safe=t.safe | categories) for t in whole.taints)
    known = whole.known or EVERY in categories
    return Value(taints=_once(taints), known=known, ref="", of=whole.of)


def uncleaned(value: Value) -> Value:
    """Return a value after something was decoded: whatever made it harmless may be undone."""
    whole = flat(value)
    taints = tuple(
        t if EVERY in t.safe else replace(t, safe=frozenset(), weak=frozenset())
        for t in whole.taints
    )
    return Value(_once(taints), known=whole.known)


def tested(value: Value, categories: frozenset[str], *, enough: bool) -> Value:
    """Return a value that the program tested before it went on."""
    if enough:
        made = cleaned(value, categories)
        return replace(made, ref=value.ref, of=value.of)
    taints = tuple(replace(t, weak=t.weak | categories) for t in value.taints)
    return replace(value, taints=_once(taints), items=None, fields=None)


def _once(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    return tuple({t.key: t for t in taints}.values())


def stepped(value: Value, step: Step) -> Value:
    """Return a value that went one step further."""
    if not value.taints and value.items is None and value.fields is None:
        return value
    items, fields = value.items, value.fields
    if items is not None and len(items) <= 20:
        items = tuple(stepped(one, step) for one in items)
    if fields is not None and len(fields) <= 20:
        fields = {key: stepped(one, step) for key, one in fields.items()}
    taints = tuple(t.then(step) for t in value.taints)
    return replace(value, taints=taints, items=items, fields=fields)


def signature(value: Value, depth: int = 2) -> tuple[object, ...]:
    """Return what of a value decides how a function treats it."""
    const = value.const
    if isinstance(const, str | int | float | bool | bytes | type(None)):
        plain: object = (type(const).__name__, const)
    else:
        plain = "?" if value.is_const else ""
    inner: tuple[object, ...] = ()
    if depth:
        inner = tuple(signature(v, depth - 1) for v in parts_of(value)[:10])
    keys = tuple(value.fields)[:10] if value.fields else ()
    shape = (value.items is None, value.fields is None, len(parts_of(value)), keys)
    cells = tuple(sorted(value.cells))
    return (tuple(t.key for t in value.taints), plain, value.known, value.ref, inner, shape, cells)


def cells_within(value: Value, depth: int = 3) -> frozenset[str]:
    """Return where a value's container, and those in it, were made."""
    found = value.cells
    for part in parts_of(value) if depth else ():
        found |= cells_within(part, depth - 1)
    return found
