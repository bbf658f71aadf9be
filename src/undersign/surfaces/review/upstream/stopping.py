"""Does this code stop a request whose sender may not? Read from its statements, never its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from undersign.records.candidate import Step
from undersign.surfaces.review.dataflow.project import FunctionInfo, ModuleInfo, Project

_IDENTITY = re.compile(
    r"(?i)user|session|token|auth|login|logged|jwt|role|admin|permission|api_?key|credential|"
    r"principal|staff|owner|identity|cookie|secret|signature|bearer"
)
_ROLE = re.compile(r"(?i)role|admin|permission|staff|superuser|scope|owner|privilege|group")
_REFUSALS = re.compile(
    r"(?i)abort|unauthori[sz]ed|forbidden|redirect|denied|HTTPException|Response|jsonify|401|403|"
    r"login_url|make_response|error"
)
_CONFIG = re.compile(r"\bDEBUG\b|TESTING|config\[|settings\.|environ|getenv")

LIBRARY = frozenset(
    {
        "flask_login.login_required", "flask_login.fresh_login_required",
        "flask_security.login_required", "flask_security.auth_required",
        "flask_security.roles_required", "flask_security.roles_accepted",
        "flask_security.permissions_required", "flask_principal.Permission().require",
        "flask_jwt_extended.jwt_required", "flask_httpauth.HTTPBasicAuth().login_required",
        "flask_httpauth.HTTPTokenAuth().login_required",
        "flask_httpauth.MultiAuth().login_required",
        "flask_user.login_required", "flask_user.roles_required",
        "django.contrib.auth.decorators.login_required",
        "django.contrib.auth.decorators.permission_required",
        "django.contrib.auth.decorators.user_passes_test",
        "django.contrib.admin.views.decorators.staff_member_required",
        "starlette.authentication.requires",
    }
)  # fmt: skip
"""Guards of libraries, by the name that an import gives them."""


@dataclass(frozen=True, slots=True)
class Stops:
    """Whether code stops a request."""

    sure: bool | None
    """True: it stops who may not; False: it never does; None: it depends on what is not seen."""
    why: str = ""
    role: bool = False


NEVER = Stops(False)


def step(info: ModuleInfo, node: ast.AST, what: str) -> Step:
    """Return a place of a guard."""
    line = getattr(node, "lineno", 1)
    return Step(info.path, line, what, info.line(line))


def library(name: str, call: ast.Call | None) -> Stops | None:
    """Return what a guard of a library does; None for a name that is none."""
    if name.removesuffix("()") not in LIBRARY:
        return None
    for word in call.keywords if call is not None else ():
        if word.arg == "optional" and not _is_false(word.value):
            return Stops(False, "it lets everyone in: optional=True")
        if word.arg == "refresh" or word.arg == "fresh":
            continue
    return Stops(True, role=bool(_ROLE.search(name)))


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def stops(body: Sequence[ast.stmt], info: FunctionInfo, project: Project, hops: int = 4,
          *, returning: bool = True) -> Stops:  # fmt: skip
    """Read whether statements stop a request whose sender may not.

    `returning`: whether returning something is a refusal here, as in a decorator's wrapper or in
    Flask's before_request; in a dependency only raising is.
    """
    for node in body:
        found: Stops | None = None
        if isinstance(node, ast.If):
            found = _of_if(node, info, project, hops, returning=returning)
        elif isinstance(node, ast.Try):
            found = _of_try(node, info, project, hops, returning=returning)
        elif isinstance(node, ast.With):
            inner = stops(node.body, info, project, hops, returning=returning)
            found = inner if inner.sure is not False else None
        elif isinstance(node, ast.Expr | ast.Assign | ast.Return | ast.AnnAssign):
            found = _of_calls(node, info, project, hops)
        if found is not None:
            return found
        if isinstance(node, ast.Return | ast.Raise):
            break
    return NEVER


def _of_if(node: ast.If, info: FunctionInfo, project: Project, hops: int, *,
           returning: bool) -> Stops | None:  # fmt: skip
    if _CONFIG.search(ast.unparse(node.test)):
        ends = any(isinstance(n, ast.Raise | ast.Return) for n in node.body)
        return Stops(None, "whether it checks depends on the configuration") if ends else None
    return _of_test(node, info, project, hops, returning=returning)


def _of_test(node: ast.If, info: FunctionInfo, project: Project, hops: int, *,
             returning: bool) -> Stops | None:  # fmt: skip
    test = ast.unparse(node.test)
    if not _IDENTITY.search(test) and not _knows(node.test, info):
        return None
    role = bool(_ROLE.search(test))
    if _refuses(node.body, returning=returning):
        return Stops(True, role=role)
    if node.orelse and _refuses(node.orelse, returning=returning):
        return Stops(True, role=role)
    for branch in (node.body, node.orelse):
        inner = (
            stops(branch, info, project, hops - 1, returning=returning)
            if hops and branch
            else NEVER
        )
        if inner.sure is not False:
            return inner
    return None


def _knows(test: ast.expr, info: FunctionInfo) -> bool:
    """Say whether a name of the test was made from who somebody is, some lines above."""
    names = {n.id for n in ast.walk(test) if isinstance(n, ast.Name)}
    for node in ast.walk(info.node):
        if isinstance(node, ast.Assign):
            targets = {t.id for t in node.targets if isinstance(t, ast.Name)}
            if targets & names and _IDENTITY.search(ast.unparse(node.value)):
                return True
    return False


def _refuses(body: Sequence[ast.stmt], *, returning: bool) -> bool:
    """Say whether a branch ends the request: it raises, aborts, or returns a refusal."""
    for node in body:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func).rpartition(".")[2]
            if name in ("abort", "redirect_to_login"):
                return True
        if isinstance(node, ast.Return):
            written = ast.unparse(node.value) if node.value is not None else ""
            return returning and bool(_REFUSALS.search(written))
    return False


def _of_try(node: ast.Try, info: FunctionInfo, project: Project, hops: int, *,
            returning: bool) -> Stops | None:  # fmt: skip
    inner = stops(node.body, info, project, hops, returning=returning)
    refuses = [_refuses(h.body, returning=returning) for h in node.handlers]
    swallows = any(
        (h.type is None or ast.unparse(h.type) in ("Exception", "BaseException"))
        and not any(isinstance(n, ast.Raise) for n in ast.walk(h))
        and not _refuses(h.body, returning=returning)
        for h in node.handlers
    )
    if inner.sure and swallows:
        return Stops(False, "its refusal is caught and swallowed")
    if inner.sure:
        return inner
    checks = _IDENTITY.search(" ".join(ast.unparse(n) for n in node.body))
    if checks and refuses and all(refuses):
        return Stops(True)
    return inner if inner.sure is None else None


def _of_calls(node: ast.stmt, info: FunctionInfo, project: Project, hops: int) -> Stops | None:
    """Follow a call to a function of the project that stops the request by raising."""
    if not hops:
        return None
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        name = info.module.dotted(call.func)
        if name.rpartition(".")[2] in ("verify_jwt_in_request", "enforce", "require_login"):
            known = name.startswith(("flask_jwt_extended.", "flask_security."))
            if known and not call.keywords:
                return Stops(True)
        found = project.find(name, info.module) or project.find(f"{info.module.name}.{name}")
        if isinstance(found, FunctionInfo) and found.node is not info.node:
            inner = stops(_body(found), found, project, hops - 1, returning=False)
            if inner.sure:
                return inner
    return None


def _body(info: FunctionInfo) -> Sequence[ast.stmt]:
    return info.node.body if not isinstance(info.node, ast.Lambda) else []


def function_stops(info: FunctionInfo, project: Project, *, returning: bool) -> Stops:
    """Read a whole function: a hook, a dependency, the body of a view."""
    return stops(_body(info), info, project, returning=returning)


def decorator(name: str, call: ast.Call | None, near: ModuleInfo, project: Project) -> Stops | None:
    """Return what a decorator does; None when it is of no concern here.

    Of a decorator of the project its wrapper is read: does it stop before it calls the view?
    """
    if (found := library(name, call)) is not None:
        return found
    target = name.removesuffix("()")
    if target.endswith(("not_required", "exempt")):
        return None  # it opens, and whoever reads middleware asks for it by name
    info = project.find(target, near) or project.find(f"{near.name}.{target}")
    if not isinstance(info, FunctionInfo):
        sounds = _IDENTITY.search(target.rpartition(".")[2])
        return (
            Stops(None, f"{target} was not found, so what it does is not known") if sounds else None
        )
    layers = list(_layers(info))
    if not layers:
        return None
    wrapper, view = layers[-1]
    if len(layers) > 1 and call is None:
        return Stops(None, f"{target} makes a decorator, and is used without a call")
    before = list(_before(wrapper.body, view))
    inner = FunctionInfo(info.name, wrapper, info.module)
    said = stops(before, inner, project)
    if said.sure is False and not said.why and _IDENTITY.search(target.rpartition(".")[2]):
        return Stops(False, f"{target} stops nobody: it only calls the view")
    if said.sure is False and not said.why:
        return None
    return said


def _layers(info: FunctionInfo) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Yield the functions within a decorator that call one of its parameters, outermost first."""
    if isinstance(info.node, ast.Lambda):
        return
    depth: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, tuple[str, ...]]] = [(info.node, ())]
    while depth:
        node, names = depth.pop(0)
        inner = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        mine = (*names, *(a.arg for a in node.args.args))
        for one in inner:
            called = {
                n.func.id for n in ast.walk(one)
                if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
            }  # fmt: skip
            hit = [name for name in mine if name in called]
            deeper = [n for n in one.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
            if deeper:
                yield one, ""
            elif hit:
                yield one, hit[-1]
            depth.append((one, mine))


def _before(body: Sequence[ast.stmt], view: str) -> Iterator[ast.stmt]:
    """Yield the statements that run before the view is called."""
    for node in body:
        calls = any(
            isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == view
            for n in ast.walk(node)
        )
        if calls and not isinstance(node, ast.If | ast.Try):
            return
        yield node
        if calls and isinstance(node, ast.If):
            return


def inline(info: FunctionInfo, project: Project) -> Stops:
    """Read the checks at the top of a view, before it does anything."""
    body = list(_body(info))
    top: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        top.append(node)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found = _of_calls(node, info, project, 3)
            if found is None:
                break  # something was done already
    return stops(top, info, project)
