"""Functions of the project that answer whether a value is fine, or stop when it is not."""

from __future__ import annotations

import ast

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, path_of
from undersign.surfaces.review.dataflow.project import FunctionInfo
from undersign.surfaces.review.dataflow.values import Value

_MOST = 12


def told_by(
    test: ast.Call, truth: bool, frame: Frame, engine: Engine
) -> dict[str, Value] | None:  # fmt: skip
    """Return what a true answer of a project's function tells of its arguments; None for others.

    Read are functions of the form `if T: return False` ... `return TEST`; of any other form a call
    tells nothing.
    """
    found = engine.project.find(evaluate(test.func, frame, engine).ref, frame.module)
    if not isinstance(found, FunctionInfo) or isinstance(found.node, ast.Lambda):
        return None
    if not truth or frame.depth > 3 or found.owner is not None or found.node.decorator_list:
        return {}
    names = [a.arg for a in (*found.node.args.posonlyargs, *found.node.args.args)]
    inner = Frame(found.module, found, {}, engine.module_frame(found.module), depth=frame.depth + 1)
    paths = {}
    for name, argument in zip(names, test.args, strict=False):
        inner.env[name] = evaluate(argument, frame, engine)
        paths[name] = path_of(argument)
    if not _accepts(found.node.body, inner, engine):
        return {}
    return {paths[name]: inner.env[name] for name in paths if paths[name]}


def _accepts(body: list[ast.stmt], inner: Frame, engine: Engine) -> bool:
    """Learn what must hold for a true answer; False when the function has another form."""
    from undersign.surfaces.review.dataflow.refine import refined

    if len(body) > _MOST:
        return False
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # its docstring
        if isinstance(node, ast.If) and not node.orelse and _refuses(node.body):
            inner.env |= refined(node.test, False, inner, engine)
        elif isinstance(node, ast.Assign) and _is_new(node, inner):
            value = evaluate(node.value, inner, engine)
            for target in node.targets:
                assert isinstance(target, ast.Name)
                inner.env[target.id] = value
        elif isinstance(node, ast.Return) and node.value is not None:
            if not (isinstance(node.value, ast.Constant) and node.value.value is True):
                inner.env |= refined(node.value, True, inner, engine)
            return True
        else:
            return False
    return False


def _is_new(node: ast.Assign, inner: Frame) -> bool:
    return all(isinstance(t, ast.Name) and t.id not in inner.env for t in node.targets)


def _refuses(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    return (
        isinstance(last, ast.Return)
        and isinstance(last.value, ast.Constant)
        and not last.value.value
        and len(body) == 1
    )
