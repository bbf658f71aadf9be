"""Expressions: what they are worth, and where what somebody else chose goes on."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from undersign.catalogs.code import SourceRule
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.objects import is_view, of_object
from undersign.surfaces.review.dataflow.project import FunctionInfo
from undersign.surfaces.review.dataflow.values import (
    NOTHING,
    STRANGE,
    Value,
    combined,
    constant,
    flat,
    joined,
)

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b, ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}  # fmt: skip
_LONGEST = 10_000
"""Characters of a text that is folded."""


def evaluate(node: ast.expr, frame: Frame, engine: Engine) -> Value:
    """Return the value of an expression; calls in it are made, sinks in it are met."""
    engine.spend()
    make = _MAKERS.get(type(node))
    if make is None:
        parts = [
            evaluate(n, frame, engine)
            for n in ast.iter_child_nodes(node)
            if isinstance(n, ast.expr)
        ]
        return replace(combined(parts), known=False)
    return make(node, frame, engine)


def path_of(node: ast.expr) -> str:
    """Return `a` or `a.b.c` for a chain of names; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def cell(node: ast.AST, frame: Frame) -> frozenset[str]:
    """Return the mark of a container that is made here."""
    at = f"{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}"
    return frozenset({f"{frame.module.path}:{at}"})


def hashable(value: Any) -> bool:
    """Say whether a constant can be the key of a dict here."""
    return isinstance(value, str | int | float | bool | bytes | tuple | type(None))


def _name(node: ast.Name, frame: Frame, engine: Engine) -> Value:
    found = frame.lookup(node.id)
    if found is not None:
        return found
    dotted = frame.module.imports.get(node.id)
    if dotted is None and frame.module.stars:
        dotted = engine.project.star(frame.module, node.id) or None
    if dotted is None:
        own = frame.module.functions.get(node.id) or frame.module.classes.get(node.id)
        return Value(ref=own.name if own else node.id, known=own is not None)
    return _imported(dotted, frame, engine)


def _imported(dotted: str, frame: Frame, engine: Engine) -> Value:
    """Return what an imported name is worth: a variable of a project's module has a value."""
    head, _, last = dotted.rpartition(".")
    holder = engine.project.module(head, frame.module) if head else None
    if holder is not None and last not in holder.functions and last not in holder.classes:
        value = engine.module_frame(holder).env.get(last)
        if value is not None:
            return value
        if last in holder.imports and holder.imports[last] != dotted:
            return _imported(holder.imports[last], Frame(holder), engine)
    return source(dotted, None, frame, engine) or Value(ref=dotted, known=False)


def source(name: str, node: ast.AST | None, frame: Frame, engine: Engine) -> Value | None:
    """Return the tainted value that a name stands for, or None when it is no source."""
    for pattern, rule in engine.models.sources.of(name):
        if not pattern.startswith("."):
            return sourced(rule, name, node, frame, engine)
    return None


def sourced(
    rule: SourceRule, name: str, node: ast.AST | None, frame: Frame, engine: Engine
) -> Value:
    """Return a fresh value of a kind of source."""
    where = node if node is not None else ast.Pass(lineno=1, col_offset=0)
    taint = engine.taint(rule.kind, where, frame, name.replace("<", "").replace(">", ""))
    return Value((taint,), known=rule.kind != "stored", ref=name)


def _attribute(node: ast.Attribute, frame: Frame, engine: Engine) -> Value:
    path = path_of(node)
    if path:
        held = frame.lookup(path)
        if held is not None:
            return held
    base = evaluate(node.value, frame, engine)
    if base.fields is not None and node.attr in base.fields:
        return base.fields[node.attr]
    name = f"{base.ref}.{node.attr}" if base.ref else ""
    if frame.fixed and name in _FIXED:
        return NOTHING
    if node.attr == "request" and base.ref.endswith("()") and is_view(base.ref, frame, engine):
        return Value(ref="<request>", known=False)
    if name and (found := source(name, node, frame, engine)):
        return found
    if (
        name
        and base.ref.endswith("()")
        and (value := of_object(base.ref, node.attr, frame, engine))
    ):
        return value
    if name and not base.taints and (value := _of_module(name, frame, engine)):
        return value
    whole = flat(base)
    of = base.of or (path_of(node.value) if base.of else "")
    return Value(
        whole.taints, known=whole.known and bool(whole.taints or not base.ref), ref=name, of=of
    )


_FIXED = frozenset({"flask.request.path", "flask.request.url_rule", "flask.request.endpoint"})
"""What cannot differ where one path alone leads to a view."""


def _of_module(name: str, frame: Frame, engine: Engine) -> Value | None:
    head, _, last = name.rpartition(".")
    holder = engine.project.module(head, frame.module)
    if holder is None or last in holder.functions or last in holder.classes:
        return None
    return engine.module_frame(holder).env.get(last)


def _subscript(node: ast.Subscript, frame: Frame, engine: Engine) -> Value:
    base = evaluate(node.value, frame, engine)
    if isinstance(node.slice, ast.Slice):
        return _sliced(node.slice, base, frame, engine)
    key = evaluate(node.slice, frame, engine)
    if (
        base.items is not None
        and isinstance(key.const, int)
        and -len(base.items) <= key.const < len(base.items)
    ):
        return base.items[key.const]
    if base.fields is not None and key.is_const and hashable(key.const):
        if key.const in base.fields:
            return base.fields[key.const]
        return Value(base.taints, known=base.known)
    if base.ref == "globals()" or holds_functions(base):
        from undersign.surfaces.review.dataflow.agency import chosen

        if (made := chosen(key)) is not None:
            return made
    if base.is_const and key.is_const:
        try:
            return constant(base.const[key.const])
        except (TypeError, IndexError, KeyError):
            return NOTHING
    whole = flat(base)
    return Value(whole.taints, known=whole.known, ref=f"{base.ref}[]" if base.ref else "")


def holds_functions(base: Value) -> bool:
    """Say whether it is a dict of functions by name."""
    held = tuple((base.fields or {}).values())
    return bool(held) and all(v.ref and not v.ref.endswith("()") for v in held)


def _sliced(node: ast.Slice, base: Value, frame: Frame, engine: Engine) -> Value:
    bounds = [
        evaluate(b, frame, engine) if b else constant(None)
        for b in (node.lower, node.upper, node.step)
    ]
    whole = all(b.is_const for b in bounds)
    cut = slice(*(b.const for b in bounds)) if whole else None
    try:
        if base.is_const and cut is not None:
            return constant(base.const[cut])
        if base.items is not None and cut is not None:
            return replace(base, items=base.items[cut], const=NOTHING.const)
    except (TypeError, ValueError):
        return STRANGE
    return flat(base)


def _binary(node: ast.BinOp, frame: Frame, engine: Engine) -> Value:
    left, right = evaluate(node.left, frame, engine), evaluate(node.right, frame, engine)
    if left.is_const and right.is_const:
        return _folded(_BINARY.get(type(node.op)), left.const, right.const)
    if isinstance(node.op, ast.Add) and left.items is not None and right.items is not None:
        return Value(items=(*left.items, *right.items), known=left.known and right.known)
    if isinstance(node.op, ast.Div) and "pathlib" in left.ref:
        return replace(combined([left, right]), ref="pathlib.Path()")
    return combined([left, right])


def _folded(function: Callable[[Any, Any], Any] | None, left: Any, right: Any) -> Value:
    if function is None:
        return NOTHING
    if function is operator.mul and max(_size(left) * _size(right), 0) > _LONGEST:
        return NOTHING
    try:
        made = function(left, right)
    except (TypeError, ValueError, ArithmeticError, KeyError):
        return NOTHING
    return constant(made) if _size(made) <= _LONGEST else NOTHING


def _size(value: Any) -> int:
    if isinstance(value, str | bytes | list | tuple):
        return len(value)
    return abs(value) if isinstance(value, int) and abs(value) > 1_000_000 else 1


def _compare(node: ast.Compare, frame: Frame, engine: Engine) -> Value:
    values = [evaluate(n, frame, engine) for n in (node.left, *node.comparators)]
    if len(node.ops) == 1 and all(v.is_const for v in values):
        return _folded(_COMPARE.get(type(node.ops[0])), values[0].const, values[1].const)
    return NOTHING


def _boolean(node: ast.BoolOp, frame: Frame, engine: Engine) -> Value:
    values = [evaluate(n, frame, engine) for n in node.values]
    stops = isinstance(node.op, ast.Or)
    for at, value in enumerate(values):
        if not value.is_const:
            return joined(values[at:])
        if bool(value.const) == stops:
            return value
    return values[-1]


def _unary(node: ast.UnaryOp, frame: Frame, engine: Engine) -> Value:
    value = evaluate(node.operand, frame, engine)
    if not value.is_const:
        return NOTHING if isinstance(node.op, ast.Not) else flat(value)
    if isinstance(node.op, ast.Not):
        return constant(not value.const)
    number = isinstance(value.const, int | float)
    return constant(-value.const) if number and isinstance(node.op, ast.USub) else NOTHING


def _choice(node: ast.IfExp, frame: Frame, engine: Engine) -> Value:
    from undersign.surfaces.review.dataflow.refine import refined

    test = evaluate(node.test, frame, engine)
    if test.is_const:
        return evaluate(node.body if test.const else node.orelse, frame, engine)
    before, made = frame.env, []
    for part, truth in ((node.body, True), (node.orelse, False)):
        frame.env = {**before, **refined(node.test, truth, frame, engine)}
        made.append(evaluate(part, frame, engine))
    frame.env = before
    return joined(made)


def _text(node: ast.JoinedStr, frame: Frame, engine: Engine) -> Value:
    values = []
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        values.append(evaluate(inner, frame, engine))
    plain = not any(isinstance(p, ast.FormattedValue) and p.format_spec for p in node.values)
    if plain and all(v.is_const for v in values):
        return constant("".join(str(v.const) for v in values)[:_LONGEST])
    return combined(values)


def _sequence(node: ast.List | ast.Tuple | ast.Set, frame: Frame, engine: Engine) -> Value:
    if any(isinstance(e, ast.Starred) for e in node.elts):
        parts = [e.value if isinstance(e, ast.Starred) else e for e in node.elts]
        whole = combined([evaluate(e, frame, engine) for e in parts])
        return replace(whole, cells=cell(node, frame))
    items = tuple(evaluate(e, frame, engine) for e in node.elts)
    cells = frozenset() if isinstance(node, ast.Tuple) else cell(node, frame)
    if isinstance(node, ast.Tuple | ast.Set) and items and all(v.is_const for v in items):
        try:
            plain = tuple(v.const for v in items)
            folded = plain if isinstance(node, ast.Tuple) else frozenset(plain)
            return Value(const=folded, items=items, cells=cells)
        except TypeError:
            return Value(items=items, cells=cells)
    return Value(items=items, cells=cells)


def _mapping(node: ast.Dict, frame: Frame, engine: Engine) -> Value:
    fields: dict[Any, Value] = {}
    rest = []
    for key, part in zip(node.keys, node.values, strict=True):
        value = evaluate(part, frame, engine)
        name = evaluate(key, frame, engine) if key is not None else STRANGE
        if name.is_const and hashable(name.const):
            fields[name.const] = value
        elif key is None and value.fields is not None:
            fields |= value.fields
        elif key is None:  # it may hold any of the keys before it, too
            over = Value(flat(value).taints, known=value.known)
            fields = {name: joined([held, over]) for name, held in fields.items()}
            rest.append(value)
        else:
            rest += [name, value]
    other = combined(rest)
    return Value(other.taints, known=other.known, fields=fields, cells=cell(node, frame))


def _comprehension(node: Any, frame: Frame, engine: Engine) -> Value:
    from undersign.surfaces.review.dataflow.assignments import assign
    from undersign.surfaces.review.dataflow.refine import refined
    from undersign.surfaces.review.dataflow.statements import elements

    before = frame.env
    frame.env = dict(before)
    for one in node.generators:
        assign(one.target, elements(evaluate(one.iter, frame, engine)), frame, engine)
        for test in one.ifs:
            evaluate(test, frame, engine)
            frame.env |= refined(test, True, frame, engine)
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    made = combined([evaluate(part, frame, engine) for part in parts])
    frame.env = before
    return replace(made, cells=cell(node, frame))


def _lambda(node: ast.Lambda, frame: Frame, engine: Engine) -> Value:
    info = FunctionInfo(f"{frame.module.name}.<lambda>", node, frame.module)
    name = f"closure:{frame.module.path}:{node.lineno}:{node.col_offset}"
    engine.lambda_later(info, frame, name)
    return Value(ref=name)


def _named(node: ast.NamedExpr, frame: Frame, engine: Engine) -> Value:
    from undersign.surfaces.review.dataflow.assignments import assign

    value = evaluate(node.value, frame, engine)
    assign(node.target, value, frame, engine)
    return value


def _inner(
    node: ast.Await | ast.Starred | ast.FormattedValue, frame: Frame, engine: Engine
) -> Value:
    return evaluate(node.value, frame, engine)


def _yield(node: ast.Yield | ast.YieldFrom, frame: Frame, engine: Engine) -> Value:
    if node.value is not None:
        frame.returns.append(flat(evaluate(node.value, frame, engine)))
    return STRANGE


def _call(node: ast.Call, frame: Frame, engine: Engine) -> Value:
    from undersign.surfaces.review.dataflow.calls import call

    return call(node, frame, engine)


def _constant(node: ast.Constant, frame: Frame, engine: Engine) -> Value:
    del frame, engine
    return constant(node.value)


_MAKERS: dict[type, Callable[[Any, Frame, Engine], Value]] = {
    ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute,
    ast.Subscript: _subscript, ast.BinOp: _binary, ast.Compare: _compare, ast.BoolOp: _boolean,
    ast.UnaryOp: _unary, ast.IfExp: _choice, ast.JoinedStr: _text, ast.List: _sequence,
    ast.Tuple: _sequence, ast.Set: _sequence, ast.Dict: _mapping, ast.ListComp: _comprehension,
    ast.SetComp: _comprehension, ast.GeneratorExp: _comprehension, ast.DictComp: _comprehension,
    ast.Lambda: _lambda, ast.NamedExpr: _named, ast.Await: _inner, ast.Starred: _inner,
    ast.FormattedValue: _inner, ast.Yield: _yield, ast.YieldFrom: _yield, ast.Call: _call,
}  # fmt: skip
