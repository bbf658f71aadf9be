"""Commands that bring in other rows, as stages: lookups, join, append and its kin."""

from __future__ import annotations

from dataclasses import replace

from undersign.languages.spl.bound import Bound, look
from undersign.languages.spl.scope import Origin, Scope
from undersign.languages.spl.tree import Command
from undersign.records.query import Assigned, Join, Stage


def lookup(command: Command, bound: Bound, stage: Stage) -> Stage:
    """Fields that a lookup adds."""
    look(bound, tuple(p.new for p in command.pairs))
    made = []
    for pair in command.outputs:
        bound.scope.fields[pair.new.value] = Origin("string")
        span = bound.reader.span(pair.old.start, pair.new.end)
        made.append(Assigned(pair.new.value, pair.old.value, span, (), ("lookup",)))
    if not command.outputs:
        bound.scope.open = True
    return replace(stage, kind="lookup", assigned=tuple(made))


def inputlookup(command: Command, bound: Bound, stage: Stage) -> Stage:
    """A lookup's rows."""
    condition = bound.reader.search(command.search) if command.search else None
    return replace(stage, kind="other" if condition is None else "filter", condition=condition)


def join(command: Command, bound: Bound, stage: Stage) -> Stage:
    """Two sides, and the fields of both."""
    left = bound.scope
    right, inner = bound.inner(command.inner[0])
    kind = command.options["type"].value.lower() if "type" in command.options else "inner"
    names = [n.value for n in command.fields]
    if not names:
        names = [n for n in left.fields if n in inner.fields and not n.startswith("_")]
    look(bound, command.fields)
    left.fields = {**left.fields, **{n: o for n, o in inner.fields.items() if n not in names}}
    left.open = left.open or inner.open
    word = "left" if kind in ("left", "outer") else kind
    keys = tuple((n, n) for n in names)
    made = Join(word, "type" in command.options, right, keys, stage.span)
    return replace(stage, kind="join", join=made)


def append(command: Command, bound: Bound, stage: Stage) -> Stage:
    """Rows of other pipelines below."""
    branches = []
    for found in command.inner:
        right, inner = bound.inner(found)
        branches.append(right)
        bound.scope.fields = {**inner.fields, **bound.scope.fields}
        bound.scope.open = bound.scope.open or inner.open
    return replace(stage, kind="union", branches=tuple(branches))


def appendpipe(command: Command, bound: Bound, stage: Stage) -> Stage:
    """Rows that a pipeline makes of those so far."""
    scope = bound.scope
    copy = Scope(dict(scope.fields), scope.open, dict(scope.bins), scope.prefixes)
    branch = bound.pipeline(command.inner[0], copy)
    scope.fields = {**copy.fields, **scope.fields}
    return replace(stage, kind="union", branches=(branch,))
