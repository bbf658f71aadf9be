"""Flask: decorators in their order, before_request of app and blueprint, method views."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from undersign.records.candidate import Step
from undersign.records.guard import Guard
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.evidence import Evidence, step
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
from undersign.surfaces.review.upstream.running import Facts
from undersign.surfaces.review.upstream.stopping import Judge, is_test
from undersign.surfaces.review.upstream.values import WHO, Instance, Known, Made, Prefix, Value

PACKAGES = frozenset({"flask", "quart", "flask_restful", "flask_restx"})
_ROUTES = frozenset({"route", "get", "post", "put", "delete", "patch", "add_url_rule"})
_MAKERS = {
    "flask.Flask": True,
    "quart.Quart": True,
    "flask.Blueprint": False,
    "quart.Blueprint": False,
}
_HOOKS = ("before_request", "before_app_request")
_VERBS = frozenset({"get", "post", "put", "delete", "patch", "dispatch_request"})


@dataclass(frozen=True)
class Rule:
    """One registration of a view."""

    holder: ast.expr
    call: ast.Call
    module: ModuleInfo
    wrappers: tuple[ast.expr, ...] = ()
    """Guards around the view at its registration, outermost first."""


class Site:
    """What a project registers, and what Flask runs before it."""

    def __init__(self, project: Names, judge: Judge) -> None:
        self.project = project
        self.judge = judge
        self.holders = Holders(project, _MAKERS, "register_blueprint")
        self.rules: dict[str, list[Rule]] = {}
        self._hooks: dict[str, list[tuple[Step, FunctionInfo]]] = {}
        self._everywhere: list[tuple[Step, FunctionInfo, Holder | None]] = []
        self.outside: list[tuple[Step, str]] = []
        """What wraps the whole application, and may stop requests."""
        self._lost: list[tuple[Step, FunctionInfo]] = []
        for info in project.modules.values():
            if not is_test(info.path):
                self._read(info)

    def _read(self, info: ModuleInfo) -> None:
        known = {f.node.name: f for f in functions(info)}  # type: ignore[union-attr]
        for function in known.values():
            for one in getattr(function.node, "decorator_list", ()):
                name = one.func if isinstance(one, ast.Call) else one
                if isinstance(name, ast.Attribute) and name.attr in _HOOKS:
                    self._add(name, step(info, one, f"@{ast.unparse(name)}"), function, info)
        for node in ast.walk(info.module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._call(node, node.func, info, known)
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(
                ".wsgi_app"
            ):
                if WHO.search(ast.unparse(node.value)):
                    why = "what wraps the application was not followed"
                    self.outside.append((step(info, node, ast.unparse(node)[:60]), why))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and node.args:
                inner = node.func.func  # `app.route("/x")(view)`
                if isinstance(inner, ast.Attribute) and inner.attr in _ROUTES:
                    self._rule(node.args[0], node.func, inner, info)

    def _call(
        self, node: ast.Call, func: ast.Attribute, info: ModuleInfo, known: dict[str, FunctionInfo]
    ) -> None:
        first = node.args[0] if node.args else None
        if func.attr in _HOOKS and first is not None:
            found = self.project.find(info.dotted(first), info) or known.get(ast.unparse(first))
            if isinstance(found, FunctionInfo):
                self._add(func, step(info, node, ast.unparse(func)), found, info)
        elif func.attr == "add_url_rule":
            view = words(node).get("view_func") or (node.args[2] if len(node.args) > 2 else None)
            if view is not None:
                self._rule(view, node, func, info)
        elif func.attr == "add_resource" and first is not None:
            self._rule(first, node, func, info)

    def _rule(self, view: ast.expr, call: ast.Call, func: ast.Attribute, info: ModuleInfo) -> None:
        wrappers: list[ast.expr] = []
        while isinstance(view, ast.Call) and not ast.unparse(view.func).endswith("as_view"):
            if not view.args:
                return
            wrappers.append(view.func)
            view = view.args[0]
        if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute):
            view = view.func.value
        name = info.dotted(view)
        found = self.project.find(name, info) or self.project.find(f"{info.name}.{name}")
        target = (
            found.name if isinstance(found, FunctionInfo | ClassInfo) else f"{info.name}.{name}"
        )
        rule = Rule(func.value, call, info, tuple(wrappers))
        self.rules.setdefault(target, []).append(rule)

    def _add(
        self, name: ast.Attribute, place: Step, function: FunctionInfo, info: ModuleInfo
    ) -> None:
        holder = self.holders.of(name.value, info)
        if name.attr == "before_app_request":
            self._everywhere.append((place, function, holder))
        elif holder is None:
            self._lost.append((place, function))
        else:
            self._hooks.setdefault(holder.name, []).append((place, function))

    def before(
        self, rule: Rule, view: FunctionInfo, methods: tuple[str, ...]
    ) -> Iterator[Evidence]:
        """Yield, for every way to a registration, what runs before the view."""
        holder = self._holder(rule)
        ways = list(self.holders.ways(holder)) if holder is not None else [()]
        for way in ways:
            found = Evidence()
            facts = _facts(rule, way, view, methods)
            for wrapper in rule.wrappers:
                place = step(rule.module, rule.call, ast.unparse(rule.call)[:80])
                found.add(place, self.judge.decorator(wrapper, rule.module, facts))
            self._hooked(way, facts, found)
            yield found

    def _holder(self, rule: Rule) -> Holder | None:
        found = self.holders.of(rule.holder, rule.module)
        if found is not None:
            return found
        made = next(  # `api = Api(app)` of Flask-RESTful
            (n.value for n in ast.walk(rule.module.module.tree)
             if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call) and n.value.args
             and ast.unparse(n.targets[0]) == ast.unparse(rule.holder)), None
        )  # fmt: skip
        if isinstance(made, ast.Call):
            return self.holders.of(made.args[0], rule.module)
        return None

    def _hooked(self, way: Way, facts: Facts, found: Evidence) -> None:
        on_way = {holder.name for holder, _, _ in way}
        for name in on_way:
            for place, function in self._hooks.get(name, ()):
                found.add(place, self.judge.hook(function, facts))
        single = len(self.holders.roots) <= 1
        for place, function, holder in self._everywhere:
            said = self.judge.hook(function, facts)
            placed = holder is not None and (bool(holder.parents) or not self.holders.roots)
            if said.sure and not (single and placed):
                why = "it was not found at which app its blueprint is registered"
                said = replace(said, sure=None, why=why)
            found.add(place, said)
        rootless = not any(holder.root for holder, _, _ in way)
        elsewhere = [
            one for root in self.holders.roots if rootless for one in self._hooks.get(root.name, ())
        ]
        for place, function in [*self._lost, *elsewhere]:
            said = self.judge.hook(function, facts)
            if said.sure:
                said = replace(said, sure=None, why="it was not found which views it runs before")
            found.add(place, said)


def _facts(rule: Rule, way: Way, view: FunctionInfo, methods: tuple[str, ...]) -> Facts:
    names = [text(h.call.args[0]) if h.call.args else None for h, _, _ in way if not h.root]
    sure = bool(way) and all(names) and (any(h.root for h, _, _ in way) or len(names) == 1)
    given = words(rule.call)
    own = text(given.get("endpoint")) or str(getattr(view.node, "name", "") or "")
    endpoint = ".".join([*(str(n) for n in reversed(names)), own])
    plain = "endpoint" not in given or text(given.get("endpoint")) is not None
    if rule.call.func.attr in ("add_url_rule", "add_resource"):  # type: ignore[attr-defined]
        plain = False
    return Facts(
        methods=methods,
        path=_path(rule, way),
        endpoint=Known((endpoint,)) if sure and plain else None,
        blueprint=Known((".".join(str(n) for n in reversed(names)) or None,)) if sure else None,
    )


def _path(rule: Rule, way: Way) -> Value | None:
    own = text(rule.call.args[0]) if rule.call.args else text(words(rule.call).get("rule"))
    if own is None or not way or not way[-1][0].root:
        return None
    whole = own
    for holder, call, _ in way:
        if holder.root:
            break
        stated = [words(c).get("url_prefix") for c in (call, holder.call) if c is not None]
        prefix = next((p for p in stated if p is not None), None)
        if call is None or (prefix is not None and text(prefix) is None):
            return None
        whole = f"{(text(prefix) or '').rstrip('/')}{whole}"
    head, mark, _ = whole.partition("<")
    return Prefix(head) if mark else Known((whole,))


def _methods(call: ast.Call) -> tuple[str, ...]:
    attr = call.func.attr  # type: ignore[attr-defined]
    if attr in ("route", "add_url_rule"):
        listed = words(call).get("methods")
        if listed is None:
            return ("GET", "HEAD")
        items = getattr(listed, "elts", [])
        names = [str(text(i)).upper() for i in items]
        return (*names, *(["HEAD"] if "GET" in names else []))
    return ("GET", "HEAD") if attr == "get" else (str(attr).upper(),)


def views(project: Names, judge: Judge, wanted: Collection[str]) -> Iterator[Guard]:
    """Yield what guards every Flask view of the files that are wanted."""
    site = Site(project, judge)
    for path in sorted(wanted):
        info = project.modules[path]
        for function in functions(info):
            routes = (
                routes_of(function, _ROUTES)
                if info.packages & PACKAGES or _near(info, site)
                else []
            )
            rules = site.rules.get(function.name, [])
            if routes or rules:
                yield _of_function(function, routes, rules, site)
        for owner in info.classes.values():
            yield from _of_class(owner, site)


def _near(info: ModuleInfo, site: Site) -> bool:
    """Whether a file uses an app or blueprint of another one, without importing Flask itself."""
    names = {h.name for h in site.holders.by_name.values()}
    return any(target.rpartition(".")[2] in {n.rpartition(".")[2] for n in names}
               for target in info.imports.values())  # fmt: skip


def _of_function(
    function: FunctionInfo, routes: list[tuple[int, ast.Call]], rules: list[Rule], site: Site
) -> Guard:
    info = function.module
    found = Evidence(unknown=list(site.outside))
    last = max((at for at, _ in routes), default=-1)
    for at, one in enumerate(getattr(function.node, "decorator_list", ())):
        if at in {r for r, _ in routes}:
            continue
        name = f"@{ast.unparse(one)[:60]}"
        said = site.judge.decorator(one, info, Facts())
        if said is not None and said.sure and at < last:
            why = f"{name} stands above the route, so the route never sees it"
            found.inert.append((step(info, one, name), why))
        elif said is not None and said.sure and rules:
            found.add(step(info, one, name), said)
        else:
            found.add(step(info, one, name), said)
    both = [Rule(c.func.value, c, info) for _, c in routes]  # type: ignore[attr-defined]
    ways: list[Evidence] = []
    verbs: set[str] = set()
    for rule in (*both, *rules):
        methods = _methods(rule.call)
        verbs |= set(methods)
        ways += site.before(rule, function, methods)
    found.of_ways(ways)
    named = re.findall(
        r"<(?:[^<>:]*:)?(\w+)>", " ".join(ast.unparse(r.call) for r in (*both, *rules))
    )
    facts = Facts(methods=tuple(sorted(verbs)), parameters=frozenset(named))
    said = site.judge.inline(function, facts)
    found.add(step(info, function.node, "a check at its top"), said)
    return found.guard(function)


def _of_class(owner: ClassInfo, site: Site) -> Iterator[Guard]:
    bases = {b.rpartition(".")[2] for b in site.project.bases(owner)}
    if not bases & {"MethodView", "View", "Resource"} or any(
        "django" in b for b in site.project.bases(owner)
    ):
        return
    around = Evidence()
    _class_decorators(owner, site, around)
    around.unknown += site.outside
    _dispatch_request(owner, site, around)
    rules = site.rules.get(owner.name, [])
    for method in owner.methods.values():
        name = getattr(method.node, "name", "")
        if name not in _VERBS:
            continue
        mine = around.copy()
        info = owner.module
        for one in getattr(method.node, "decorator_list", ()):
            mine.add(
                step(info, one, f"@{ast.unparse(one)[:60]}"),
                site.judge.decorator(one, info, Facts()),
            )
        methods = () if name == "dispatch_request" else (name.upper(),)
        ways = [e for rule in rules for e in site.before(rule, method, methods)]
        if not rules:
            ways = [Evidence()]
            site._hooked((), Facts(methods=methods), ways[0])
        mine.of_ways(ways)
        said = site.judge.inline(method, Facts(methods=methods))
        mine.add(step(info, method.node, "a check at its top"), said)
        yield mine.guard(method)


def _dispatch_request(owner: ClassInfo, site: Site, found: Evidence) -> None:
    """Take a dispatch_request of the project that stands before the methods."""
    method = site.project.method(owner, "dispatch_request")
    if method is not None and len(owner.methods) and "super(" in ast.unparse(method.node):
        said = site.judge.around(Made(method, {}, Instance(owner)), (), Facts(action="<dispatch>"))
        found.add(step(method.module, method.node, "dispatch_request"), said)


def _class_decorators(owner: ClassInfo, site: Site, found: Evidence) -> None:
    """Take `decorators = [...]` of a class, or of the first class above it that has them."""
    holder: ClassInfo | None = owner
    while holder is not None:
        for node in holder.node.body:
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id in ("decorators", "method_decorators")
                for t in node.targets
            ):
                listed = getattr(node.value, "elts", None)
                if listed is None:
                    found.unknown.append(
                        (
                            step(holder.module, node, "decorators"),
                            "its decorators are no plain list",
                        )
                    )
                for one in listed or ():
                    said = site.judge.decorator(one, holder.module, Facts())
                    found.add(step(holder.module, one, f"decorators: {ast.unparse(one)}"), said)
                return
        above = [
            site.project.find(b, holder.module) or site.project.find(f"{holder.module.name}.{b}")
            for b in holder.bases
        ]
        holder = next((a for a in above if isinstance(a, ClassInfo) and a is not holder), None)
