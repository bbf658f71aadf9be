"""Assignments: where a value is kept, and how a container changes."""

from __future__ import annotations

import ast
from dataclasses import replace

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, hashable, path_of
from undersign.surfaces.review.dataflow.keeping import keep, outward
from undersign.surfaces.review.dataflow.project import ClassInfo, ModuleInfo
from undersign.surfaces.review.dataflow.values import (
    UNKNOWN,
    Value,
    combined,
    flat,
    joined,
    stepped,
)


def assign(target: ast.expr, value: Value, frame: Frame, engine: Engine) -> None:
    """Give a target a value."""
    if isinstance(target, ast.Name):
        value = stepped(value, frame.step(target, f"assigned to {target.id}"))
        outer = _declared_outward(target.id, frame, engine)
        if outer is not None:
            outward(target.id, value, outer, engine)
        else:
            frame.forget(target.id)
            frame.env[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(target, value, frame, engine)
    elif isinstance(target, ast.Starred):
        assign(target.value, flat(value), frame, engine)
    elif isinstance(target, ast.Attribute):
        _assign_attribute(target, value, frame, engine)
    elif isinstance(target, ast.Subscript):
        _assign_item(target, value, frame, engine)


def _declared_outward(name: str, frame: Frame, engine: Engine) -> Frame | None:
    """Return whose name it is when the function says that it is not its own."""
    if frame.function is None or name not in frame.function.outward or frame.outer is None:
        return None
    return frame.outer.holder(name) or engine.globals.get(frame.module.name)


def _unpack(target: ast.Tuple | ast.List, value: Value, frame: Frame, engine: Engine) -> None:
    exact = value.items is not None and len(value.items) == len(target.elts)
    for at, one in enumerate(target.elts):
        if exact and value.items is not None:
            assign(one, value.items[at], frame, engine)
        else:
            whole = flat(value)
            assign(one, Value(whole.taints, known=whole.known), frame, engine)


def _assign_attribute(target: ast.Attribute, value: Value, frame: Frame, engine: Engine) -> None:
    base = evaluate(target.value, frame, engine)
    value = stepped(value, frame.step(target, f"assigned to {target.attr}"))
    ref = base.ref.removesuffix("()")
    owner = engine.project.find(ref, frame.module) if ref else None
    path = path_of(target)
    if path:
        frame.forget(path)
        frame.env[path] = value
    if isinstance(owner, ClassInfo):
        engine.assign_attribute(owner, target.attr, value)
    elif isinstance(owner, ModuleInfo):
        engine.assign_global(owner, target.attr, value)
    else:
        engine.assign_somewhere(target.attr)
        if isinstance(target.value, ast.Name) and value.taints and not base.ref:
            frame.env[target.value.id] = joined([base, Value(value.taints, known=False)])


def _assign_item(target: ast.Subscript, value: Value, frame: Frame, engine: Engine) -> None:
    base = evaluate(target.value, frame, engine)
    key = evaluate(target.slice, frame, engine)
    if base.ref in ("flask.session", "<request>.session", "django.session"):
        engine.sink("trust-boundary", base.ref, [value, key], target, frame)
        return
    keep(target.value, base, _with_item(base, key, value), frame, engine)


def _with_item(base: Value, key: Value, value: Value) -> Value:
    """Return a container after one of its items was set."""
    plain = key.is_const and hashable(key.const)
    if plain and base.items is None and (base.fields is not None or not base.taints):
        # What has no fields that are known may have others, so it stays as sure as it was.
        known = base.known and base.fields is not None
        fields = {**(base.fields or {}), key.const: value}
        return replace(base, known=known, fields=fields, const=UNKNOWN, choices=())
    at = key.const
    if base.items is not None and isinstance(at, int) and -len(base.items) <= at < len(base.items):
        items = list(base.items)
        items[at] = value
        return replace(base, items=tuple(items), const=UNKNOWN)
    return replace(combined([base, value, key]), ref=base.ref)
