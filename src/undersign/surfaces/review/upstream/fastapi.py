"""FastAPI and Starlette: dependencies of parameters, routes, routers and the app; middleware."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from undersign.records.candidate import Step
from undersign.records.guard import Guard
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo, Project
from undersign.surfaces.review.upstream.flask import Evidence, functions
from undersign.surfaces.review.upstream.stopping import Stops, function_stops, inline, step

PACKAGES = frozenset({"fastapi", "starlette"})
_ROUTES = frozenset({"get", "post", "put", "delete", "patch", "api_route", "websocket", "route"})
_DEPENDS = ("Depends", "Security")


def views(project: Project, wanted: Collection[str]) -> Iterator[Guard]:
    """Yield what guards every route of the files that are wanted."""
    around = _Around(project)
    for path in sorted(wanted):
        info = project.modules[path]
        if not (info.packages & PACKAGES):
            continue
        for function in functions(info):
            for one in getattr(function.node, "decorator_list", ()):
                call = one.func if isinstance(one, ast.Call) else None
                if isinstance(call, ast.Attribute) and call.attr in _ROUTES:
                    yield _of(function, one, call, around, project)
                    break


def _of(
    function: FunctionInfo, route: ast.Call, call: ast.Attribute, around: _Around, project: Project
) -> Guard:
    found = Evidence()
    info = function.module
    for place, said in _depends(route, info, project):
        found.add(place, said)
    for place, said in parameters(function, project):
        found.add(place, said)
    around.collect(_full(info.dotted(call.value), info), found)
    found.add(step(info, function.node.body[0], "a check at its top"), inline(function, project))  # type: ignore[index]
    return found.guard(function)


def _full(name: str, info: ModuleInfo) -> str:
    return (
        name
        if name.partition(".")[0] in info.imports.values() or "." in name
        else f"{info.name}.{name}"
    )


def _depends(call: ast.Call, info: ModuleInfo, project: Project) -> Iterator[tuple[Step, Stops]]:
    """Yield what each of `dependencies=[...]` does."""
    for word in call.keywords:
        if word.arg == "dependencies":
            for one in getattr(word.value, "elts", ()):
                if isinstance(one, ast.Call):
                    yield step(info, one, ast.unparse(one)[:80]), dependency(one, info, project)
                else:
                    place = step(info, one, ast.unparse(one)[:80])
                    yield place, Stops(None, "a dependency that was not found")


def parameters(function: FunctionInfo, project: Project) -> Iterator[tuple[Step, Stops]]:
    """Yield what each dependency among the parameters of a function does."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return
    given = node.args
    said = [*given.defaults, *(d for d in given.kw_defaults if d is not None)]
    said += [a.annotation for a in (*given.args, *given.kwonlyargs) if a.annotation is not None]
    for one in said:
        for call in _calls(one, function.module):
            yield (
                step(function.module, call, ast.unparse(call)[:80]),
                dependency(call, function.module, project),
            )


def _calls(node: ast.expr, info: ModuleInfo) -> Iterator[ast.Call]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and info.dotted(one.func).rpartition(".")[2] in _DEPENDS:
            yield one
        elif isinstance(one, ast.Name) and isinstance(node, ast.Name):
            yield from _alias(one.id, info)


def _alias(name: str, info: ModuleInfo) -> Iterator[ast.Call]:
    """`User = Annotated[User, Depends(f)]` and the annotation names it."""
    for node in info.module.tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            for one in ast.walk(node.value):
                if (
                    isinstance(one, ast.Call)
                    and info.dotted(one.func).rpartition(".")[2] in _DEPENDS
                ):
                    yield one


def dependency(call: ast.Call, info: ModuleInfo, project: Project, hops: int = 4) -> Stops:
    """Read whether a dependency raises when somebody may not."""
    target = call.args[0] if call.args else None
    if target is None:
        return Stops(None, "a dependency by its type was not followed")
    name = info.dotted(target.func if isinstance(target, ast.Call) else target)
    found = project.find(name, info) or project.find(f"{info.name}.{name}")
    if isinstance(found, ClassInfo):
        found = project.method(found, "__call__") or found
    if isinstance(found, FunctionInfo):
        said = function_stops(found, project, returning=False)
        if said.sure is False and hops:
            for _, inner in _chain(found, project, hops):
                if inner.sure:
                    return inner
        if isinstance(target, ast.Call) and said.sure is False:
            return Stops(None, f"{name} makes a dependency; what it checks was not followed")
        return said
    kept = _instance(name, info, project)
    if kept is not None and not isinstance(kept, FunctionInfo):
        return Stops(False)
    if isinstance(kept, FunctionInfo):
        return function_stops(kept, project, returning=False)
    return Stops(None, f"{name} was not found, so what it does is not known")


def _chain(function: FunctionInfo, project: Project, hops: int) -> Iterator[tuple[Step, Stops]]:
    node = function.node
    if isinstance(node, ast.Lambda):
        return
    given = node.args
    said = [*given.defaults, *(d for d in given.kw_defaults if d is not None)]
    said += [a.annotation for a in (*given.args, *given.kwonlyargs) if a.annotation is not None]
    for one in said:
        for call in _calls(one, function.module):
            yield (
                step(function.module, call, ast.unparse(call)[:80]),
                dependency(call, function.module, project, hops - 1),
            )


def _instance(name: str, info: ModuleInfo, project: Project) -> FunctionInfo | bool | None:
    """A variable that holds a security scheme: it demands a header and verifies nothing."""
    for node in info.module.tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            made = info.dotted(node.value.func)
            if made.startswith(("fastapi.security.", "fastapi.security.http.")):
                return True
            owner = project.find(made, info) or project.find(f"{info.name}.{made}")
            if isinstance(owner, ClassInfo):
                return project.method(owner, "__call__")
    return None


class _Around:
    """Dependencies of routers and apps, and middleware."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of: dict[str, list[tuple[Step, Stops]]] = {}
        self._parents: dict[str, list[str]] = {}
        self._middleware: list[tuple[Step, Stops]] = []
        self._mounted = any("mount(" in m.module.text for m in project.modules.values())
        for info in project.modules.values():
            if info.packages & PACKAGES:
                self._read(info)

    def _read(self, info: ModuleInfo) -> None:
        for node in ast.walk(info.module.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                made = info.dotted(node.value.func).rpartition(".")[2]
                if made in ("APIRouter", "FastAPI"):
                    for name in (t.id for t in node.targets if isinstance(t, ast.Name)):
                        held = self._of.setdefault(f"{info.name}.{name}", [])
                        held += _depends(node.value, info, self._project)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._call(node, info)

    def _call(self, node: ast.Call, info: ModuleInfo) -> None:
        assert isinstance(node.func, ast.Attribute)
        if node.func.attr == "include_router" and node.args:
            child = _full(info.dotted(node.args[0]), info)
            self._of.setdefault(child, []).extend(_depends(node, info, self._project))
            self._parents.setdefault(child, []).append(_full(info.dotted(node.func.value), info))
        if node.func.attr == "add_middleware" and node.args:
            self._middleware.append(
                (step(info, node, ast.unparse(node)[:80]), self._dispatch(node, info))
            )

    def _dispatch(self, node: ast.Call, info: ModuleInfo) -> Stops:
        name = info.dotted(node.args[0])
        owner = self._project.find(name, info) or self._project.find(f"{info.name}.{name}")
        if not isinstance(owner, ClassInfo):
            return Stops(False)
        method = self._project.method(owner, "dispatch") or self._project.method(owner, "__call__")
        if method is None:
            return Stops(False)
        said = function_stops(method, self._project, returning=True)
        text = ast.unparse(method.node)
        if said.sure and (".path" in text or "url" in text):
            return Stops(None, f"{owner.name} checks some paths; whether this one was not seen")
        return said

    def collect(self, holder: str, found: Evidence) -> None:
        """Add what stands before a route of this router or app."""
        seen: set[str] = set()
        left = [holder]
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                for place, said in self._of.get(name, ()):
                    found.add(place, said)
                left += self._parents.get(name, [])
        for place, said in self._middleware:
            if said.sure and self._mounted:
                said = Stops(
                    None, "apps are mounted here; which one the middleware is of was not seen"
                )
            found.add(place, said)
