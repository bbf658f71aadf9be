"""Django and its REST framework: decorators, mixins in their order, permissions, middleware."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from undersign.records.guard import Guard
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo, Project
from undersign.surfaces.review.upstream.flask import Evidence, decorator_of
from undersign.surfaces.review.upstream.stopping import Stops, inline, step

PACKAGES = frozenset({"django", "rest_framework"})
_MIXINS = frozenset(
    {"LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin", "AccessMixin"}
)
_VIEWS = ("View", "APIView", "ViewSet", "Viewset", "ModelViewSet")
_PERMISSIONS = frozenset(
    {
        "IsAuthenticated", "IsAdminUser", "DjangoModelPermissions", "DjangoObjectPermissions",
    }
)  # fmt: skip
_OPEN = frozenset({"AllowAny", "IsAuthenticatedOrReadOnly", "DjangoModelPermissionsOrAnonReadOnly"})
_METHODS = frozenset(
    {
        "get", "post", "put", "delete", "patch", "list", "create", "retrieve", "update",
        "partial_update", "destroy", "form_valid", "get_queryset", "perform_create", "dispatch",
    }
)  # fmt: skip


def views(project: Project, wanted: Collection[str]) -> Iterator[Guard]:
    """Yield what guards every view of the files that are wanted."""
    site = _Site(project)
    for path in sorted(wanted):
        info = project.modules[path]
        for function in info.functions.values():
            if _is_view(function, info, site):
                yield _of_function(function, site, project)
        for owner in info.classes.values():
            if _is_view_class(owner, project):
                yield from _of_class(owner, site, project)


def _is_view(function: FunctionInfo, info: ModuleInfo, site: _Site) -> bool:
    node = function.node
    if isinstance(node, ast.Lambda) or not node.args.args:
        return False
    return node.args.args[0].arg == "request" and (
        bool(info.packages & PACKAGES)
        or function.name in site.routed
        or info.path.endswith("views.py")
    )


def _is_view_class(owner: ClassInfo, project: Project) -> bool:
    names = [b.rpartition(".")[2] for b in project.bases(owner)]
    return any(name.endswith(_VIEWS) for name in names)


def _of_function(function: FunctionInfo, site: _Site, project: Project) -> Guard:
    found = Evidence()
    info = function.module
    decorators = getattr(function.node, "decorator_list", [])
    names = [info.dotted(d.func if isinstance(d, ast.Call) else d) for d in decorators]
    last = [n.rpartition(".")[2] for n in names]
    api = last.index("api_view") if "api_view" in last else None
    for at, one in enumerate(decorators):
        place = step(info, one, f"@{ast.unparse(one)[:70]}")
        if last[at] == "permission_classes":
            said = (
                _permissions(getattr(one.args[0], "elts", []), info, project)
                if isinstance(one, ast.Call) and one.args
                else None
            )
            if said and said.sure and api is not None and at < api:
                found.inert.append((place, "permission_classes above api_view is never read"))
            else:
                found.add(place, said)
        else:
            found.add(place, decorator_of(one, info, project))
    if api is not None and "permission_classes" not in last:
        site.defaults(found)
    site.routes(function.name, found)
    if "login_not_required" not in last:
        site.middleware(found)
    found.add(step(info, function.node.body[0], "a check at its top"), inline(function, project))  # type: ignore[index]
    return found.guard(function)


def _of_class(owner: ClassInfo, site: _Site, project: Project) -> Iterator[Guard]:
    found = _around(owner, site, project)
    for method in owner.methods.values():
        actions = _actions(method)
        if getattr(method.node, "name", "") in _METHODS or actions:
            yield _of_method(method, actions, found, project).guard(method)


def _around(owner: ClassInfo, site: _Site, project: Project) -> Evidence:
    """Return what stands before every method of a class."""
    found = Evidence()
    info = owner.module
    _mixins(owner, found, project)
    for one in owner.node.decorator_list:
        _class_decorator(one, found, info, project)
    _drf(owner, found, site, project)
    site.routes(owner.name, found)
    site.middleware(found)
    dispatch = project.method(owner, "dispatch")
    if dispatch is not None and dispatch.owner is not None:
        home = dispatch.module
        found.add(step(home, dispatch.node, "dispatch"), inline(dispatch, project))
        for one in getattr(dispatch.node, "decorator_list", ()):
            place = step(home, one, ast.unparse(one)[:70])
            found.add(place, _method_decorator(one, home, project))
    return found


def _class_decorator(node: ast.expr, found: Evidence, info: ModuleInfo, project: Project) -> None:
    if not (isinstance(node, ast.Call) and node.args):
        return
    if not info.dotted(node.func).endswith("method_decorator"):
        return
    which = {w.arg: w.value for w in node.keywords}.get("name")
    place = step(info, node, f"@{ast.unparse(node)[:70]}")
    if isinstance(which, ast.Constant) and which.value == "dispatch":
        found.add(place, decorator_of(node.args[0], info, project))
    else:
        found.unknown.append((place, "it decorates one method"))


def _actions(method: FunctionInfo) -> list[ast.Call]:
    return [
        d
        for d in getattr(method.node, "decorator_list", ())
        if isinstance(d, ast.Call) and method.module.dotted(d.func).endswith("action")
    ]


def _of_method(
    method: FunctionInfo, actions: Sequence[ast.Call], around: Evidence, project: Project
) -> Evidence:
    info = method.module
    mine = Evidence(list(around.guarded), list(around.inert), list(around.unknown))
    for one in actions:
        for word in one.keywords:
            if word.arg == "permission_classes":
                mine = Evidence()  # an action's own permissions stand in for those of its class
                items = getattr(word.value, "elts", [])
                mine.add(step(info, one, ast.unparse(one)[:70]), _permissions(items, info, project))
    for one_decorator in getattr(method.node, "decorator_list", ()):
        place = step(info, one_decorator, f"@{ast.unparse(one_decorator)[:70]}")
        mine.add(place, _method_decorator(one_decorator, info, project))
    mine.add(step(info, method.node, "a check at its top"), inline(method, project))
    return mine


def _method_decorator(node: ast.expr, info: ModuleInfo, project: Project) -> Stops | None:
    if (
        isinstance(node, ast.Call)
        and info.dotted(node.func).endswith("method_decorator")
        and node.args
    ):
        return decorator_of(node.args[0], info, project)
    return None


def _mixins(owner: ClassInfo, found: Evidence, project: Project) -> None:
    names = [b.rpartition(".")[2] for b in owner.bases]
    seen_view = ""
    for base, name in zip(owner.node.bases, names, strict=False):
        place = step(owner.module, base, f"class base {name}")
        if name in _MIXINS:
            if seen_view:
                why = f"{name} stands right of {seen_view}, so its dispatch never runs first"
                found.inert.append((place, why))
            elif name == "UserPassesTestMixin":
                found.add(place, _test_func(owner, project))
            else:
                found.add(place, Stops(True, role=name == "PermissionRequiredMixin"))
        elif name.endswith(_VIEWS):
            seen_view = name
        else:
            above = project.find(owner.bases[names.index(name)], owner.module)
            if isinstance(above, ClassInfo) and not seen_view:
                _mixins(above, found, project)


def _test_func(owner: ClassInfo, project: Project) -> Stops:
    method = project.method(owner, "test_func")
    if method is None or isinstance(method.node, ast.Lambda):
        return Stops(None, "its test_func was not found")
    returned = [n.value for n in ast.walk(method.node) if isinstance(n, ast.Return)]
    if any(isinstance(v, ast.Constant) and v.value for v in returned):
        return Stops(False, "its test_func lets everyone in")
    return Stops(True, role=True)


def _drf(owner: ClassInfo, found: Evidence, site: _Site, project: Project) -> None:
    bases = {b.rpartition(".")[2] for b in project.bases(owner)}
    is_api = any(b.endswith(("APIView", "ViewSet")) for b in bases)
    if not is_api:
        return
    info = owner.module
    if project.method(owner, "get_permissions") is not None:
        found.unknown.append(
            (step(info, owner.node, "get_permissions"), "permissions are chosen by code")
        )
        return
    holder: ClassInfo | None = owner
    while holder is not None:
        for node in holder.node.body:
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "permission_classes" for t in node.targets
            ):
                items = getattr(node.value, "elts", None)
                place = step(holder.module, node, ast.unparse(node)[:70])
                if items is None:
                    found.unknown.append((place, "its permissions are no plain list"))
                else:
                    found.add(place, _permissions(items, holder.module, project))
                return
        above = [project.find(b, holder.module) for b in holder.bases]
        holder = next((a for a in above if isinstance(a, ClassInfo)), None)
    site.defaults(found)


def _permissions(items: Sequence[ast.expr], info: ModuleInfo, project: Project) -> Stops | None:
    """Read a list of permission classes: all of them must let somebody in."""
    said: Stops | None = None
    for one in items:
        name = info.dotted(one).rpartition(".")[2]
        if name in _PERMISSIONS:
            return Stops(True, role=name != "IsAuthenticated")
        if name in _OPEN or isinstance(one, ast.BinOp):
            said = said or (
                Stops(None, "permissions are combined") if isinstance(one, ast.BinOp) else None
            )
            continue
        said = _permission_class(one, info, project) or said
        if said is not None and said.sure:
            return said
    return said


def _permission_class(node: ast.expr, info: ModuleInfo, project: Project) -> Stops | None:
    dotted = info.dotted(node)
    owner = project.find(dotted, info) or project.find(f"{info.name}.{dotted}")
    if not isinstance(owner, ClassInfo):
        return Stops(None, f"{dotted} was not found, so what it allows is not known")
    method = project.method(owner, "has_permission")
    bases = {b.rpartition(".")[2] for b in project.bases(owner)}
    if method is None:
        return (
            Stops(True) if bases & _PERMISSIONS else Stops(None, f"{dotted} has no has_permission")
        )
    returned = [n.value for n in ast.walk(method.node) if isinstance(n, ast.Return)]
    text = " ".join(ast.unparse(v) for v in returned if v is not None)
    if any(isinstance(v, ast.Constant) and v.value for v in returned):
        return Stops(False, f"{dotted} lets everyone in, or some: it returns True")
    if "user" in text or "auth" in text:
        return Stops(True, role="user.is_authenticated" not in text)
    return Stops(None, f"what {dotted} allows was not understood")


class _Site:
    """What a whole Django project says: middleware, default permissions, wrapped routes."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._defaults: list[tuple[ast.expr, ast.AST, ModuleInfo]] = []
        self._middleware: list[tuple[ast.AST, ModuleInfo]] = []
        self.routed: dict[str, list[tuple[ast.expr | None, ast.AST, ModuleInfo]]] = {}
        for info in project.modules.values():
            for node in ast.walk(info.module.tree):
                if isinstance(node, ast.Assign):
                    self._assigned(node, info)
                elif isinstance(node, ast.Call):
                    self._path(node, info)

    def _assigned(self, node: ast.Assign, info: ModuleInfo) -> None:
        names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        if "MIDDLEWARE" in names and "LoginRequiredMiddleware" in ast.unparse(node.value):
            self._middleware.append((node, info))
        if "REST_FRAMEWORK" in names and isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "DEFAULT_PERMISSION_CLASSES":
                    self._defaults.append((value, node, info))

    def _path(self, node: ast.Call, info: ModuleInfo) -> None:
        if (
            info.dotted(node.func).rpartition(".")[2] not in ("path", "re_path", "url")
            or len(node.args) < 2
        ):
            return
        view, wrapper = node.args[1], None
        if (
            isinstance(view, ast.Call)
            and view.args
            and not ast.unparse(view.func).endswith("as_view")
        ):
            wrapper, view = view.func, view.args[0]
        if isinstance(view, ast.Call):
            inner = view.func
            view = inner.value if isinstance(inner, ast.Attribute) else inner
        name = info.dotted(view)
        found = self._project.find(name, info)
        if isinstance(found, FunctionInfo | ClassInfo):
            self.routed.setdefault(found.name, []).append((wrapper, node, info))

    def routes(self, name: str, found: Evidence) -> None:
        """Add the guard that every route to a view wraps it in; one route without opens it."""
        ways = self.routed.get(name, [])
        if ways and all(wrapper is not None for wrapper, _, _ in ways):
            wrapper, node, info = ways[0]
            assert wrapper is not None
            found.add(
                step(info, node, ast.unparse(node)[:80]), decorator_of(wrapper, info, self._project)
            )

    def defaults(self, found: Evidence) -> None:
        """Add the default permissions of the REST framework."""
        for value, node, info in self._defaults:
            text = ast.unparse(value)
            place = step(info, node, "DEFAULT_PERMISSION_CLASSES")
            if "IsAuthenticated'" in text or "IsAdminUser" in text or 'IsAuthenticated"' in text:
                found.add(place, Stops(True, role="IsAdminUser" in text))
            elif "AllowAny" not in text and "ReadOnly" not in text:
                found.unknown.append((place, "the default permissions were not understood"))

    def middleware(self, found: Evidence) -> None:
        """Add the middleware that asks everyone to log in."""
        for node, info in self._middleware:
            found.add(step(info, node, "LoginRequiredMiddleware"), Stops(True))
