"""What a function gets when a framework calls it: the request, parts of it, dependencies."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from undersign.catalogs import guards as models
from undersign.surfaces.review.dataflow.project import ClassInfo, Function, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.calling import opened
from undersign.surfaces.review.upstream.machine import Machine, whole
from undersign.surfaces.review.upstream.names import Frame, variable
from undersign.surfaces.review.upstream.running import Raised, Returned
from undersign.surfaces.review.upstream.values import (
    WHO,
    Chosen,
    Instance,
    Known,
    Library,
    Made,
    Request,
    Unknown,
    Value,
    World,
    secret_place,
)

_REQUESTS = frozenset({"Request", "HttpRequest", "WebSocket", "HTTPConnection"})
_PARTS = frozenset({"Header", "Cookie", "Query", "Path", "Body", "Form", "File"})
_DEPENDS = frozenset({"Depends", "Security"})


def depends_in(
    node: ast.expr | None, info: ModuleInfo, machine: Machine
) -> Iterator[tuple[ast.Call, ModuleInfo]]:
    """Yield the `Depends(...)` of a default or an annotation, and the module that writes it."""
    if node is None:
        return
    found = [
        n for n in ast.walk(node)
        if isinstance(n, ast.Call) and info.dotted(n.func).rpartition(".")[2] in _DEPENDS
    ]  # fmt: skip
    yield from ((call, info) for call in found)
    if found or not isinstance(node, ast.Name | ast.Attribute):
        return
    held = variable(info.dotted(node), info, machine.project)
    if held is not None and isinstance(held.value, ast.Subscript):
        yield from depends_in(held.value, held.module, machine)


def enter(machine: Machine, made: Made, *, injected: bool = False) -> Frame:
    """Return the names of a function that a framework calls; its dependencies run first."""
    info = made.info
    frame = Frame(info.module, dict(made.names), info.owner)
    args = info.node.args
    named = [*args.posonlyargs, *args.args]
    defaults: dict[str, ast.expr] = dict(
        zip((a.arg for a in reversed(named)), reversed(args.defaults), strict=False)
    )
    defaults |= {a.arg: d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d}
    for at, one in enumerate((*named, *args.kwonlyargs)):
        if at == 0 and info.owner is not None and not info.is_static:
            frame.names[one.arg] = made.bound or Instance(info.owner)
        else:
            frame.names[one.arg] = _parameter(machine, one, defaults.get(one.arg), info, injected)
    return frame


def _parameter(
    machine: Machine, one: ast.arg, default: ast.expr | None, info: FunctionInfo, injected: bool
) -> Value:
    module = info.module
    for place in (default, one.annotation):
        for call, home in depends_in(place, module, machine):
            return depend(machine, call, home, one.annotation)
    written = module.dotted(one.annotation).rpartition(".")[2] if one.annotation is not None else ""
    if written in _REQUESTS or (not written and one.arg in ("request", "req", "websocket")):
        return Request()
    if isinstance(default, ast.Call):
        part = module.dotted(default.func).rpartition(".")[2]
        alias = next((w.value for w in default.keywords if w.arg == "alias"), None)
        name = str(alias.value) if isinstance(alias, ast.Constant) else one.arg
        return Chosen(secret_place(name)) if part in _PARTS else Unknown(bool(WHO.search(one.arg)))
    parts = machine.run.facts.parameters
    given = injected or parts is None or one.arg in parts
    return Chosen(secret_place(one.arg)) if given else Unknown(bool(WHO.search(one.arg)))


def depend(
    machine: Machine, call: ast.Call, info: ModuleInfo, annotation: ast.expr | None = None
) -> Value:
    """Run a dependency of FastAPI, and return what it gives."""
    machine.run.step()
    given = [*call.args, *(w.value for w in call.keywords if w.arg == "dependency")]
    target = given[0] if given else annotation
    if target is None:
        machine.run.suspect("a dependency by its type was not followed")
        return Unknown(who=True)
    if isinstance(target, ast.Subscript) and target is annotation:
        target = target.slice.elts[0] if isinstance(target.slice, ast.Tuple) else target.slice
    frame = Frame(info)
    held = machine.value(target, frame)
    if isinstance(held, Library):
        return _library(machine, target, held, info)
    if isinstance(held, Instance):
        method = machine.project.method(held.owner, "__call__")
        if method is not None:
            return run(machine, Made(method, {}, held))
    if isinstance(held, Made):
        return run(machine, held)
    if isinstance(held, Chosen):
        return held
    name = ast.unparse(target)[:60]
    machine.run.suspect(f"{name} was not followed, so what it does is not known")
    return Unknown(who=True)


def run(machine: Machine, made: Made) -> Value:
    """Run a function as FastAPI runs a dependency."""
    whole(made.info)
    frame = enter(machine, made, injected=True)
    if isinstance(made.info.node, ast.Lambda):
        return machine.value(made.info.node.body, frame)
    try:
        machine.block(made.info.node.body, frame)
    except Returned as returned:
        return returned.value
    return Known((None,))


def _library(machine: Machine, target: ast.expr, held: Library, info: ModuleInfo) -> Value:
    known = models.load()
    name = machine.project.canonical(held.name, info)
    if name.startswith(known.schemes):
        return Chosen(secret=True)
    bare = name.removesuffix("()") if isinstance(target, ast.Call) else name
    if bare in known.dependencies or bare.removesuffix("()") in known.dependencies:
        call = _maker(target, info, machine)
        machine.run.who = True
        if opened(call):
            return Unknown(who=True)
        role = call is not None and any(w.arg == "superuser" for w in call.keywords)
        if machine.nobody or (role and machine.run.world is World.USER):
            raise Raised("Unauthorized")
        if machine.anyone and machine.run.choose("may he", free=False):
            raise Raised("Unauthorized")
        return Unknown(who=True)
    owner = machine.project.find(held.name, info) or machine.project.find(
        f"{info.name}.{held.name}"
    )
    if isinstance(owner, ClassInfo):
        start = machine.project.method(owner, "__init__")
        made = Instance(owner)
        if start is not None:
            run(machine, Made(start, {}, made))
        return made
    machine.run.suspect(f"{held.name} was not found, so what it does is not known")
    return Unknown(who=True)


def _maker(target: ast.expr, info: ModuleInfo, machine: Machine) -> ast.Call | None:
    if isinstance(target, ast.Call):
        return target
    held = variable(info.dotted(target), info, machine.project)
    return held.value if held is not None and isinstance(held.value, ast.Call) else None


def body(machine: Machine, made: Made, frame: Frame) -> tuple[Value, int]:
    """Execute a function whose names are given; return what it gives, and where."""
    node = made.info.node
    whole(made.info)
    if not isinstance(node, Function):
        return machine.value(node.body, frame), node.lineno
    try:
        machine.block(node.body, frame)
    except Returned as returned:
        return returned.value, returned.line
    return Known((None,)), 0
