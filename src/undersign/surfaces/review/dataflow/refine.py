"""What a test tells of the names in it, in the branch that it leads to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, path_of
from undersign.surfaces.review.dataflow.values import EVERY, Value, constant, flat, parts_of, tested

_ALL = frozenset({EVERY})
_SHAPES = ("isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier")
_ADDRESS = frozenset({"open-redirect", "server-side-request-forgery"})
_HOSTS = ("netloc", "hostname", "host")
_ADDRESS_TESTS = ("url_has_allowed_host_and_scheme", "is_safe_url")
_PLAIN_CLASS = re.compile(r"\^?\(?\[[\w\-.\\ @:]+\](\{[\d,]+\}|[+*])\)?(\$|\\Z)?")
_FILTERED = {
    "..": frozenset({"path-traversal"}),
    "/": frozenset({"path-traversal"}),
    "'": frozenset({"sql-injection", "xpath-injection", "code-injection"}),
    '"': frozenset({"sql-injection", "xpath-injection"}),
    "<": frozenset({"cross-site-scripting"}),
    ";": frozenset({"command-injection"}),
    "*": frozenset({"ldap-injection"}),
}


def refined(test: ast.expr, truth: bool, frame: Frame, engine: Engine) -> dict[str, Value]:
    """Return the names whose value is better known when a test comes out so."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return refined(test.operand, not truth, frame, engine)
    if isinstance(test, ast.BoolOp):
        return _both(test, truth, frame, engine)
    if isinstance(test, ast.NamedExpr):
        return refined(test.value, truth, frame, engine)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, truth, frame, engine)
    if isinstance(test, ast.Call):
        return _called(test, truth, frame, engine)
    return {}


def _both(test: ast.BoolOp, truth: bool, frame: Frame, engine: Engine) -> dict[str, Value]:
    """All parts hold of a true `and`; all parts fail of a false `or`; else nothing is known."""
    if isinstance(test.op, ast.And) != truth:
        return {}
    found: dict[str, Value] = {}
    for part in test.values:
        found |= refined(part, truth, frame, engine)
    return found


def _compared(test: ast.Compare, truth: bool, frame: Frame, engine: Engine) -> dict[str, Value]:
    operator, left, right = test.ops[0], test.left, test.comparators[0]
    positive = isinstance(operator, ast.Eq | ast.In) == truth
    if isinstance(operator, ast.Eq | ast.NotEq) and positive:
        for one, other in ((left, right), (right, left)):
            value = evaluate(other, frame, engine)
            if value.is_const:
                return _equal(one, value, frame, engine)
        return {}
    if isinstance(operator, ast.In | ast.NotIn):
        return _member(left, right, positive, frame, engine)
    return {}


def _equal(node: ast.expr, value: Value, frame: Frame, engine: Engine) -> dict[str, Value]:
    if isinstance(node, ast.Attribute) and node.attr in _HOSTS:
        return _of_view(node.value, _ADDRESS, frame, engine)
    path = path_of(node)
    return {path: constant(value.const)} if path else {}


def _member(
    left: ast.expr, right: ast.expr, inside: bool, frame: Frame, engine: Engine
) -> dict[str, Value]:
    held = evaluate(right, frame, engine)
    if inside and _closed(held):
        if isinstance(left, ast.Attribute) and left.attr in _HOSTS:
            return _of_view(left.value, _ADDRESS, frame, engine)
        return _tested([left], _ALL, frame, engine, enough=True)
    probe = evaluate(left, frame, engine)
    if not inside and probe.is_const and isinstance(probe.const, str):
        found = frozenset().union(*(_FILTERED.get(k, frozenset()) for k in _marks(probe.const)))
        part = right.value if isinstance(right, ast.Subscript) else right
        return _tested([part], frozenset(found), frame, engine, enough=False) if found else {}
    return {}


def _marks(text: str) -> Iterable[str]:
    return (mark for mark in _FILTERED if mark in text)


def _closed(held: Value) -> bool:
    """Say whether a container holds nothing that somebody else could have put there."""
    if held.is_const:
        return isinstance(held.const, tuple | list | set | frozenset | dict)
    whole = flat(held)
    return bool(parts_of(held)) and whole.known and not whole.taints


def _called(test: ast.Call, truth: bool, frame: Frame, engine: Engine) -> dict[str, Value]:
    function = test.func
    name = function.attr if isinstance(function, ast.Attribute) else path_of(function)
    if not truth:
        return {}
    if isinstance(function, ast.Attribute) and name in _SHAPES and not test.args:
        return _tested([function.value], _ALL, frame, engine, enough=True)
    if name in _ADDRESS_TESTS and test.args:
        return _tested(test.args[:1], _ADDRESS, frame, engine, enough=True)
    if name in ("fullmatch", "match") and test.args:
        return _matched(test, name, frame, engine)
    if name in ("startswith", "is_relative_to") and isinstance(function, ast.Attribute):
        return _of_view(function.value, frozenset({"path-traversal"}), frame, engine)
    return {}


def _matched(test: ast.Call, name: str, frame: Frame, engine: Engine) -> dict[str, Value]:
    """A text matches a pattern to its end, and the pattern takes harmless characters alone."""
    if len(test.args) < 2:
        return {}
    pattern = evaluate(test.args[0], frame, engine)
    if not (pattern.is_const and isinstance(pattern.const, str)):
        return {}
    whole = name == "fullmatch" or pattern.const.endswith(("$", r"\Z"))
    plain = _PLAIN_CLASS.fullmatch(pattern.const) is not None
    return _tested([test.args[1]], _ALL, frame, engine, enough=whole and plain)


def _of_view(
    node: ast.expr, categories: frozenset[str], frame: Frame, engine: Engine
) -> dict[str, Value]:
    """A test of what was made of a variable (its host, its path resolved) speaks of it."""
    value = evaluate(node, frame, engine)
    found = {}
    path = path_of(node)
    for name in filter(None, (value.of, path if value.of else "")):
        held = frame.lookup(name)
        if held is not None:
            found[name] = tested(held, categories, enough=True)
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
) -> dict[str, Value]:
    found = {}
    for node in nodes:
        value = evaluate(node, frame, engine)
        path = path_of(node)
        for name in filter(None, (path, value.of)):
            held = frame.lookup(name)
            if held is not None or name == path:
                found[name] = tested(held or value, categories, enough=enough)
    return found
