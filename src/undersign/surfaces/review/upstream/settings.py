"""What the settings of a Django project say: middleware, default permissions; and its routes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.evidence import Evidence, Stops, step
from undersign.surfaces.review.upstream.holders import text, words
from undersign.surfaces.review.upstream.names import Names
from undersign.surfaces.review.upstream.running import Facts
from undersign.surfaces.review.upstream.stopping import Judge, is_test
from undersign.surfaces.review.upstream.values import (
    Instance,
    Made,
    Request,
    View,
)

_LOGIN = "django.contrib.auth.middleware.LoginRequiredMiddleware"
_SOUNDS = re.compile(r"(?i)login|require|restrict|protect|permission|auth(?!entication)")
FACTS = Facts(person=True, parameters=None)
_PLAIN = Facts(person=True)


@dataclass(frozen=True)
class Route:
    """One `path(...)` to a view."""

    call: ast.Call
    module: ModuleInfo
    wrappers: tuple[ast.expr, ...]
    options: tuple[str, ...] = ()
    """Keywords that `as_view` is given."""


class Site:
    """Settings and routes."""

    def __init__(self, project: Names, judge: Judge) -> None:
        self.project = project
        self.judge = judge
        self.changed: set[str] = set()
        """Classes whose permissions are replaced after they are made."""
        self.routed: dict[str, list[Route]] = {}
        self._sets: dict[str, list[tuple[ast.AST, ast.expr, ModuleInfo, bool]]] = {}
        for info in project.modules.values():
            if is_test(info.path):
                continue
            top = {id(node) for node in info.module.tree.body}
            for node in ast.walk(info.module.tree):
                if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                    self._assigned(
                        node, info, id(node) in top and not isinstance(node, ast.AugAssign)
                    )
                elif isinstance(node, ast.Call):
                    self._called(node, info)

    def _assigned(
        self, node: ast.Assign | ast.AugAssign | ast.AnnAssign, info: ModuleInfo, sure: bool
    ) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "permission_classes":
                name = info.dotted(target.value)
                held = self.project.find(name, info)
                self.changed.add(held.name if isinstance(held, ClassInfo) else name)
        for target in targets:
            name = ast.unparse(target)
            if name.startswith(("MIDDLEWARE", "REST_FRAMEWORK")) and node.value is not None:
                plain = sure and isinstance(target, ast.Name)
                self._sets.setdefault(name, []).append((node, node.value, info, plain))

    def _called(self, node: ast.Call, info: ModuleInfo) -> None:
        last = info.dotted(node.func).rpartition(".")[2]
        written = ast.unparse(node.func)
        if written.startswith("MIDDLEWARE.") and node.args:
            self._sets.setdefault("MIDDLEWARE", []).append((node, node.args[-1], info, False))
        elif (last in ("path", "re_path", "url") and len(node.args) > 1) or (
            last == "register" and len(node.args) > 1
        ):
            self._route(node.args[1], node, info)

    def _route(self, view: ast.expr, node: ast.Call, info: ModuleInfo) -> None:
        wrappers: list[ast.expr] = []
        options: tuple[str, ...] = ()
        while isinstance(view, ast.Call) and not ast.unparse(view.func).endswith("as_view"):
            if not view.args:
                return
            wrappers.append(view.func)
            view = view.args[0]
        if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute):
            options = tuple(words(view))
            view = view.func.value
        name = info.dotted(view)
        found = self.project.find(name, info) or self.project.find(f"{info.name}.{name}")
        if isinstance(found, FunctionInfo | ClassInfo):
            route = Route(node, info, tuple(wrappers), options)
            self.routed.setdefault(found.name, []).append(route)

    def routes(self, name: str, found: Evidence) -> None:
        """Add the guards that routes wrap a view in; one route without opens it."""
        ways = []
        for route in self.routed.get(name, ()):
            way = Evidence()
            for wrapper in route.wrappers:
                place = step(route.module, route.call, ast.unparse(route.call)[:80])
                way.add(place, self.judge.decorator(wrapper, route.module, FACTS))
            ways.append(way)
        found.of_ways(ways)

    def options(self, name: str) -> set[str]:
        """Return the keywords that any `as_view` of a class is given."""
        return {word for route in self.routed.get(name, ()) for word in route.options}

    def opened(self, name: str) -> bool:
        """Say whether a route opens a view to who is not logged in."""
        return any(
            ast.unparse(wrapper).endswith("login_not_required")
            for route in self.routed.get(name, ()) for wrapper in route.wrappers
        )  # fmt: skip

    def defaults(self, found: Evidence, facts: Facts, *, doubt: str = "") -> None:
        """Add the default permissions of the REST framework."""
        key = "DEFAULT_PERMISSION_CLASSES"
        whole = [one for one in self._sets.get("REST_FRAMEWORK", ()) if one[3]]
        said: list[Stops] = []
        place = None
        for node, value, info, _ in whole:
            listed = _entry(value, key)
            if listed is None:
                said.append(Stops(False))
                continue
            place = step(info, node, key)
            items = getattr(listed, "elts", None)
            if items is None:
                said.append(Stops(None, "the default permissions are no plain list"))
            else:
                said.append(self.judge.permissions(items, info, facts))
        others = [n for n in self._sets if n.startswith("REST_FRAMEWORK[") and key in n]
        changed = any(not one[3] for one in self._sets.get("REST_FRAMEWORK", ())) or others
        if place is None and not others:
            return
        one = _together(said)
        if one.sure and (changed or doubt):
            one = replace(
                one, sure=None, why=doubt or "the default permissions are changed elsewhere"
            )
        if place is None:
            first = self._sets[others[0]][0]
            place = step(first[2], first[0], key)
            one = Stops(None, "the default permissions are set by code")
        found.add(place, one)

    def middleware(self, found: Evidence, *, api: bool = False, exempt: bool = False) -> None:
        """Add the middleware that stops requests; `exempt` from Django's own."""
        every = self._sets.get("MIDDLEWARE", [])
        whole = [one for one in every if one[3]]
        for name in dict.fromkeys(n for _, value, _, _ in every for n in _texts(value)):
            holders = [one for one in whole if name in _texts(one[1])]
            node, _, info, _ = next(one for one in every if name in _texts(one[1]))
            said = self._middleware(name, info, api=api, exempt=exempt)
            if said is None:
                continue
            removed = any(
                isinstance(n, ast.Call) and ".remove" in ast.unparse(n.func) for n, *_ in every
            )
            if said.sure and (not holders or len(holders) != len(whole) or removed):
                said = replace(said, sure=None, why=f"{name} is not in every list of middleware")
            found.add(step(info, node, name.rpartition(".")[2]), said)

    def _middleware(self, name: str, info: ModuleInfo, *, api: bool, exempt: bool) -> Stops | None:
        if name == _LOGIN:
            if exempt:
                return None
            if api:
                return Stops(
                    None, "the REST framework leaves its views out of LoginRequiredMiddleware"
                )
            return Stops(True)
        found = self.project.find(name, info)
        if isinstance(found, FunctionInfo):
            return self.judge.around(Made(found), (View(),), _PLAIN)
        if isinstance(found, ClassInfo):
            return self._class(found)
        if not name.startswith("django.") and _SOUNDS.search(name):
            return Stops(None, f"{name} was not found, so what it does is not known")
        return None

    def _class(self, owner: ClassInfo) -> Stops | None:
        said: list[Stops] = []
        for name in ("process_request", "process_view"):
            method = self.project.method(owner, name)
            if method is not None:
                said.append(self.judge.hook(method, _PLAIN))
        called = self.project.method(owner, "__call__")
        if called is not None:
            held = Instance(owner, {"get_response": View(), "app": View()})
            said.append(self.judge.around(Made(called, {}, held), (Request(),), _PLAIN))
        order = {True: 0, None: 1, False: 2}
        return min(said, key=lambda one: (order[one.sure], not one.why), default=None)


def _together(said: list[Stops]) -> Stops:
    """Settings of which one is used: they stop when each of them does."""
    if said and all(one.sure for one in said):
        return Stops(True, role=all(one.role for one in said))
    if any(one.sure is not False for one in said):
        return next(
            (one for one in said if one.sure is None),
            Stops(None, "not every settings file says so"),
        )
    return next((one for one in said if one.why), Stops(False))


def _entry(value: ast.expr, key: str) -> ast.expr | None:
    if isinstance(value, ast.Dict):
        for name, held in zip(value.keys, value.values, strict=True):
            if text(name) == key:
                return held
            if name is None:
                return value  # `**base`: it is not seen whether the key is within
    return None if isinstance(value, ast.Dict) else value


def _texts(value: ast.expr) -> list[str]:
    return [
        n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


def found_class(name: str, below: ClassInfo, project: Names) -> ClassInfo | None:
    """Return the class of the project that a base of another one names."""
    found = project.find(name, below.module) or project.find(f"{below.module.name}.{name}")
    return found if isinstance(found, ClassInfo) else None


def names_of(owner: ClassInfo, project: Names) -> Iterator[ClassInfo]:
    """Yield a class and those of the project above it, left to right, each once."""
    seen: set[int] = set()
    left = [owner]
    while left:
        one = left.pop(0)
        if id(one.node) in seen:
            continue
        seen.add(id(one.node))
        yield one
        above = [found_class(base, one, project) for base in one.bases]
        left = [other for other in above if other is not None] + left
