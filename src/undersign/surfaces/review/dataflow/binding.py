"""Parameters get their arguments, and objects of the project's classes their fields."""

from __future__ import annotations

import ast
from dataclasses import replace

from undersign.surfaces.review.dataflow.conditions import Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo
from undersign.surfaces.review.dataflow.sinks import receiver_of
from undersign.surfaces.review.dataflow.values import STRANGE, Value, combined, stepped


def everything(called: Called) -> Value:
    """Return what all parts of a call make together."""
    return combined([*called.positional, *called.keywords.values(), *receiver_of(called)])


def made_of(
    owner: ClassInfo, called: Called, node: ast.Call, frame: Frame, engine: Engine
) -> Value:
    """Return an object of a class of the project; what its fields hold is known by name."""
    ref = f"{owner.name}()"
    start = engine.project.method(owner, "__init__")
    if start is not None:
        bound = bound_to(start, called, node, frame, engine, this=Value(ref=ref, known=False))
        engine.invoke(start, bound, frame)
        return Value(ref=ref, known=False)
    fields = [n.target.id for n in owner.node.body
              if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]  # fmt: skip
    for name, value in [*zip(fields, called.positional, strict=False), *called.keywords.items()]:
        engine.assign_attribute(owner, name, value)
    whole = everything(replace(called, receiver=None))
    return Value(whole.taints if not fields else (), ref=ref, known=False)


def bound_to(  # noqa: PLR0913 - a call has these parts
    info: FunctionInfo, called: Called, node: ast.Call, frame: Frame, engine: Engine,
    this: Value | None = None,
) -> dict[str, Value]:  # fmt: skip
    """Give every parameter its argument, or its default."""
    given = info.node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    step = frame.step(node, f"passed to {info.name.rpartition('.')[2]}")
    bound: dict[str, Value] = {}
    if info.owner is not None and names and not info.is_static:
        bound[names.pop(0)] = this or called.receiver or Value(ref=f"{info.owner.name}()")
    positional = [stepped(value, step) for value in called.positional]
    bound |= dict(zip(names, positional, strict=False))
    extra = positional[len(names) :]
    if given.vararg is not None:
        bound[given.vararg.arg] = Value(items=tuple(extra), known=not called.starred)
    every = {*names, *(a.arg for a in given.kwonlyargs)}
    words = {name: stepped(value, step) for name, value in called.keywords.items()}
    bound |= {name: value for name, value in words.items() if name in every}
    loose = {name: value for name, value in words.items() if name not in every}
    if given.kwarg is not None:
        bound[given.kwarg.arg] = Value(fields=loose, known=not called.starred)
    _defaults(info, bound, frame, engine)
    for name in every - set(bound):
        bound[name] = STRANGE
    return bound


def _defaults(info: FunctionInfo, bound: dict[str, Value], frame: Frame, engine: Engine) -> None:
    given = info.node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    pairs = [*zip(names[len(names) - len(given.defaults) :], given.defaults, strict=True)]
    pairs += [(a.arg, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d]
    home = engine.module_frame(info.module)
    for name, default in pairs:
        if name not in bound:
            bound[name] = evaluate(
                default, Frame(info.module, None, {}, home, depth=frame.depth), engine
            )
