"""The REST framework for Django: permission classes of a view, an action, the settings."""

from __future__ import annotations

import ast
from dataclasses import replace

from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.evidence import Evidence, Stops, step
from undersign.surfaces.review.upstream.holders import text, words
from undersign.surfaces.review.upstream.names import Names
from undersign.surfaces.review.upstream.running import Facts
from undersign.surfaces.review.upstream.settings import Site, names_of

_READ = ("GET", "HEAD", "OPTIONS")
_METHODS: dict[str, tuple[str, ...]] = {
    "get": ("GET",), "head": ("HEAD",), "list": ("GET",), "retrieve": ("GET",), "post": ("POST",),
    "create": ("POST",), "perform_create": ("POST",), "put": ("PUT",), "update": ("PUT",),
    "perform_update": ("PUT", "PATCH"), "patch": ("PATCH",), "partial_update": ("PATCH",),
    "delete": ("DELETE",), "destroy": ("DELETE",), "perform_destroy": ("DELETE",),
    "get_queryset": (), "get_object": (), "form_valid": ("POST",), "get_context_data": ("GET",),
    "dispatch": (),
}  # fmt: skip
_CHANGES = (
    "initial",
    "check_permissions",
    "permission_denied",
    "as_view",
    "perform_authentication",
)


def is_api(owner: ClassInfo, project: Names) -> bool:
    """Say whether a class is a view of the REST framework."""
    return any(b.rpartition(".")[2].endswith(("APIView", "ViewSet")) for b in project.bases(owner))


def api_facts(decorator: ast.expr) -> Facts:
    """Return what `@api_view(["GET"])` says of requests."""
    listed = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
    names = tuple(str(text(i)).upper() for i in getattr(listed, "elts", ()))
    return Facts(methods=names or ("GET",), parameters=None, person=True)


def facts_of(method: FunctionInfo) -> Facts | None:
    """Return what is known of requests to a method of a view; None when it is no handler."""
    name = str(getattr(method.node, "name", ""))
    call = action_of(method)
    if call is not None:
        listed = words(call).get("methods")
        items = getattr(listed, "elts", ())
        return Facts(
            tuple(str(text(i)).upper() for i in items) or ("GET",), action=name, person=True
        )
    if name not in _METHODS:
        return None
    return Facts(_METHODS[name], parameters=None, action=name, person=True)


def action_of(method: FunctionInfo) -> ast.Call | None:
    """Return the `@action(...)` of a method."""
    for one in getattr(method.node, "decorator_list", ()):
        if isinstance(one, ast.Call) and method.module.dotted(one.func).rpartition(".")[2] in (
            "action", "detail_route", "list_route",
        ):  # fmt: skip
            return one
    return None


def stated(one: ast.expr, site: Site, info: ModuleInfo, facts: Facts) -> Stops:
    """Read `@permission_classes([...])`."""
    listed = one.args[0] if isinstance(one, ast.Call) and one.args else None
    items = getattr(listed, "elts", None)
    if items is None:
        return Stops(None, "its permissions are no plain list")
    return site.judge.permissions(items, info, facts)


def permissions(
    owner: ClassInfo, method: FunctionInfo | None, facts: Facts, found: Evidence, site: Site
) -> None:
    """Add the permissions that stand before a method: its action's, its class's, the default."""
    before = len(found.guarded)
    _permissions(owner, method, facts, found, site)
    doubt = _doubt(owner, site)
    if doubt:
        for place, _ in found.guarded[before:]:
            found.unknown.append((place, doubt))
        del found.guarded[before:]


def _permissions(
    owner: ClassInfo, method: FunctionInfo | None, facts: Facts, found: Evidence, site: Site
) -> None:
    project = site.project
    chosen = project.method(owner, "get_permissions")
    if chosen is not None:
        place = step(chosen.module, chosen.node, "get_permissions")
        found.unknown.append((place, "permissions are chosen by code"))
        return
    call = action_of(method) if method is not None else None
    own = words(call).get("permission_classes") if call is not None else None
    if own is not None and call is not None and method is not None:
        _listed((own, call, method.module), facts, found, site)
        return
    for one in names_of(owner, project):
        for node in one.node.body:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            targets = (
                node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            )
            names = [t.id for t in targets if isinstance(t, ast.Name)]
            if value is not None and "permission_classes" in names:
                _listed((value, node, one.module), facts, found, site)
                return
    site.defaults(found, facts, doubt=_foreign(owner, project))


def _listed(
    stated: tuple[ast.expr, ast.AST, ModuleInfo], facts: Facts, found: Evidence, site: Site
) -> None:
    value, node, info = stated
    place = step(info, node, ast.unparse(node)[:70])
    items = getattr(value, "elts", None)
    if items is None:
        found.unknown.append((place, "its permissions are no plain list"))
    else:
        found.add(place, _told(site.judge.permissions(items, info, facts), items))


def _told(said: Stops, items: list[ast.expr]) -> Stops:
    names = [ast.unparse(i).rpartition(".")[2] for i in items]
    plain = {"AllowAny", "IsAuthenticatedOrReadOnly", "DjangoModelPermissionsOrAnonReadOnly"}
    if said.sure is False and not said.why and names and not set(names) & plain:
        return replace(said, why=f"{', '.join(names)} lets everyone in")
    return said


def _foreign(owner: ClassInfo, project: Names) -> str:
    """A class above that is not seen may bring permissions of its own."""
    for one in names_of(owner, project):
        for name in one.bases:
            known = project.find(name, one.module) or project.find(f"{one.module.name}.{name}")
            if known is None and not name.startswith(("rest_framework.", "django.", "object")):
                return f"{name}, a class above it, was not found"
    return ""


def _doubt(owner: ClassInfo, site: Site) -> str:
    """Say why the permissions of a class may not be what decides."""
    for name in _CHANGES:
        if site.project.method(owner, name) is not None:
            return f"{name} is written anew here"
    if "permission_classes" in site.options(owner.name):
        return "as_view gives it other permissions"
    for one in names_of(owner, site.project):
        if one.name in site.changed:
            return f"{one.node.name} is given other permissions elsewhere"
        branches = (n for n in one.node.body if isinstance(n, ast.If | ast.Try | ast.For))
        if any("permission_classes" in ast.unparse(node) for node in branches):
            return f"the permissions of {one.node.name} hang on a condition"
        for node in one.node.body:
            if (
                isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "authentication_classes"
            ):
                return _authentication(node, one.module, site)
    return ""


def _authentication(node: ast.Assign, info: ModuleInfo, site: Site) -> str:
    """An authentication of the project that makes a user of everyone undoes every permission."""
    for item in getattr(node.value, "elts", ()):
        name = info.dotted(item)
        owner = site.project.find(name, info) or site.project.find(f"{info.name}.{name}")
        if not isinstance(owner, ClassInfo):
            continue
        method = site.project.method(owner, "authenticate")
        if method is None:
            continue
        if not site.judge.gives_nobody(method, owner):
            return f"{owner.node.name} may make a user of who is not logged in"
    return ""
