"""Flask: decorators in their order, before_request of app and blueprint, method views."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from undersign.records.candidate import Step
from undersign.records.guard import GUARDED, INERT, NOT_GUARDED, UNKNOWN, Guard
from undersign.surfaces.review.dataflow.project import (
    ClassInfo,
    Function,
    FunctionInfo,
    ModuleInfo,
    Project,
)
from undersign.surfaces.review.upstream.stopping import (
    Stops,
    decorator,
    function_stops,
    inline,
    step,
)

PACKAGES = frozenset({"flask", "quart"})
_ROUTES = frozenset({"route", "get", "post", "put", "delete", "patch"})
_APPS = ("flask.Flask", "quart.Quart")
_HOOKS = ("before_request", "before_app_request")


@dataclass
class Evidence:
    """What was found about one view."""

    guarded: list[tuple[Step, Stops]] = field(default_factory=list)
    inert: list[tuple[Step, str]] = field(default_factory=list)
    unknown: list[tuple[Step, str]] = field(default_factory=list)

    def add(self, place: Step, said: Stops | None) -> None:
        """Take what a guard was read to do."""
        if said is None:
            return
        if said.sure:
            self.guarded.append((place, said))
        elif said.sure is None:
            self.unknown.append((place, said.why))
        elif said.why:
            self.inert.append((place, said.why))

    def guard(self, info: FunctionInfo) -> Guard:
        """Return the verdict on a view."""
        node = info.node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        place = (info.module.path, first, node.end_lineno or node.lineno, info.name)
        if self.guarded:
            steps = tuple(s for s, _ in self.guarded)
            why = f"{steps[0].what} ({steps[0].file}:{steps[0].line}) stops who may not"
            return Guard(*place, GUARDED, why, steps, any(s.role for _, s in self.guarded))
        if self.inert:
            return Guard(*place, INERT, self.inert[0][1], tuple(s for s, _ in self.inert))
        if self.unknown:
            return Guard(*place, UNKNOWN, self.unknown[0][1], tuple(s for s, _ in self.unknown))
        return Guard(*place, NOT_GUARDED, "nothing was found that stops a request before it")


def functions(info: ModuleInfo) -> Iterator[FunctionInfo]:
    """Yield every function of a module that is no method, wherever it is defined."""
    inside = {
        id(n) for c in ast.walk(info.module.tree) if isinstance(c, ast.ClassDef) for n in c.body
    }
    for node in ast.walk(info.module.tree):
        if isinstance(node, Function) and id(node) not in inside:
            yield FunctionInfo(f"{info.name}.{node.name}", node, info)


def views(project: Project, wanted: Collection[str]) -> Iterator[Guard]:
    """Yield what guards every Flask view of the files that are wanted."""
    hooks = _Hooks(project)
    for path in sorted(wanted):
        info = project.modules[path]
        if not (info.packages & PACKAGES):
            continue
        for function in functions(info):
            route = _route(function)
            if route is not None:
                yield _of_function(function, route, hooks, project)
        for owner in info.classes.values():
            yield from _of_class(owner, hooks, project)


def _route(function: FunctionInfo) -> int | None:
    """Return which of its decorators makes it a view."""
    for at, one in enumerate(getattr(function.node, "decorator_list", ())):
        call = one.func if isinstance(one, ast.Call) else None
        if isinstance(call, ast.Attribute) and call.attr in _ROUTES:
            return at
    return None


def _of_function(function: FunctionInfo, route: int, hooks: _Hooks, project: Project) -> Guard:
    found = Evidence()
    decorators = getattr(function.node, "decorator_list", [])
    for at, one in enumerate(decorators):
        if at == route:
            continue
        said = decorator_of(one, function.module, project)
        name = ast.unparse(one)[:60]
        if said is not None and said.sure and at < route:
            place = step(function.module, one, f"@{name}")
            why = f"@{name} stands above the route, so the route never sees it"
            found.inert.append((place, why))
        else:
            found.add(step(function.module, one, f"@{name}"), said)
    call = decorators[route]
    holder = function.module.dotted(call.func.value)
    rules = [a.value for a in call.args if isinstance(a, ast.Constant)]
    hooks.collect(_full(holder, function.module), function, str(rules[0]) if rules else "", found)
    said = inline(function, project)
    found.add(step(function.module, function.node, "a check at its top"), said)
    return found.guard(function)


def decorator_of(node: ast.expr, info: ModuleInfo, project: Project) -> Stops | None:
    """Read what one decorator does."""
    call = node if isinstance(node, ast.Call) else None
    name = info.dotted(call.func if call else node)
    head, _, rest = name.partition(".")
    made = _made_of(head, info)
    return decorator(f"{made}.{rest}" if made and rest else name, call, info, project)


def _targets(node: ast.stmt) -> set[str]:
    given = node.targets if isinstance(node, ast.Assign) else []
    return {t.id for t in given if isinstance(t, ast.Name)}


def _made_of(name: str, info: ModuleInfo) -> str:
    """Return the class call that a module's variable holds: `auth = HTTPBasicAuth()`."""
    for node in info.module.tree.body:
        made = node.value if isinstance(node, ast.Assign) else None
        if isinstance(made, ast.Call) and name in _targets(node):
            return info.dotted(made)
    return ""


def _full(name: str, info: ModuleInfo) -> str:
    """Return an app's or blueprint's name with its module."""
    head = name.partition(".")[0]
    local = head not in info.imports and head in {
        t.id for n in ast.walk(info.module.tree) if isinstance(n, ast.Assign)
        for t in n.targets if isinstance(t, ast.Name)
    }  # fmt: skip
    return f"{info.name}.{name}" if local or name in ("app", "bp") else name


def _of_class(owner: ClassInfo, hooks: _Hooks, project: Project) -> Iterator[Guard]:
    bases = {b.rpartition(".")[2] for b in project.bases(owner)}
    if not bases & {"MethodView", "View", "Resource"}:
        return
    found = Evidence()
    for node in owner.node.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id in ("decorators", "method_decorators")
            for t in node.targets
        ):
            for one in getattr(node.value, "elts", ()):
                found.add(step(owner.module, one, f"decorators: {ast.unparse(one)}"),
                          decorator_of(one, owner.module, project))  # fmt: skip
    hooks.collect_app(owner.module, found)
    for method in owner.methods.values():
        if method.node.name in ("get", "post", "put", "delete", "patch", "dispatch_request"):  # type: ignore[union-attr]
            mine = Evidence(list(found.guarded), list(found.inert), list(found.unknown))
            for one in getattr(method.node, "decorator_list", ()):
                mine.add(step(owner.module, one, f"@{ast.unparse(one)[:60]}"),
                         decorator_of(one, owner.module, project))  # fmt: skip
            mine.add(step(owner.module, method.node, "a check at its top"), inline(method, project))
            yield mine.guard(method)


class _Hooks:
    """Everything that Flask runs before views, by the app or blueprint it belongs to."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of: dict[str, list[tuple[Step, FunctionInfo]]] = {}
        self._everywhere: list[tuple[Step, FunctionInfo]] = []
        self._parents: dict[str, list[str]] = {}
        self._apps: set[str] = set()
        for info in project.modules.values():
            if info.packages & PACKAGES or "before_request" in info.module.text:
                self._read(info)

    def _read(self, info: ModuleInfo) -> None:
        known = {f.node.name: f for f in functions(info) if not isinstance(f.node, ast.Lambda)}
        for function in known.values():
            for one in getattr(function.node, "decorator_list", ()):
                name = one.func if isinstance(one, ast.Call) else one
                if isinstance(name, ast.Attribute) and name.attr in _HOOKS:
                    self._add(name, step(info, one, f"@{ast.unparse(name)}"), function, info)
        for node in ast.walk(info.module.tree):
            made = node.value if isinstance(node, ast.Assign) else None
            if isinstance(made, ast.Call) and info.dotted(made.func) in _APPS:
                assert isinstance(node, ast.Assign)
                self._apps |= {_full(name, info) for name in _targets(node)}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._call(node, info, known)

    def _call(self, node: ast.Call, info: ModuleInfo, known: dict[str, FunctionInfo]) -> None:
        assert isinstance(node.func, ast.Attribute)
        first = node.args[0] if node.args else None
        if node.func.attr in _HOOKS and isinstance(first, ast.Name) and first.id in known:
            self._add(node.func, step(info, node, ast.unparse(node.func)), known[first.id], info)
        if node.func.attr == "register_blueprint" and first is not None:
            child = _full(info.dotted(first), info)
            parent = _full(info.dotted(node.func.value), info)
            self._parents.setdefault(child, []).append(parent)

    def _add(
        self, name: ast.Attribute, place: Step, function: FunctionInfo, info: ModuleInfo
    ) -> None:
        holder = _full(info.dotted(name.value), info)
        if name.attr == "before_app_request":
            self._everywhere.append((place, function))
        else:
            self._of.setdefault(holder, []).append((place, function))

    def collect(self, holder: str, view: FunctionInfo, rule: str, found: Evidence) -> None:
        """Add what runs before a view of this app or blueprint."""
        for place, function in self._before(holder):
            found.add(place, self._judged(function, view, rule))

    def collect_app(self, info: ModuleInfo, found: Evidence) -> None:
        """Add what runs before every view; which blueprint a class belongs to is not followed."""
        del info
        single = len(self._apps) == 1
        for app in self._apps if single else ():
            for place, function in self._of.get(app, ()):
                found.add(place, self._judged(function, None, ""))

    def _before(self, holder: str) -> Iterator[tuple[Step, FunctionInfo]]:
        seen: set[str] = set()
        left = [holder]
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            yield from self._of.get(name, ())
            left += self._parents.get(name, [])
        yield from self._everywhere
        if len(self._apps) == 1:
            # One app: whatever is not an app itself is registered at it, in code or elsewhere.
            only = next(iter(self._apps))
            if only not in seen:
                yield from self._of.get(only, ())

    def _judged(self, hook: FunctionInfo, view: FunctionInfo | None, rule: str) -> Stops | None:
        assert not isinstance(hook.node, ast.Lambda)
        said = function_stops(hook, self._project, returning=True)
        exempt = _exempts(hook.node, view, rule)
        if said.sure and exempt is True:
            return Stops(False, f"{hook.name} lets this view through by name")
        if said.sure and exempt is None:
            return Stops(
                None, f"{hook.name} lets some views through; whether this one was not seen"
            )
        return said if said.sure is not False or said.why else None


def _exempts(
    node: ast.FunctionDef | ast.AsyncFunctionDef, view: FunctionInfo | None, rule: str
) -> bool | None:
    """Say whether a hook lets a view through before or instead of its check; None when unclear."""
    answer: bool | None = False
    for one in ast.walk(node):
        if not isinstance(one, ast.Compare | ast.Call):
            continue
        written = ast.unparse(one)
        if not any(
            word in written for word in (".endpoint", ".path", ".blueprint", ".url_rule", ".method")
        ):
            continue
        held = {
            c.value
            for c in ast.walk(one)
            if isinstance(c, ast.Constant) and isinstance(c.value, str)
        }
        if ".method" in written or not held or view is None:
            answer = None
            continue
        name = getattr(view.node, "name", "")
        short = {h.rpartition(".")[2] for h in held}
        hit = (
            name in short
            or rule in held
            or any(rule.startswith(h) for h in held if h.startswith("/") and len(h) > 1)
        )
        if hit:
            return True if isinstance(one, ast.Compare | ast.Call) else None
    return answer
