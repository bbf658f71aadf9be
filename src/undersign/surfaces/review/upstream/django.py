"""Django: views, decorators, mixins in their order, dispatch, middleware."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from undersign.catalogs import guards as models
from undersign.records.candidate import Step
from undersign.records.guard import Guard
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream import rest
from undersign.surfaces.review.upstream.evidence import Evidence, Stops, step
from undersign.surfaces.review.upstream.names import Names
from undersign.surfaces.review.upstream.running import Facts
from undersign.surfaces.review.upstream.settings import FACTS, Site, found_class, names_of
from undersign.surfaces.review.upstream.stopping import Judge
from undersign.surfaces.review.upstream.values import WHO, Instance, Made, Request

PACKAGES = frozenset({"django", "rest_framework"})
_VIEWS = ("View", "ViewSet", "APIView")


def views(project: Names, judge: Judge, wanted: Collection[str]) -> Iterator[Guard]:
    """Yield what guards every view of the files that are wanted."""
    site = Site(project, judge)
    for path in sorted(wanted):
        info = project.modules[path]
        for function in info.functions.values():
            if _is_view(function, info, site):
                yield _of_function(function, site)
        for owner in info.classes.values():
            if _is_view_class(owner, site):
                yield from _of_class(owner, site)


def _is_view(function: FunctionInfo, info: ModuleInfo, site: Site) -> bool:
    node = function.node
    if isinstance(node, ast.Lambda) or not node.args.args:
        return False
    if function.name in site.routed:
        return True
    foreign = {"flask", "fastapi", "starlette"} & info.packages
    near = bool(info.packages & PACKAGES) or info.path.endswith("views.py")
    return node.args.args[0].arg == "request" and near and not foreign


def _is_view_class(owner: ClassInfo, site: Site) -> bool:
    names = list(site.project.bases(owner))
    if any(name.startswith(("flask", "quart")) for name in names):
        return False
    near = any(name.startswith(("django.", "rest_framework.")) for name in names)
    return any(name.rpartition(".")[2].endswith(_VIEWS) for name in names) and (
        near or owner.name in site.routed or owner.module.path.endswith("views.py")
    )


def _of_function(function: FunctionInfo, site: Site) -> Guard:
    found = Evidence()
    info = function.module
    decorators = getattr(function.node, "decorator_list", [])
    names = [info.dotted(d.func if isinstance(d, ast.Call) else d) for d in decorators]
    last = [name.rpartition(".")[2] for name in names]
    api = last.index("api_view") if "api_view" in last else None
    facts = rest.api_facts(decorators[api]) if api is not None else FACTS
    for at, one in enumerate(decorators):
        place = step(info, one, f"@{ast.unparse(one)[:70]}")
        if last[at] == "permission_classes":
            said = rest.stated(one, site, info, facts)
            if api is None or at < api:
                found.inert.append((place, "permission_classes above api_view is never read"))
            else:
                found.add(place, said)
        else:
            found.add(place, site.judge.decorator(one, info, facts))
    if api is not None and "permission_classes" not in last[api:]:
        site.defaults(found, facts)
    site.routes(function.name, found)
    exempt = "login_not_required" in last or site.opened(function.name)
    site.middleware(found, api=api is not None, exempt=exempt)
    body = function.node.body
    first = body[0] if isinstance(body, list) else body
    found.add(step(info, first, "a check at its top"), site.judge.inline(function, facts))
    return found.guard(function)


def _of_class(owner: ClassInfo, site: Site) -> Iterator[Guard]:
    api = rest.is_api(owner, site.project)
    found = Evidence()
    info = owner.module
    _above(owner, found, site)
    site.routes(owner.name, found)
    site.middleware(found, api=api, exempt=_exempt(owner, site))
    made: list[Guard] = []
    for method in owner.methods.values():
        facts = rest.facts_of(method)
        if facts is None:
            continue
        mine = found.copy()
        if api:
            rest.permissions(owner, method, facts, mine, site)
        _on_method(owner, method, facts, mine, site)
        made.append(mine.guard(method))
    yield from made
    whole = found.copy()
    if api:
        rest.permissions(owner, None, FACTS, whole, site)
    first = min([owner.node.lineno, *(d.lineno for d in owner.node.decorator_list)])
    last = owner.node.end_lineno or owner.node.lineno
    guard = whole.over(info.path, first, last, owner.name)
    if any(one.verdict != guard.verdict for one in made):
        why = "its methods are not guarded alike"
        guard = replace(guard, verdict="unknown", why=why)
    yield guard


def _exempt(owner: ClassInfo, site: Site) -> bool:
    marks = [
        ast.unparse(d) for one in names_of(owner, site.project) for d in one.node.decorator_list
    ]
    return any("login_not_required" in mark for mark in marks) or site.opened(owner.name)


def _above(owner: ClassInfo, found: Evidence, site: Site) -> None:
    """Take what stands before every method: class decorators, dispatch, mixins, in their order."""
    seen: list[str] = []
    for one in _order(owner, site.project):
        if isinstance(one, ClassInfo):
            for mark in one.node.decorator_list if not seen else ():
                _class_decorator(mark, "", found, one.module, site)
            dispatch = one.methods.get("dispatch")
            if dispatch is not None and not _dispatch(dispatch, owner, found, site, seen):
                return
        elif _is_framework_view(one.name):
            seen.append(one.name.rpartition(".")[2])
        else:
            last = one.name.rpartition(".")[2]
            place = step(one.below.module, one.node, f"class base {last}")
            _mixin(owner, place, one.name, found, (site, seen))


@dataclass(frozen=True)
class _Base:
    """A class above that is not of the project."""

    name: str
    node: ast.expr
    below: ClassInfo


def _order(owner: ClassInfo, project: Names) -> list[ClassInfo | _Base]:
    """Return the classes above one as Python asks them: left to right, repeated ones last."""
    found: dict[object, ClassInfo | _Base] = {}
    left: list[ClassInfo | _Base] = [owner]
    for _ in range(200):
        if not left:
            break
        one = left.pop(0)
        key: object = one if isinstance(one, ClassInfo) else one.name
        if isinstance(one, _Base) and _is_framework_view(one.name):
            key = "View"  # they share its dispatch
        found.pop(key, None)
        found[key] = one
        if isinstance(one, ClassInfo):
            named = [
                (n, b)
                for n, b in zip(one.node.bases, map(one.module.dotted, one.node.bases), strict=True)
                if b
            ]
            left = [found_class(b, one, project) or _Base(b, n, one) for n, b in named] + left
    return list(found.values())


def _is_framework_view(name: str) -> bool:
    return name.startswith(("django.", "rest_framework.")) and name.endswith(_VIEWS)


def _dispatch(
    dispatch: FunctionInfo, owner: ClassInfo, found: Evidence, site: Site, seen: list[str]
) -> bool:
    """Take a dispatch of the project; say whether what stands above it still runs."""
    info = dispatch.module
    place = step(info, dispatch.node, "dispatch")
    if seen:
        why = f"its dispatch stands right of {seen[0]}, so it never runs first"
        found.inert.append((place, why))
        return True
    for mark in getattr(dispatch.node, "decorator_list", ()):
        found.add(step(info, mark, ast.unparse(mark)[:70]), _method_decorator(mark, info, site))
    bare = FunctionInfo(dispatch.name, _undecorated(dispatch.node), info, dispatch.owner)
    facts = Facts(action="<dispatch>", person=True)
    found.add(place, site.judge.around(Made(bare, {}, Instance(owner)), (Request(),), facts))
    if "super(" not in ast.unparse(dispatch.node):
        found.unknown.append((place, "its dispatch does not call the one above it"))
        return False
    return True


def _undecorated(node: ast.AST) -> ast.FunctionDef:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    made = ast.FunctionDef(name=node.name, args=node.args, body=node.body, decorator_list=[])
    return ast.copy_location(made, node)


def _mixin(
    owner: ClassInfo, place: Step, name: str, found: Evidence, at: tuple[Site, list[str]]
) -> None:
    """Take a class above that is not of the project."""
    site, seen = at
    last = name.rpartition(".")[2]
    asks = models.load().mixins.get(name)
    if asks is None:
        if WHO.search(last) and not name.startswith(("rest_framework.", "django.")):
            found.unknown.append((place, f"{name} was not found, so what it does is not known"))
        return
    if seen:
        why = f"{last} stands right of {seen[0]}, so its dispatch never runs first"
        found.inert.append((place, why))
    elif site.project.method(owner, "handle_no_permission") is not None:
        found.unknown.append((place, "what it does with who may not is written anew"))
    elif asks == "test":
        found.add(place, _test_func(owner, site))
    elif asks == "role":
        found.add(place, _permission_mixin(owner, site))
    else:
        found.add(place, Stops(True))


def _test_func(owner: ClassInfo, site: Site) -> Stops:
    method = site.project.method(owner, "test_func")
    if method is None or site.project.method(owner, "get_test_func") is not None:
        return Stops(None, "its test_func was not found")
    said = site.judge.test(method, (Instance(owner),), FACTS)
    if said.sure is False:
        return Stops(False, said.why or "its test_func lets everyone in")
    return said


def _permission_mixin(owner: ClassInfo, site: Site) -> Stops:
    method = site.project.method(owner, "has_permission")
    if method is not None:
        said = site.judge.test(method, (Instance(owner),), FACTS)
        return (
            said
            if said.sure is not False
            else Stops(False, said.why or "its has_permission lets everyone in")
        )
    for one in names_of(owner, site.project):
        for node in one.node.body:
            if (
                isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "permission_required"
            ):
                if getattr(node.value, "elts", None) == []:
                    return Stops(False, "permission_required is empty, so it lets everyone in")
                return Stops(True, role=True)
    return Stops(None, "which permission it asks for was not found")


def _class_decorator(
    node: ast.expr, method: str, found: Evidence, info: ModuleInfo, site: Site
) -> None:
    """Take `@method_decorator(login_required, name="dispatch")`, or the one for a method."""
    if not (isinstance(node, ast.Call) and node.args):
        return
    if not info.dotted(node.func).endswith("method_decorator"):
        return
    named = {w.arg: w.value for w in node.keywords}.get("name")
    which = named.value if isinstance(named, ast.Constant) else None
    place = step(info, node, f"@{ast.unparse(node)[:70]}")
    if which == (method or "dispatch"):
        for said in _decorators(node.args[0], info, site):
            found.add(place, said)
    elif which is None and not method:
        found.unknown.append((place, "which method it decorates was not found"))


def _decorators(node: ast.expr, info: ModuleInfo, site: Site) -> Iterator[Stops | None]:
    if isinstance(node, ast.List | ast.Tuple):
        for one in node.elts:
            yield site.judge.decorator(one, info, FACTS)
        return
    if isinstance(node, ast.Name):
        held = [
            n.value for n in info.module.tree.body
            if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == node.id
        ]  # fmt: skip
        if len(held) == 1 and isinstance(held[0], ast.List | ast.Tuple):
            yield from _decorators(held[0], info, site)
            return
    yield site.judge.decorator(node, info, FACTS)


def _method_decorator(node: ast.expr, info: ModuleInfo, site: Site) -> Stops | None:
    if (
        isinstance(node, ast.Call)
        and info.dotted(node.func).endswith("method_decorator")
        and node.args
    ):
        said = [one for one in _decorators(node.args[0], info, site) if one is not None]
        order = {True: 0, None: 1, False: 2}
        return min(said, key=lambda one: order[one.sure], default=None)
    said_bare = site.judge.decorator(node, info, FACTS)
    if said_bare is not None and said_bare.sure:
        return Stops(None, "it is made for functions, and decorates a method")
    return said_bare


def _on_method(
    owner: ClassInfo, method: FunctionInfo, facts: Facts, mine: Evidence, site: Site
) -> None:
    info = method.module
    name = getattr(method.node, "name", "")
    for mark in owner.node.decorator_list:
        if isinstance(mark, ast.Call) and name != "dispatch":
            _class_decorator_for(mark, name, mine, info, site)
    if name == "dispatch":
        return
    for mark in getattr(method.node, "decorator_list", ()):
        if info.dotted(mark.func if isinstance(mark, ast.Call) else mark).endswith("action"):
            continue
        mine.add(
            step(info, mark, f"@{ast.unparse(mark)[:70]}"), _method_decorator(mark, info, site)
        )
    mine.add(step(info, method.node, "a check at its top"), site.judge.inline(method, facts))


def _class_decorator_for(
    mark: ast.Call, name: str, mine: Evidence, info: ModuleInfo, site: Site
) -> None:
    named = {w.arg: w.value for w in mark.keywords}.get("name")
    if isinstance(named, ast.Constant) and named.value == name:
        _class_decorator(mark, name, mine, info, site)
