"""What a framework hands to a function: which parameters a request fills, what becomes a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from undersign.records.candidate import Step
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo, Project
from undersign.surfaces.review.dataflow.values import NOTHING, STRANGE, Taint, Value

_ROUTES = frozenset(
    {"route", "get", "post", "put", "delete", "patch", "head", "options", "api_route", "websocket"}
)
_CONVERTED = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_HARMLESS = frozenset({"int", "float", "uuid", "any"})
_TYPES = frozenset(
    {"int", "float", "bool", "UUID", "uuid.UUID", "datetime", "date", "Decimal", "time"}
)
_HANDLERS = frozenset(
    {
        "BaseHTTPRequestHandler", "SimpleHTTPRequestHandler", "RequestHandler",
        "CGIHTTPRequestHandler",
    }
)  # fmt: skip
_VIEWS = frozenset(
    {
        "View", "APIView", "ViewSet", "GenericViewSet", "ModelViewSet", "MethodView", "Resource",
        "HTTPEndpoint", "TemplateView", "FormView", "DetailView", "ListView", "UpdateView",
        "CreateView", "DeleteView", "RedirectView",
    }
)  # fmt: skip
_REQUEST_NAMES = ("request", "req")
_FASTAPI = frozenset({"fastapi", "starlette"})
_PAGES = frozenset({"flask", "bottle", "quart", "sanic"})


def entry(function: FunctionInfo, project: Project) -> tuple[Mapping[str, Value], bool]:
    """Return the arguments a function gets from its framework, and whether it returns a page.

    A parameter that no framework fills is a value of which nothing is known.
    """
    if isinstance(function.node, ast.Lambda):
        return {}, False
    names = _parameters(function.node)
    route = _route(function)
    values = dict.fromkeys(names, STRANGE)
    packages = function.module.packages
    if function.owner is not None and names and not function.is_static:
        values[names[0]] = _self(function.owner, project)
        names = names[1:]
    is_view = is_view_class(function.owner, project)
    if route is not None and packages & _FASTAPI:
        values |= {n: _fastapi(n, function, project) for n in names}
    elif route is not None:
        values |= _flask(route, names, function)
    elif names and (names[0] in _REQUEST_NAMES or _annotated_request(names[0], function)):
        values[names[0]] = Value(ref="<request>", known=False)
        if is_view or packages & {"django", "rest_framework"}:
            values |= {n: _of_url(n, function, project) for n in names[1:]
                       if n not in ("args", "kwargs")}  # fmt: skip
    elif _is_called_from_outside(function, names, project):
        values |= {n: _tainted(n, function) for n in names if n not in ("context", "info", "root")}
    elif is_view:
        values |= {n: _tainted(n, function) for n in names}
    page = route is not None and bool(packages & _PAGES or _calls_flask(function))
    page = page or (is_view and "flask" in packages)
    if route is not None and packages & _FASTAPI:
        page = "HTMLResponse" in " ".join(ast.unparse(d) for d in function.node.decorator_list)
    return values, page


_VERBS = frozenset({"get", "post", "put", "delete", "patch", "head", "options"})
_GRAPHS = frozenset({"graphene", "strawberry", "ariadne"})


def _is_called_from_outside(
    function: FunctionInfo, names: list[str], project: Project
) -> bool:  # fmt: skip
    """A function of the cloud, a resolver of GraphQL, or a handler of tornado with path parts."""
    name = function.name.rpartition(".")[2]
    if names[:2] == ["event", "context"]:
        return True
    if function.module.packages & _GRAPHS:
        return name.startswith("resolve_") or name == "mutate"
    owner = function.owner
    bases = project.bases(owner) if owner is not None and name in _VERBS else ()
    return any(base.rpartition(".")[2] == "RequestHandler" for base in bases)


_OF_PATH = re.compile(r"<(?P<kind>\w+):(?P<name>\w+)>|<(?P<plain>\w+)>")
_OF_PATTERN = re.compile(r"\(\?P<(?P<name>\w+)>(?P<pattern>(?:[^()\\]|\\.)*)\)")


def _of_url(name: str, function: FunctionInfo, project: Project) -> Value:
    """An argument of a Django view, which its rules in `urlpatterns` may hold to numbers."""
    kinds: set[bool] = set()
    for info in project.modules.values():
        text = info.module.text
        if name not in text or "urlpatterns" not in text:
            continue
        for found in _OF_PATH.finditer(text):
            if name in (found["name"], found["plain"]):
                kinds.add(found["kind"] in _HARMLESS)
        for found in _OF_PATTERN.finditer(text):
            if found["name"] == name:
                kinds.add(re.fullmatch(r"(\\d|\[0-9\])(\+|\{[\d,]+\})?", found["pattern"])
                          is not None)  # fmt: skip
    return NOTHING if kinds == {True} else _tainted(name, function)


def _calls_flask(function: FunctionInfo) -> bool:
    """A route by a decorator of an app that was made in another module of a Flask project."""
    text = " ".join(ast.unparse(d) for d in getattr(function.node, "decorator_list", ()))
    return ".route(" in text and not function.module.packages & _FASTAPI


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    every += [a for a in (given.vararg, given.kwarg) if a is not None]
    return [a.arg for a in every]


def _route(function: FunctionInfo) -> ast.Call | None:
    for one in getattr(function.node, "decorator_list", ()):
        named = one.func if isinstance(one, ast.Call) else None
        if isinstance(named, ast.Attribute) and named.attr in _ROUTES:
            assert isinstance(one, ast.Call)
            return one
    return None


def _flask(route: ast.Call, names: list[str], function: FunctionInfo) -> dict[str, Value]:
    rules = [
        a.value for a in route.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
    ]
    kinds = {m["name"]: m["kind"] or "string" for rule in rules for m in _CONVERTED.finditer(rule)}
    return {
        name: NOTHING if kinds.get(name) in _HARMLESS else _tainted(name, function)
        for name in names
        if name in kinds
    }


def fixed_path(function: FunctionInfo) -> bool:
    """Say whether a view's rule has no variable part, so that one path alone leads to it."""
    route = _route(function)
    if route is None or len(getattr(function.node, "decorator_list", ())) != 1:
        return False
    rules = [a.value for a in route.args if isinstance(a, ast.Constant)]
    return len(rules) == 1 and "<" not in str(rules[0])


def _fastapi(name: str, function: FunctionInfo, project: Project) -> Value:
    node = function.node
    assert not isinstance(node, ast.Lambda)
    given = {a.arg: a for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    said = given[name].annotation if name in given else None
    written = ast.unparse(said) if said is not None else ""
    default = _default(node, name)
    if (
        "Depends(" in written
        or "Security(" in written
        or "Depends(" in default
        or "Security(" in default
    ):
        return STRANGE
    if "Request" in written or "WebSocket" in written:
        return Value(ref="<request>", known=False)
    bare = (
        written.split("[")[-1].split("|")[0].strip(" ]'\"")
        if "Annotated" not in written
        else written
    )
    if bare in _TYPES or re.match(r"Annotated\[(int|float|bool|UUID)\b", written):
        return NOTHING
    if re.search(r"\b(Session|BackgroundTasks|Response|AsyncSession|Engine)\b", written):
        return STRANGE
    owner = project.find(function.module.dotted(said), function.module) if said else None
    if isinstance(owner, ClassInfo):
        return _body_of(owner, name, function, project)
    return _tainted(name, function)


def _body_of(owner: ClassInfo, name: str, function: FunctionInfo, project: Project) -> Value:
    """A body that is read into a class: fields that must be numbers are harmless."""
    fields: dict[str, Value] = {}
    above = (project.find(base, owner.module) for base in project.bases(owner))
    for one in (*(a for a in above if isinstance(a, ClassInfo)), owner):
        for node in one.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                kind = (
                    ast.unparse(node.annotation).removesuffix(" | None").removeprefix("Optional[")
                )
                harmless = kind.rstrip("]") in _TYPES
                key = node.target.id
                fields[key] = NOTHING if harmless else _tainted(f"{name}.{key}", function)
    return Value(fields=fields, known=False) if fields else _tainted(name, function)


def _default(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> str:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    pairs = dict(
        zip(names[len(names) - len(node.args.defaults) :], node.args.defaults, strict=True)
    )
    pairs |= {
        a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d
    }
    return ast.unparse(pairs[name]) if name in pairs else ""


def _annotated_request(name: str, function: FunctionInfo) -> bool:
    node = function.node
    if isinstance(node, ast.Lambda):
        return False
    for one in (*node.args.posonlyargs, *node.args.args):
        if one.arg == name and one.annotation is not None:
            return ast.unparse(one.annotation).rpartition(".")[2] in ("Request", "HttpRequest")
    return False


def _self(owner: ClassInfo, project: Project) -> Value:
    bases = {base.rpartition(".")[2] for base in project.bases(owner)}
    if bases & _HANDLERS:
        return Value(ref="<handler>", known=False)
    return Value(ref=f"{owner.name}()", known=False)


def is_view_class(owner: ClassInfo | None, project: Project) -> bool:
    """Say whether a class is one whose methods a framework calls with a request."""
    if owner is None:
        return False
    return any(base.rpartition(".")[2] in _VIEWS for base in project.bases(owner))


def _tainted(name: str, function: FunctionInfo) -> Value:
    line = getattr(function.node, "lineno", 1)
    text = function.module.line(line)
    step = Step(function.module.path, line, f"source: {name} of the request", text)
    return Value((Taint("request", (step,)),))
