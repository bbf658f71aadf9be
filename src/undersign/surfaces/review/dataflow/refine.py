"""What a test tells of the names in it, in the branch that it leads to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from undersign.surfaces.review.dataflow.characters import (
    CATEGORIES,
    DIGITS,
    LETTERS,
    WORD,
    harmless,
    let_through,
)
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, path_of
from undersign.surfaces.review.dataflow.values import (
    EVERY,
    Value,
    constant,
    flat,
    joined,
    parts_of,
    tested,
)

Found = dict[str, Value]
_ALL = frozenset({EVERY})
_SHAPES = {
    "isdigit": DIGITS, "isdecimal": DIGITS, "isnumeric": DIGITS, "isalpha": LETTERS,
    "isalnum": LETTERS | DIGITS, "isidentifier": WORD,
}  # fmt: skip
_ADDRESS = frozenset({"open-redirect", "server-side-request-forgery"})
_PATH = frozenset({"path-traversal"})
_HOSTS = ("netloc", "hostname", "host")
_ADDRESS_TESTS = ("url_has_allowed_host_and_scheme", "is_safe_url")
_ASKS = frozenset(
    {
        "input", "click.confirm", "click.prompt", "typer.confirm", "typer.prompt",
        "rich.prompt.Confirm.ask", "rich.prompt.Prompt.ask", "questionary.confirm",
    }
)  # fmt: skip
"""Calls by which a person at the terminal is asked."""
_FILTERED = {
    "..": _PATH,
    "/": _PATH,
    "'": frozenset({"sql-injection", "xpath-injection", "code-injection"}),
    '"': frozenset({"sql-injection", "xpath-injection"}),
    "<": frozenset({"cross-site-scripting"}),
    ";": frozenset({"command-injection"}),
    "*": frozenset({"ldap-injection"}),
}


def refined(test: ast.expr, truth: bool, frame: Frame, engine: Engine) -> Found:
    """Return the names whose value is better known when a test comes out so."""
    found = _refined(test, truth, frame, engine)
    return {**_asked(test, frame), **found} if engine.replies else found


def _refined(test: ast.expr, truth: bool, frame: Frame, engine: Engine) -> Found:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _refined(test.operand, not truth, frame, engine)
    if isinstance(test, ast.BoolOp):
        return _several(test, truth, frame, engine)
    if isinstance(test, ast.NamedExpr):
        return _refined(test.value, truth, frame, engine)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, truth, frame, engine)
    if isinstance(test, ast.Call):
        return _called(test, truth, frame, engine)
    if isinstance(test, ast.Attribute) and test.attr in _HOSTS:
        return _of_view(test.value, _ADDRESS, frame, engine, enough=False)
    return {}


def _asked(test: ast.expr, frame: Frame) -> Found:
    """A person was asked: what a model's reply does then is not the model's agency alone."""
    calls = (n for n in ast.walk(test) if isinstance(n, ast.Call))
    if not any(frame.module.dotted(call.func) in _ASKS for call in calls):
        names = [n.id for n in ast.walk(test) if isinstance(n, ast.Name)]
        held = (frame.lookup(name) for name in names)
        if not any(v is not None and v.ref.removesuffix("()") in _ASKS for v in held):
            return {}
    agency = frozenset({"excessive-agency"})
    return {
        name: tested(value, agency, enough=False)
        for name, value in frame.env.items()
        if any(t.kind == "model-reply" for t in flat(value).taints)
    }


def _several(test: ast.BoolOp, truth: bool, frame: Frame, engine: Engine) -> Found:
    """All parts hold of a true `and`; of a true `or` one does, so what all of them tell holds."""
    each = [_refined(part, truth, frame, engine) for part in test.values]
    if isinstance(test.op, ast.And) == truth:
        return {name: value for found in each for name, value in found.items()}
    shared = [name for name in each[0] if all(name in found for found in each)]
    return {name: joined([found[name] for found in each]) for name in shared}


def _compared(test: ast.Compare, truth: bool, frame: Frame, engine: Engine) -> Found:
    operator, left, right = test.ops[0], test.left, test.comparators[0]
    positive = isinstance(operator, ast.Eq | ast.In) == truth
    if isinstance(operator, ast.Eq | ast.NotEq) and positive:
        for one, other in ((left, right), (right, left)):
            value = evaluate(other, frame, engine)
            if value.is_const:
                return _equal(one, value, frame, engine)
            if isinstance(one, ast.Attribute) and one.attr in _HOSTS:
                return _of_view(one.value, _ADDRESS, frame, engine, enough=False)
        return {}
    if isinstance(operator, ast.In | ast.NotIn):
        return _member(left, right, positive, frame, engine)
    return {}


def _equal(node: ast.expr, value: Value, frame: Frame, engine: Engine) -> Found:
    if isinstance(node, ast.Attribute) and node.attr in _HOSTS:
        # An empty host is that of a path, and of `//host` to some readers.
        return _of_view(node.value, _ADDRESS, frame, engine, enough=bool(value.const))
    if isinstance(node, ast.Call) and frame.module.dotted(node.func).endswith("commonpath"):
        inside = (one for n in node.args for one in getattr(n, "elts", ()))
        return {
            name: told
            for one in inside
            for name, told in _of_view(one, _PATH, frame, engine, resolved=True).items()
        }
    path = path_of(node)
    return {path: constant(value.const)} if path else {}


def _member(
    left: ast.expr, right: ast.expr, inside: bool, frame: Frame, engine: Engine
) -> Found:  # fmt: skip
    held = evaluate(right, frame, engine)
    if inside and _closed(held):
        if isinstance(left, ast.Attribute) and left.attr in _HOSTS:
            return _of_view(left.value, _ADDRESS, frame, engine)
        return _tested([left], _ALL, frame, engine, enough=True)
    probe = evaluate(left, frame, engine)
    if not inside and probe.is_const and isinstance(probe.const, str):
        found = frozenset[str]().union(*(_FILTERED[mark] for mark in _marks(probe.const)))
        part = right.value if isinstance(right, ast.Subscript) else right
        return _tested([part], found, frame, engine, enough=False) if found else {}
    return {}


def _marks(text: str) -> Iterable[str]:
    return (mark for mark in _FILTERED if mark in text)


def _closed(held: Value) -> bool:
    """Say whether a container holds nothing that somebody else could have put there."""
    if held.is_const:
        return held.known and isinstance(held.const, tuple | list | set | frozenset | dict)
    whole = flat(held)
    return bool(parts_of(held)) and whole.known and not whole.taints


def _called(test: ast.Call, truth: bool, frame: Frame, engine: Engine) -> Found:
    from undersign.surfaces.review.dataflow.validators import told_by

    function = test.func
    name = function.attr if isinstance(function, ast.Attribute) else path_of(function)
    told = told_by(test, truth, frame, engine)
    if told is not None or not truth:
        return told or {}
    if isinstance(function, ast.Attribute) and name in _SHAPES and not test.args:
        return _shaped(function.value, _SHAPES[name], frame, engine)
    if name in _ADDRESS_TESTS and test.args:
        return _tested(test.args[:1], _ADDRESS, frame, engine, enough=True)
    if name in ("fullmatch", "match", "search") and test.args:
        return _matched(test, name, frame, engine)
    if isinstance(function, ast.Attribute) and name in ("startswith", "is_relative_to"):
        return _begins(function.value, test, frame, engine)
    return {}


_FULL_ADDRESS = re.compile(r"https?://[^/@]+/")


def _begins(node: ast.expr, test: ast.Call, frame: Frame, engine: Engine) -> Found:
    """A text begins with a host and a slash, or a path that was resolved with a folder."""
    first = evaluate(test.args[0], frame, engine) if test.args else constant("")
    told = first.const if first.is_const and isinstance(first.const, str) else ""
    if _FULL_ADDRESS.match(told):
        return _tested([node], _ADDRESS, frame, engine, enough=True)
    value = evaluate(node, frame, engine)
    if value.of.startswith("/") and not told.startswith(("http", "//")):
        return _of_view(node, _PATH, frame, engine)
    return _tested([node], _ADDRESS | _PATH, frame, engine, enough=False)


def _shaped(
    node: ast.expr, characters: frozenset[str], frame: Frame, engine: Engine
) -> Found:  # fmt: skip
    """A text is made of some characters alone: harmless for some categories, tested for all."""
    if characters <= DIGITS:
        return _tested([node], _ALL, frame, engine, enough=True)
    safe = harmless(characters)
    found = _tested([node], safe, frame, engine, enough=True)
    return {name: tested(v, CATEGORIES - safe, enough=False) for name, v in found.items()}


def _matched(test: ast.Call, name: str, frame: Frame, engine: Engine) -> Found:
    """A text matches a pattern to its end, and the pattern takes harmless characters alone."""
    pattern, subject = test.args[0], test.args[-1]
    function = test.func
    held = evaluate(pattern, frame, engine)
    if isinstance(function, ast.Attribute):
        receiver = evaluate(function.value, frame, engine)
        compiled = (receiver.fields or {}).get("<pattern>")
        if compiled is not None:
            held = compiled
        elif len(test.args) != 2:
            return {}
    if not (held.is_const and isinstance(held.const, str)):
        return {}
    through = let_through(held.const, whole=name == "fullmatch", search=name == "search")
    if through is None:
        return _tested([subject], CATEGORIES, frame, engine, enough=False)
    return _shaped(subject, through, frame, engine)


def _of_view(  # noqa: PLR0913 - what is asked, of what, and how sure the answer is
    node: ast.expr, categories: frozenset[str], frame: Frame, engine: Engine, *,
    enough: bool = True, resolved: bool = False,
) -> Found:  # fmt: skip
    """A test of what was made of a variable (its host, its path resolved) speaks of it."""
    value = evaluate(node, frame, engine)
    found = {}
    path = path_of(node)
    enough = enough and (not resolved or value.of.startswith("/"))
    for name in filter(None, (value.of.removeprefix("/"), path if value.of else "")):
        held = frame.lookup(name)
        if held is not None:
            found[name] = tested(held, categories, enough=enough)
    if not found and path:
        found = _tested([node], categories, frame, engine, enough=False)
    return found


def _tested(
    nodes: Iterable[ast.expr],
    categories: frozenset[str],
    frame: Frame,
    engine: Engine,
    *,
    enough: bool,
) -> Found:
    found = {}
    for node in nodes:
        value = evaluate(node, frame, engine)
        path = path_of(node)
        for name in filter(None, (path, value.of.removeprefix("/"))):
            held = frame.lookup(name)
            if held is not None or name == path:
                found[name] = tested(held or value, categories, enough=enough)
    return found
