"""Assignments: where a value is kept, and how a container changes."""

from __future__ import annotations

import ast
from dataclasses import replace

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, hashable, path_of
from undersign.surfaces.review.dataflow.project import ClassInfo
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
        frame.env[target.id] = stepped(value, frame.step(target, f"assigned to {target.id}"))
        _global(target.id, value, frame, engine)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(target, value, frame, engine)
    elif isinstance(target, ast.Starred):
        assign(target.value, flat(value), frame, engine)
    elif isinstance(target, ast.Attribute):
        _assign_attribute(target, value, frame, engine)
    elif isinstance(target, ast.Subscript):
        _assign_item(target, value, frame, engine)


def _global(name: str, value: Value, frame: Frame, engine: Engine) -> None:
    """A `global` statement is taken to hold for every function that assigns a module's name."""
    if frame.function is None:
        return
    module = engine.globals.get(frame.module.name)
    declared = any(
        isinstance(n, ast.Global) and name in n.names
        for n in getattr(frame.function.node, "body", [])
        if isinstance(n, ast.Global)
    ) if not isinstance(frame.function.node, ast.Lambda) else False  # fmt: skip
    if declared and module is not None:
        module.env[name] = joined([module.env[name], value]) if name in module.env else value


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
    if path := path_of(target):
        frame.env[path] = value
    owner = engine.project.find(base.ref.removesuffix("()"), frame.module) if base.ref else None
    if isinstance(owner, ClassInfo):
        engine.assign_attribute(owner, target.attr, value)
    elif isinstance(target.value, ast.Name) and value.taints and not base.ref:
        frame.env[target.value.id] = joined([base, Value(value.taints, known=False)])


def _assign_item(target: ast.Subscript, value: Value, frame: Frame, engine: Engine) -> None:
    base = evaluate(target.value, frame, engine)
    key = evaluate(target.slice, frame, engine)
    if base.ref in ("flask.session", "<request>.session", "django.session"):
        engine.sink("trust-boundary", base.ref, [value, key], target, frame)
        return
    path = path_of(target.value)
    if not path:
        return
    fields = dict(base.fields or {})
    if (
        key.is_const
        and hashable(key.const)
        and base.items is None
        and (base.fields is not None or not base.taints)
    ):
        fields[key.const] = value
        made = Value(base.taints, known=base.known, fields=fields, ref=base.ref)
    elif (
        base.items is not None
        and isinstance(key.const, int)
        and -len(base.items) <= key.const < len(base.items)
    ):
        items = list(base.items)
        items[key.const] = value
        made = replace(base, items=tuple(items), const=UNKNOWN)
    else:
        made = replace(combined([base, value, key]), ref=base.ref)
    frame.env[path] = made
