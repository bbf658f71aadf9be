"""A model's reply that chooses which function is called: more agency than a reply has."""

from __future__ import annotations

import ast

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import path_of
from undersign.surfaces.review.dataflow.values import Value, flat

_CHOSEN = "<chosen>"


def chosen(name: Value | None) -> Value | None:
    """Return the function or attribute that a model's reply names; None when none does."""
    taints = flat(name).taints if name is not None else ()
    mine = tuple(t for t in taints if t.kind == "model-reply")
    return Value(mine, known=False, ref=_CHOSEN) if mine else None


def meet(function: Value, node: ast.Call, frame: Frame, engine: Engine) -> None:
    """Judge a call of a function that was chosen so."""
    if function.ref == _CHOSEN:
        name = path_of(node.func) or "a function called by name"
        engine.sink("excessive-agency", name, [Value(function.taints)], node, frame)
