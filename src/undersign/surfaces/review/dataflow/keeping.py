"""What changes when a container or an attribute is changed: every name that may mean it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import path_of
from undersign.surfaces.review.dataflow.project import ClassInfo, ModuleInfo
from undersign.surfaces.review.dataflow.values import (
    Value,
    joined,
    parts_of,
    unsure,
)

_DEEPEST = 3


def keep(node: ast.expr, old: Value, new: Value, frame: Frame, engine: Engine) -> None:
    """Put a changed value where `node` says it is, and wherever else the same object is held."""
    if old.cells:
        new = replace(new, cells=new.cells | old.cells)
    path = path_of(node)
    if path:
        put(path, new, frame, engine)
    if old.cells:
        spread(old.cells, new, frame, engine, path)


def put(path: str, value: Value, frame: Frame, engine: Engine) -> None:
    """Give a path a value; one that belongs to a function or module around may keep the old one."""
    root, _, rest = path.partition(".")
    holder = frame.holder(root)
    if rest:
        _put_attribute(path, value, frame, engine)
        frame.env[path] = value
    elif holder is frame:
        frame.env[path] = value
    elif holder is not None:
        outward(path, value, holder, engine)
    elif root in frame.module.imports:
        _put_imported(frame.module.imports[root], value, frame, engine)
    else:
        frame.env[path] = value


def outward(name: str, value: Value, holder: Frame, engine: Engine) -> None:
    """Add to what a name of a function or module around may hold."""
    if holder is engine.globals.get(holder.module.name):
        engine.assign_global(holder.module, name, value)
    else:
        old = holder.env.get(name)
        holder.env[name] = value if old is None else joined([old, value])


def _put_attribute(path: str, value: Value, frame: Frame, engine: Engine) -> None:
    owner_path, _, name = path.rpartition(".")
    base = frame.lookup(owner_path)
    ref = base.ref if base is not None else frame.module.spelled(owner_path)
    found = engine.project.find(ref.removesuffix("()"), frame.module) if ref else None
    if isinstance(found, ClassInfo):
        engine.assign_attribute(found, name, value)
    elif isinstance(found, ModuleInfo):
        engine.assign_global(found, name, value)
    else:
        engine.assign_somewhere(name)


def _put_imported(dotted: str, value: Value, frame: Frame, engine: Engine) -> None:
    head, _, last = dotted.rpartition(".")
    holder = engine.project.module(head, frame.module) if head else None
    if holder is not None:
        engine.assign_global(holder, last, value)


def spread(
    cells: frozenset[str], value: Value, frame: Frame, engine: Engine, but: str = ""
) -> None:
    """Add a change to every other value that may be the same object."""
    around: Frame | None = frame
    while around is not None:
        engine.spend(1 + len(around.env) // 32)
        for name, held in list(around.env.items()):
            if around is frame and name == but:
                continue
            if not engine.inside(held) & cells:
                continue
            engine.spend()  # a thousand names of one list are a thousand steps a change
            made = _touched(held, cells, value, _DEEPEST)
            if made is not held:
                around.env[name] = made
        around = around.outer
    engine.touch_attributes(cells, lambda held: _touched(held, cells, value, _DEEPEST))


def _touched(held: Value, cells: frozenset[str], value: Value, depth: int) -> Value:
    if held.cells & cells:
        return held if held is value else joined([held, value])
    if not depth or not parts_of(held):
        return held
    items, fields = held.items, held.fields
    if items is not None:
        items = tuple(_touched(one, cells, value, depth - 1) for one in items)
    if fields is not None:
        fields = {key: _touched(one, cells, value, depth - 1) for key, one in fields.items()}
    same = all(a is b for a, b in zip(parts_of(held), (*(items or ()), *(fields or {}).values()),
                                      strict=True))  # fmt: skip
    return held if same else replace(held, items=items, fields=fields)


def after_call(
    bound: Mapping[str, Value], left: Mapping[str, Value], frame: Frame, engine: Engine
) -> None:
    """Bring what a function did to the containers it was given back to those who gave them."""
    for name, value in left.items():
        given = bound.get(name)
        if given is None or given is value:
            continue
        inside = engine.inside(given)
        for part in _parts_deep(value, _DEEPEST):
            if part.cells & inside:
                spread(part.cells, part, frame, engine)


def _parts_deep(value: Value, depth: int) -> list[Value]:
    found = [value]
    for part in parts_of(value) if depth else ():
        found += _parts_deep(part, depth - 1)
    return found


def handed_out(values: tuple[Value, ...], frame: Frame, engine: Engine) -> None:
    """Containers were given to code that was not seen: what they hold now is not known."""
    for value in values:
        cells = engine.inside(value)
        if cells and value.known:
            spread(cells, unsure(value), frame, engine)
