"""Statements: what they do to names, which branches run, where a function ends."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from undersign.surfaces.review.dataflow.assignments import assign
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate
from undersign.surfaces.review.dataflow.keeping import keep
from undersign.surfaces.review.dataflow.project import ClassInfo, Function, FunctionInfo
from undersign.surfaces.review.dataflow.refine import refined
from undersign.surfaces.review.dataflow.values import (
    NEVER,
    NOTHING,
    STRANGE,
    Value,
    combined,
    flat,
    joined,
    signature,
    unsure,
)


def run_block(body: Sequence[ast.stmt], frame: Frame, engine: Engine) -> bool:
    """Run statements in order; True when what follows them is not reached."""
    for node in body:
        engine.spend()
        run = _RUN.get(type(node))
        if run is not None and run(node, frame, engine):
            return True
    return False


def _expression(node: ast.Expr, frame: Frame, engine: Engine) -> bool:
    return evaluate(node.value, frame, engine) is NEVER


def _assign(node: ast.Assign, frame: Frame, engine: Engine) -> None:
    value = evaluate(node.value, frame, engine)
    for one in node.targets:
        assign(one, value, frame, engine)


def _annotated(node: ast.AnnAssign, frame: Frame, engine: Engine) -> None:
    if node.value is not None:
        assign(node.target, evaluate(node.value, frame, engine), frame, engine)


def _augmented(node: ast.AugAssign, frame: Frame, engine: Engine) -> None:
    binary = ast.BinOp(_loaded(node.target), node.op, node.value)
    ast.copy_location(binary, node)
    old, made = evaluate(node.target, frame, engine), evaluate(binary, frame, engine)
    if old.cells:
        keep(node.target, old, made, frame, engine)  # `+=` changes the list itself
    else:
        assign(node.target, made, frame, engine)


def _loaded(node: ast.expr) -> ast.expr:
    # The same node serves: whether it is stored or loaded is not asked.
    return node


def _return(node: ast.Return, frame: Frame, engine: Engine) -> bool:
    value = evaluate(node.value, frame, engine) if node.value else Value(const=None)
    frame.returns.append(value)
    if frame.html and node.value is not None:
        _page(value, node, frame, engine)
    return True


def _page(value: Value, node: ast.Return, frame: Frame, engine: Engine) -> None:
    """What a view returns is a page, unless it is data or a response made elsewhere."""
    if value.items and isinstance(node.value, ast.Tuple):
        value = value.items[0]
    if value.fields is not None or value.items is not None:
        return
    if flat(value).taints:
        engine.sink("cross-site-scripting", "return", [value], node, frame)


def _raise(node: ast.Raise, frame: Frame, engine: Engine) -> bool:
    if node.exc is not None:
        evaluate(node.exc, frame, engine)
    return True


def _if(node: ast.If, frame: Frame, engine: Engine) -> bool:
    test = evaluate(node.test, frame, engine)
    if test.is_const:
        taken, other = (node.body, node.orelse) if test.const else (node.orelse, node.body)
        _dead(other, frame, engine)
        return run_block(taken, frame, engine)
    branches: list[tuple[Sequence[ast.stmt], bool]] = [(node.body, True), (node.orelse, False)]
    return _branch(
        [(body, refined(node.test, truth, frame, engine)) for body, truth in branches],
        frame,
        engine,
    )


def _branch(
    branches: Sequence[tuple[Sequence[ast.stmt], dict[str, Value]]], frame: Frame, engine: Engine
) -> bool:
    """Run branches side by side and join what they leave; True when none goes on."""
    before = frame.env
    after = []
    for body, changes in branches:
        frame.env = {**before, **changes}
        if not run_block(body, frame, engine):
            after.append(frame.env)
    if not after:
        frame.env = before
        return True
    frame.env = _joined(after, frame)
    return False


def _joined(envs: Sequence[dict[str, Value]], frame: Frame) -> dict[str, Value]:
    """Return what holds of every name after branches; one may lack what another has learned."""
    if len(envs) == 1:
        return envs[0]
    names = dict.fromkeys(name for env in envs for name in env)
    made = {}
    for name in names:
        values = [env[name] for env in envs if name in env]
        if len(values) < len(envs):
            around = frame.outer.lookup(name) if frame.outer is not None else None
            if around is not None:
                values.append(around)
            elif "." in name:
                values.append(STRANGE)
        made[name] = joined(values)
    return made


def _dead(body: Sequence[ast.stmt], frame: Frame, engine: Engine) -> None:
    """Read a branch that never runs, so that a sink in it is known to be there."""
    before = frame.env, len(frame.returns)
    frame.env = dict(frame.env)
    engine.dead += 1
    try:
        run_block(body, frame, engine)
    finally:
        engine.dead -= 1
        frame.env = before[0]
        del frame.returns[before[1] :]


def _match(node: ast.Match, frame: Frame, engine: Engine) -> bool:
    subject = evaluate(node.subject, frame, engine)
    if subject.is_const:
        taken = next((c for c in node.cases if _fits(c, subject.const)), None)
        if taken is None or not any(_fits(c, subject.const) is None for c in node.cases):
            for case in node.cases:
                if case is not taken:
                    _dead(case.body, frame, engine)
            return run_block(taken.body, frame, engine) if taken else False
    branches = [(c.body, _captured(c.pattern, subject)) for c in node.cases]
    return _branch([*branches, ([], {})], frame, engine)


def _fits(case: ast.match_case, const: Any) -> bool | None:
    """Say whether a case takes a constant; None when that cannot be told."""
    if case.guard is not None:
        return None
    return _pattern_fits(case.pattern, const)


def _pattern_fits(pattern: ast.pattern, const: Any) -> bool | None:
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        return True
    if isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Constant):
        return bool(pattern.value.value == const)
    if isinstance(pattern, ast.MatchOr):
        answers = [_pattern_fits(one, const) for one in pattern.patterns]
        return True if True in answers else (None if None in answers else False)
    return None


def _captured(pattern: ast.pattern, subject: Value) -> dict[str, Value]:
    names = [
        n.name for n in ast.walk(pattern) if isinstance(n, ast.MatchAs | ast.MatchStar) and n.name
    ]
    return dict.fromkeys(names, flat(subject))


def elements(value: Value) -> Value:
    """Return what an iteration over a value gives."""
    if value.items is not None:
        return joined(value.items) if value.items else NOTHING
    if value.fields is not None:
        return combined([value]) if flat(value).taints else Value(known=value.known)
    if value.is_const and isinstance(value.const, str | tuple | list | range):
        return NOTHING
    return Value(value.taints, known=value.known)


_MOST_ROUNDS = 6


def _for(node: ast.For | ast.AsyncFor, frame: Frame, engine: Engine) -> bool:
    values = evaluate(node.iter, frame, engine)

    def begin() -> None:
        frame.env = dict(frame.env)
        assign(node.target, elements(values), frame, engine)

    _loop(node.body, begin, frame, engine)
    return run_block(node.orelse, frame, engine)


def _while(node: ast.While, frame: Frame, engine: Engine) -> bool:
    test = evaluate(node.test, frame, engine)
    if test.is_const and not test.const:
        _dead(node.body, frame, engine)
        return run_block(node.orelse, frame, engine)

    def begin() -> None:
        evaluate(node.test, frame, engine)
        frame.env = {**frame.env, **refined(node.test, True, frame, engine)}

    _loop(node.body, begin, frame, engine)
    return run_block(node.orelse, frame, engine)


def _loop(
    body: Sequence[ast.stmt], begin: Callable[[], None], frame: Frame, engine: Engine
) -> None:
    """Run a loop until nothing new is known after a round; a name that goes on is not sure."""
    changed: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        before = frame.env
        begin()
        frame.loops.append([])
        ended = run_block(body, frame, engine)
        left = frame.loops.pop()
        after = _joined([before, *left, *([] if ended else [frame.env])], frame)
        changed = {n for n, v in after.items() if _differs(v, before.get(n))}
        frame.env = after
        if not changed:
            return
    frame.env = {**frame.env, **{name: unsure(frame.env[name]) for name in changed}}


def _differs(new: Value, old: Value | None) -> bool:
    return new is not old and (old is None or signature(new) != signature(old))


def _try(node: ast.Try, frame: Frame, engine: Engine) -> bool:
    # An exception may leave the body after any of its statements.
    seen = [dict(frame.env)]
    ended = False
    for statement in node.body:
        ended = run_block([statement], frame, engine)
        seen.append(dict(frame.env))
        if ended:
            break
    if not ended:
        ended = run_block(node.orelse, frame, engine)
    after = [] if ended else [frame.env]
    raised = _joined(seen[-_MOST_PLACES:], frame)
    for handler in node.handlers:
        frame.env = dict(raised)
        if handler.name:
            frame.env[handler.name] = STRANGE
        if not run_block(handler.body, frame, engine):
            after.append(frame.env)
    frame.env = _joined(after, frame) if after else raised
    return run_block(node.finalbody, frame, engine) or not after


_MOST_PLACES = 40
"""Of a `try` body: after how many of its last statements an exception is thought of."""


def _with(node: ast.With | ast.AsyncWith, frame: Frame, engine: Engine) -> bool:
    for item in node.items:
        value = evaluate(item.context_expr, frame, engine)
        if item.optional_vars is not None:
            assign(item.optional_vars, value, frame, engine)
    return run_block(node.body, frame, engine)


def _define(node: Function, frame: Frame, engine: Engine) -> None:
    known = frame.module.functions.get(node.name)
    if frame.function is None and known is not None and known.node is node:
        return  # found by its dotted name
    info = FunctionInfo(f"{frame.module.name}.{node.name}", node, frame.module)
    for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
        evaluate(default, frame, engine)
    frame.env[node.name] = Value(ref=engine.later(info, frame))


def _class(node: ast.ClassDef, frame: Frame, engine: Engine) -> None:
    known = frame.module.classes.get(node.name)
    owner = known if known is not None and known.node is node else None
    if owner is None:
        return
    inner = Frame(frame.module, None, {}, frame, depth=frame.depth)
    run_block([n for n in node.body if not isinstance(n, Function)], inner, engine)
    for name, value in inner.env.items():
        engine.assign_attribute(ClassInfo(owner.name, node, frame.module), name, value)


def _delete(node: ast.Delete, frame: Frame, engine: Engine) -> None:
    del engine
    for one in node.targets:
        if isinstance(one, ast.Name) and one.id in frame.env:
            frame.env[one.id] = STRANGE


def _leaves(node: ast.stmt, frame: Frame, engine: Engine) -> bool:
    del node, engine
    if frame.loops:
        frame.loops[-1].append(frame.env)
    return True


def _assert(node: ast.Assert, frame: Frame, engine: Engine) -> None:
    # Not a guard: `python -O` leaves it out. It is evaluated for what it calls.
    evaluate(node.test, frame, engine)


_RUN: dict[type, Callable[[Any, Frame, Engine], bool | None]] = {
    ast.Expr: _expression, ast.Assign: _assign, ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented, ast.Return: _return, ast.Raise: _raise, ast.If: _if,
    ast.Match: _match, ast.For: _for, ast.AsyncFor: _for, ast.While: _while, ast.Try: _try,
    ast.TryStar: _try, ast.With: _with, ast.AsyncWith: _with, ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define, ast.ClassDef: _class, ast.Delete: _delete,
    ast.Break: _leaves, ast.Continue: _leaves, ast.Assert: _assert,
}  # fmt: skip
