"""FastAPI and Starlette: dependencies of parameters, routes, routers and the app; middleware."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace

from undersign.records.candidate import Step
from undersign.records.guard import Guard
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.entering import depends_in
from undersign.surfaces.review.upstream.evidence import Evidence, Stops, step
from undersign.surfaces.review.upstream.holders import (
    Holder,
    Holders,
    Way,
    functions,
    routes_of,
    text,
    words,
)
from undersign.surfaces.review.upstream.names import Names
from undersign.surfaces.review.upstream.running import Facts, Run
from undersign.surfaces.review.upstream.stopping import Judge, is_test
from undersign.surfaces.review.upstream.values import (
    Instance,
    Known,
    Made,
    Prefix,
    Request,
    Value,
    View,
    World,
)

PACKAGES = frozenset({"fastapi", "starlette"})
_ROUTES = frozenset(
    {"get", "post", "put", "delete", "patch", "head", "options", "api_route", "websocket", "route",
     "websocket_route"}
)  # fmt: skip
_MAKERS = {
    "fastapi.FastAPI": True, "fastapi.applications.FastAPI": True,
    "starlette.applications.Starlette": True, "fastapi.APIRouter": False,
    "fastapi.routing.APIRouter": False, "starlette.routing.Router": False,
}  # fmt: skip


def views(project: Names, judge: Judge, wanted: Collection[str]) -> Iterator[Guard]:
    """Yield what guards every route of the files that are wanted."""
    around = Around(project, judge)
    for path in sorted(wanted):
        info = project.modules[path]
        for function in functions(info):
            routes = [
                (at, call) for at, call in routes_of(function, _ROUTES)
                if around.holders.of(call.func.value, info) or info.packages & PACKAGES  # type: ignore[attr-defined]
            ]  # fmt: skip
            routes += [(-1, call) for call in around.added.get(function.name, ())]
            listed = around.listed.get(function.name, [])
            if (routes and "flask" not in info.packages) or listed:
                yield _of(function, routes, listed, around)


def _of(
    function: FunctionInfo, routes: list[tuple[int, ast.Call]], listed: list[Step], around: Around
) -> Guard:
    info, judge = function.module, around.judge
    found = Evidence()
    last = max((at for at, _ in routes), default=-1)
    marks = {at for at, _ in routes}
    for at, one in enumerate(getattr(function.node, "decorator_list", ())):
        if at not in marks:
            _decorated(one, at < last, found, function, around)
    for place, said in _parameters(function, around):
        found.add(place, said)
    ways = [e for _, route in routes for e in around.before(route, info)]
    for place in listed:
        way = Evidence()
        around.anywhere(place, way)
        ways.append(way)
    found.of_ways(ways)
    had = bool(found.guarded)
    role = any(s.role for _, s in found.guarded)
    methods = {m for _, route in routes for m in _methods(route)}
    said = judge.inline(function, Facts(tuple(sorted(methods)), parameters=None, person=True))
    if not had or (said.sure and said.role and not role):
        found.add(step(info, _first(function), "a check at its top"), said)
    return found.guard(function)


def _first(function: FunctionInfo) -> ast.AST:
    body = function.node.body
    return body[0] if isinstance(body, list) else body


def _decorated(
    one: ast.expr, above: bool, found: Evidence, function: FunctionInfo, around: Around
) -> None:
    info = function.module
    name = f"@{ast.unparse(one)[:60]}"
    place = step(info, one, name)
    target = one.func if isinstance(one, ast.Call) else one
    if info.dotted(target) == "starlette.authentication.requires":
        said: Stops | None = around.requires(one)
    else:
        said = around.judge.decorator(one, info, Facts())
    if said is not None and said.sure and above:
        why = f"{name} stands above the route, so the route never sees it"
        found.inert.append((place, why))
    else:
        found.add(place, said)


def _parameters(function: FunctionInfo, around: Around) -> Iterator[tuple[Step, Stops]]:
    """Yield what each dependency among the parameters of a view does."""
    info, args = function.module, function.node.args
    machine = around.judge.machine(Run(World.NOBODY, Facts(), []))
    places: list[tuple[ast.expr, ast.expr | None]] = [
        (d, None) for d in (*args.defaults, *args.kw_defaults) if d is not None
    ]
    named = [*args.posonlyargs, *args.args]
    annotated = dict(
        zip(map(id, reversed(args.defaults)), (a.annotation for a in reversed(named)), strict=False)
    )
    places = [(d, annotated.get(id(d))) for d, _ in places]
    places += [
        (a.annotation, a.annotation) for a in (*named, *args.kwonlyargs) if a.annotation is not None
    ]
    for place, annotation in places:
        for call, home in depends_in(place, info, machine):
            yield (
                step(home, call, ast.unparse(call)[:80]),
                around.dependency(call, home, annotation),
            )


def _methods(call: ast.Call) -> tuple[str, ...]:
    attr = call.func.attr  # type: ignore[attr-defined]
    if attr in ("api_route", "route", "add_api_route"):
        listed = getattr(words(call).get("methods"), "elts", [])
        return tuple(str(text(i)).upper() for i in listed) or ("GET",)
    return () if attr.startswith("websocket") else (str(attr).upper(),)


class Around:
    """Dependencies of routers and apps, and middleware."""

    def __init__(self, project: Names, judge: Judge) -> None:
        self.project = project
        self.judge = judge
        self.holders = Holders(project, _MAKERS, "include_router")
        self.listed: dict[str, list[Step]] = {}
        """Views of `Route("/x", view)`: where they are listed."""
        self.added: dict[str, list[ast.Call]] = {}
        """Calls of `add_api_route`, by the view that they add."""
        self._middleware: list[tuple[Step, Holder | None, Value | None, str]] = []
        self._mounted: dict[str, list[Holder]] = {}
        self._overridden: set[str] = set()
        self._behind = False
        for info in project.modules.values():
            if not is_test(info.path):
                self._read(info)

    def _read(self, info: ModuleInfo) -> None:
        for node in ast.walk(info.module.tree):
            if isinstance(node, ast.Call):
                self._call(node, info)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                held = node.targets[0]
                if ast.unparse(held.value).endswith("dependency_overrides"):
                    self._overridden.add(info.dotted(held.slice).rpartition(".")[2])
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(node, info)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, info: ModuleInfo) -> None:
        for one in node.decorator_list:
            func = one.func if isinstance(one, ast.Call) else None
            if isinstance(func, ast.Attribute) and func.attr == "middleware":
                made = Made(FunctionInfo(f"{info.name}.{node.name}", node, info))
                place = step(info, one, f"@{ast.unparse(one)}")
                self._middleware.append((place, self.holders.of(func.value, info), made, "http"))

    def _call(self, node: ast.Call, info: ModuleInfo) -> None:
        last = info.dotted(node.func).rpartition(".")[2]
        if isinstance(node.func, ast.Attribute) and last == "add_middleware" and node.args:
            self._added(node.args[0], node, self.holders.of(node.func.value, info), info)
        elif isinstance(node.func, ast.Attribute) and last == "mount":
            child = [*node.args[1:], *(w.value for w in node.keywords if w.arg == "app")]
            held = self.holders.of(child[0], info) if child else None
            parent = self.holders.of(node.func.value, info)
            if held is not None and parent is not None:
                self._mounted.setdefault(held.name, []).append(parent)
        elif isinstance(node.func, ast.Attribute) and last == "add_api_route":
            self._route(node, info)
        elif last in ("Route", "WebSocketRoute") and len(node.args) > 1:
            name = info.dotted(node.args[1])
            found = self.project.find(name, info) or self.project.find(f"{info.name}.{name}")
            if isinstance(found, FunctionInfo):
                self.listed.setdefault(found.name, []).append(
                    step(info, node, ast.unparse(node)[:60])
                )
        for one in getattr(words(node).get("middleware"), "elts", ()):
            if isinstance(one, ast.Call) and one.args:
                self._added(
                    one.args[0], one, None if last != "FastAPI" else self._made_by(node), info
                )

    def _route(self, node: ast.Call, info: ModuleInfo) -> None:
        given = [*node.args[1:2], *(w.value for w in node.keywords if w.arg == "endpoint")]
        for view in given:
            name = info.dotted(view)
            found = self.project.find(name, info) or self.project.find(f"{info.name}.{name}")
            if isinstance(found, FunctionInfo):
                self.added.setdefault(found.name, []).append(node)

    def _made_by(self, call: ast.Call) -> Holder | None:
        return next((h for h in self.holders.by_name.values() if h.call is call), None)

    def _added(
        self, kind: ast.expr, node: ast.Call, holder: Holder | None, info: ModuleInfo
    ) -> None:
        name = info.dotted(kind)
        place = step(info, node, ast.unparse(node)[:80])
        if name.endswith("AuthenticationMiddleware"):
            self._behind = True
        owner = self.project.find(name, info) or self.project.find(f"{info.name}.{name}")
        if isinstance(owner, ClassInfo):
            way, made = self._class(owner)
            if made is not None:
                self._middleware.append((place, holder, made, way))
        elif not name.startswith(("fastapi.", "starlette.")):
            self._middleware.append((place, holder, None, name))

    def _class(self, owner: ClassInfo) -> tuple[str, Value | None]:
        held = Instance(owner, {"app": View()})
        dispatch = self.project.method(owner, "dispatch")
        if dispatch is not None:
            return "http", Made(dispatch, {}, held)
        called = self.project.method(owner, "__call__")
        return "asgi", Made(called, {}, held) if called is not None else None

    def requires(self, node: ast.expr) -> Stops:
        """`@requires(...)` refuses who lacks a scope, when somebody authenticates requests."""
        scope = node.args[0] if isinstance(node, ast.Call) and node.args else None
        plain = text(scope) == "authenticated"
        if not self._behind:
            return Stops(None, "no AuthenticationMiddleware was found that gives it a user")
        return Stops(True, role=not plain)

    def dependency(
        self, call: ast.Call, info: ModuleInfo, annotation: ast.expr | None = None
    ) -> Stops:
        """Read one dependency; what the project replaces is not known."""
        said = self.judge.dependency(call, info, Facts(person=True), annotation)
        target = call.args[0] if call.args else None
        if (
            target is not None
            and info.dotted(target).rpartition(".")[2] in self._overridden
            and said.sure
        ):
            return replace(
                said, sure=None, why=f"{ast.unparse(target)} is overridden in this project"
            )
        return said

    def _listed(self, call: ast.Call, info: ModuleInfo, found: Evidence) -> None:
        given = words(call).get("dependencies")
        if given is None:
            return
        if not isinstance(given, ast.List | ast.Tuple):
            place = step(info, call, "dependencies=")
            found.unknown.append((place, "its dependencies are no plain list"))
            return
        for one in given.elts:
            place = step(info, one, ast.unparse(one)[:80])
            machine = self.judge.machine(Run(World.NOBODY, Facts(), []))
            inner = list(depends_in(one, info, machine))
            if not inner:
                found.add(place, Stops(None, "a dependency that was not found"))
            for call_, home in inner:
                found.add(place, self.dependency(call_, home))

    def before(self, route: ast.Call, info: ModuleInfo) -> Iterator[Evidence]:
        """Yield, for every way to a route, what stands before it."""
        holder = self.holders.of(route.func.value, info)  # type: ignore[attr-defined]
        for way in list(self.holders.ways(holder)) if holder is not None else [()]:
            found = Evidence()
            self._listed(route, info, found)
            for one, call, home in way:
                if one is not holder and one.root and not _joined(way):
                    self._perhaps(one, found)
                    continue
                self._listed(one.call, one.module, found)
                if call is not None and home is not None:
                    self._listed(call, home, found)
            self._around(way, route, found)
            yield found

    def _perhaps(self, app: Holder, found: Evidence) -> None:
        """Take the dependencies of an app at which a router was not seen to be included."""
        own = Evidence()
        self._listed(app.call, app.module, own)
        for place, _ in own.guarded:
            found.unknown.append((place, "it was not found where its router is included"))

    def _around(self, way: Way, route: ast.Call, found: Evidence) -> None:
        roots = {h.name for h, _, _ in way if h.root}
        for name in list(roots):
            roots |= {p.name for p in self._mounted.get(name, ())}
        socket = route.func.attr.startswith("websocket")  # type: ignore[attr-defined]
        mounted = any(self._mounted.get(n) for n in roots)
        facts = Facts(_methods(route), None if mounted else _path(route, way), person=True)
        for place, holder, made, kind in self._middleware:
            if holder is not None and holder.name not in roots:
                continue
            if made is None:
                self._unseen(place, kind, found)
            elif not (socket and kind == "http"):
                said = self._judged(made, kind, facts)
                if said.sure and (holder is None or not roots):
                    said = Stops(None, "it was not found which routes the middleware stands before")
                found.add(place, said)

    def anywhere(self, place: Step, found: Evidence) -> None:
        """Take the middleware for a view that is listed in `Route(...)`."""
        for where, _, made, kind in self._middleware:
            if made is not None:
                said = self._judged(made, kind, Facts(person=True))
                if said.sure:
                    said = Stops(None, f"whether it stands before {place.what} was not followed")
                found.add(where, said)

    def _unseen(self, place: Step, name: str, found: Evidence) -> None:
        if any(
            word in name.lower() for word in ("auth", "jwt", "login", "token", "session", "user")
        ):
            found.unknown.append((place, f"{name} was not found, so what it does is not known"))

    def _judged(self, made: Value, kind: str, facts: Facts) -> Stops:
        if kind == "http":
            return self.judge.around(made, (Request(), View()), facts)
        return self.judge.around(made, (Request(), Request(), Request()), facts)


def _joined(way: Way) -> bool:
    return all(call is not None for holder, call, _ in way if not holder.root)


def _path(route: ast.Call, way: Way) -> Value | None:
    own = text(route.args[0]) if route.args else text(words(route).get("path"))
    if own is None or not way or not way[-1][0].root or not _joined(way):
        return None
    whole = own
    for holder, call, _ in way:
        for one in (holder.call, call):
            stated = words(one).get("prefix") if one is not None else None
            if stated is not None and text(stated) is None:
                return None
            whole = f"{text(stated) or ''}{whole}"
    head, mark, _ = whole.partition("{")
    return Prefix(head) if mark else Known((whole,))
