"""Bindings: what a statement gives a name, in the few words that tell its type."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LONGEST = 400
"""Characters of an expression that is worth following."""


@dataclass(slots=True)
class Binding:
    """One way in which a name gets its value."""

    kind: str
    """`import`, `class`, `def` or `value`."""
    line: int
    module: str = ""
    """Of an import: from which module; with `attribute` empty the module itself."""
    attribute: str = ""
    level: int = 0
    """Of a relative import: how many dots."""
    body: Class | None = None
    annotation: str = ""
    """Of a value its type, of a function that of its result."""
    results: tuple[str, ...] = ()
    """Expressions that a value may have or a function return; empty strings for unknown ones."""
    decorators: tuple[str, ...] = ()
    coroutine: bool = False


Scope = dict[str, list[Binding]]


@dataclass(slots=True)
class Class:
    """What the text of a class says."""

    name: str
    bases: tuple[str, ...] = ()
    metaclass: str = ""
    decorators: tuple[str, ...] = ()
    members: Scope = field(default_factory=dict)
    """Of the class and, as far as methods set them on `self`, of its instances."""
    dynamic: str = ""
    """Why it may have members that the text does not show; empty when it may not."""
    soft: str = ""
    """As `dynamic`, where the names of such members are words somewhere in the same package."""


@dataclass(slots=True)
class Summary:
    """What one file binds at its top level."""

    module: str
    package: bool
    scope: Scope = field(default_factory=dict)
    stars: tuple[tuple[int, str], ...] = ()
    """`from X import *`: dots and name."""
    dynamic: str = ""
    """Why it may bind names that the text does not show; empty when it may not."""
    soft: str = ""
    """As `dynamic`, where such names are words somewhere in the same package."""
    written: frozenset[str] = frozenset()
    """Names whose attributes are set by names that others give; `*` for some object."""
    written_soft: frozenset[str] = frozenset()
    """As `written`, where the names are words somewhere in the same package."""
    place: str = ""
    """Where it is, for people."""
    stub: bool = False


def flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block and of every branch in it, not of functions and classes."""
    waiting = [iter(body)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        yield node
        waiting += [iter(part) for part in _parts(node)]


def _parts(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for name in ("finalbody", "orelse", "body"):
        if part := getattr(node, name, None):
            yield part
    for handler in getattr(node, "handlers", ()):
        yield handler.body
    for case in getattr(node, "cases", ()):
        yield case.body


def add(scope: Scope, name: str, binding: Binding) -> None:
    """Bind a name once more."""
    scope.setdefault(name, []).append(binding)


def imported(name: ast.alias, scope: Scope, line: int) -> None:
    """Bind what `import name` binds."""
    if name.asname:
        add(scope, name.asname, Binding("import", line, name.name))
    else:
        top = name.name.partition(".")[0]
        add(scope, top, Binding("import", line, top))


def text_of(node: ast.expr) -> str:
    """Return an expression's text; empty when it is too long to follow."""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):  # nests too deep, or was made by the forgiving parser
        return ""
    return text if len(text) <= _LONGEST else ""


def decorator(node: ast.expr) -> str:
    """Return the dotted name of a decorator, without what it is given."""
    return text_of(node.func if isinstance(node, ast.Call) else node) or "?"


_DISPLAYS: dict[type[ast.expr], str] = {
    ast.Dict: "{}", ast.DictComp: "{}", ast.List: "[]", ast.ListComp: "[]", ast.JoinedStr: "''",
}  # fmt: skip


def short(node: ast.expr) -> str:
    """Write a value in the few words that tell its type: calls keep their first constants."""
    if type(node) in _DISPLAYS:
        return _DISPLAYS[type(node)]
    if isinstance(node, ast.Call):
        first = [a for a in node.args[:1] if isinstance(a, ast.Constant)]
        function = short(node.func)
        return f"{function}({', '.join(map(text_of, first))})" if function else ""
    if isinstance(node, ast.Attribute):
        inside = short(node.value)
        return f"{inside}.{node.attr}" if inside else ""
    return text_of(node)


def value_of(node: ast.expr | None, line: int) -> Binding:
    """Make the binding of a value."""
    return Binding("value", line, results=("" if node is None else short(node),))


def assigned(node: ast.stmt, scope: Scope) -> None:
    """Bind what an assignment, a loop, a `with`, a handler or a pattern binds."""
    match node:
        case ast.Assign():
            for target in node.targets:
                _assign(target, node.value, scope)
        case ast.AnnAssign():
            _annotated(node, scope)
        case ast.AugAssign() | ast.For() | ast.AsyncFor():
            _assign(node.target, None, scope)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars:
                    _assign(item.optional_vars, None, scope)
        case _:
            _other(node, scope)


def _assign(target: ast.expr, value: ast.expr | None, scope: Scope) -> None:
    match target:
        case ast.Name():
            add(scope, target.id, value_of(value, target.lineno))
        case ast.Tuple() | ast.List():
            for part in target.elts:
                _assign(part, None, scope)
        case ast.Starred():
            _assign(target.value, None, scope)


def _annotated(node: ast.AnnAssign, scope: Scope) -> None:
    if isinstance(node.target, ast.Name):
        one = value_of(node.value, node.lineno)
        if node.value is None:
            one.results = ()
        one.annotation = text_of(node.annotation)
        add(scope, node.target.id, one)


def _other(node: ast.stmt, scope: Scope) -> None:
    """Keep names bound inside expressions, `except ... as`, `match` and type aliases."""
    if type(node).__name__ == "TypeAlias":
        name, value = getattr(node, "name", None), getattr(node, "value", None)
        if isinstance(name, ast.Name) and isinstance(value, ast.expr):
            add(scope, name.id, value_of(value, node.lineno))
    for handler in getattr(node, "handlers", ()):
        if handler.name:
            add(scope, handler.name, value_of(None, handler.lineno))
    patterns = [part for case in getattr(node, "cases", ()) for part in ast.walk(case.pattern)]
    for part in patterns:
        if name := getattr(part, "name", None) or getattr(part, "rest", None):
            add(scope, name, value_of(None, node.lineno))


def shallow(node: ast.stmt) -> Iterator[ast.AST]:
    """Walk a statement's own expressions, not the statements and functions inside it."""
    waiting = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, ast.Lambda):
            waiting += [c for c in ast.iter_child_nodes(part) if isinstance(c, ast.expr)]
