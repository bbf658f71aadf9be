"""What a Python file binds, read from its syntax alone: names, classes with members, results.

Every branch counts: a name that is bound under any condition is bound. Whatever may bind names
that the text does not show (`globals()[x] = ...`, `__getattr__`, `setattr` with a computed name) is
noted as a reason, so that nobody calls a name absent from what was not seen whole.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from undersign.workspace.reviewing.api_bindings import (
    Binding,
    Class,
    Scope,
    Summary,
    add,
    assigned,
    decorator,
    flat,
    imported,
    shallow,
    short,
    text_of,
    value_of,
)
from undersign.workspace.reviewing.api_writes import composed, names_of, own_writes, written


def summarise(tree: ast.Module, module: str, *, package: bool) -> Summary:
    """Read one file's bindings."""
    reader = _Reader(Summary(module, package))
    reader.block(tree.body, reader.summary.scope)
    reader.whole(tree)
    return reader.summary


def locals_of(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Scope:
    """Return what the body of a function or class binds."""
    scope: Scope = {}
    _Reader(Summary("", package=False)).block(function.body, scope)
    return scope


@dataclass(slots=True)
class _Reader:
    summary: Summary

    def block(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in flat(body):
            self.statement(statement, scope)
            for part in shallow(statement):
                match part:
                    case ast.NamedExpr():
                        add(scope, part.target.id, value_of(part.value, part.lineno))
                    case ast.Call(func=ast.Name(id="vars" | "locals"), args=[]):
                        self.summary.soft = "it binds names through locals()"

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Import():
                for name in node.names:
                    imported(name, scope, node.lineno)
            case ast.ImportFrom():
                self._import_from(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                add(scope, node.name, _function(node))
            case ast.ClassDef():
                body = self._class(node)
                add(scope, node.name, Binding("class", node.lineno, body=body))
            case _:
                assigned(node, scope)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = node.module or ""
        for name in node.names:
            if name.name == "*":
                self.summary.stars += ((node.level, module),)
                continue
            one = Binding("import", node.lineno, module, name.name, node.level)
            add(scope, name.asname or name.name, one)

    def _class(self, node: ast.ClassDef) -> Class:
        keywords = {k.arg: k.value for k in node.keywords}
        made = Class(
            node.name,
            bases=tuple(text_of(base) for base in node.bases),
            metaclass=text_of(keywords["metaclass"]) if "metaclass" in keywords else "",
            decorators=tuple(map(decorator, node.decorator_list)),
        )
        if None in keywords:
            made.dynamic = "its keywords are computed"
        self.block(node.body, made.members)
        for method in flat(node.body):
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                _instance(method, made)
        for name in ("__getattr__", "__getattribute__"):
            if name in made.members:
                made.dynamic = f"it answers for any name ({name})"
        return made

    def whole(self, tree: ast.Module) -> None:
        """Look through the whole file for what binds names without showing them."""
        for node in ast.walk(tree):
            self._hidden(node)
            match node:
                case ast.Global():
                    for name in node.names:  # set by a function, to what nobody follows
                        add(self.summary.scope, name, value_of(None, node.lineno))
                case ast.Assign(targets=[ast.Attribute(attr="__class__"), *_]):
                    self._dynamic("it replaces a class")
                case ast.Assign(targets=[*targets]):
                    self._patches(targets, node)
        hard, soft = written(tree)
        self.summary.written, self.summary.written_soft = hard, soft
        self._getattr(tree)

    def _hidden(self, node: ast.AST) -> None:
        match node:
            case ast.Call(func=ast.Name(id="exec")):
                self._dynamic("it runs code that it makes (exec)")
            case ast.Call(func=ast.Name(id="globals"), args=[]):
                self.summary.soft = "it binds names through globals()"
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals")), ctx=ast.Store()):
                if composed(node.slice):
                    self._dynamic("it binds composed names through globals()")
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id="sys"), attr="modules"), ctx=ast.Store()
            ):
                self._dynamic("it replaces modules (sys.modules)")

    def _patches(self, targets: list[ast.expr], node: ast.Assign) -> None:
        """Keep `Name.attribute = value`, where the name is a class of this file."""
        for target in targets:
            match target:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name != "self":
                    for one in self.summary.scope.get(name, []):
                        if one.body is not None:
                            value = value_of(node.value, node.lineno)
                            one.body.members.setdefault(attribute, []).append(value)

    def _getattr(self, tree: ast.Module) -> None:
        found = self.summary.scope.get("__getattr__", [])
        if not found:
            return
        functions = [
            n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "__getattr__"
        ]
        closed = bool(functions) and all(_closed(f) for f in functions)
        if closed:
            self.summary.soft = "it answers for names that its text lists (__getattr__)"
        else:
            self._dynamic("it answers for any name (__getattr__)")

    def _dynamic(self, why: str) -> None:
        self.summary.dynamic = self.summary.dynamic or why


def _closed(function: ast.FunctionDef) -> bool:
    """Say whether a module's `__getattr__` compares the name with a list and else refuses."""
    if not function.args.args:
        return False
    about = {function.args.args[0].arg}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and names_of(node.value) & about:
            about |= {n for target in node.targets for n in names_of(target)}
    tests = [n.test for n in ast.walk(function) if isinstance(n, ast.If)]
    refuses = any(
        isinstance(n, ast.Raise) and n.exc is not None and "AttributeError" in text_of(n.exc)
        for n in ast.walk(function)
    )
    return refuses and any(names_of(test) & about for test in tests)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Binding:
    return Binding(
        "def",
        node.lineno,
        annotation=text_of(node.returns) if node.returns else "",
        results=() if node.returns else _results(node),
        decorators=tuple(map(decorator, node.decorator_list)),
        coroutine=isinstance(node, ast.AsyncFunctionDef),
    )


def _results(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """Return what a function returns, with its variables replaced where they are set once."""
    values: list[ast.expr | None] = []
    known: dict[str, ast.expr | None] = {a.arg: None for a in _arguments(function)}
    for node in flat(function.body):
        if isinstance(node, ast.Return):
            values.append(node.value)
        for part in shallow(node):
            if isinstance(part, ast.Yield | ast.YieldFrom):
                return ("",)
        _locals(node, known)
    first = function.args.args[0].arg if function.args.args else ""
    made = []
    for value in values:
        if isinstance(value, ast.Constant) and value.value is None:
            continue
        made.append(_replaced(value, known, first))
    return tuple(dict.fromkeys(made)) or ("",)


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    spec = function.args
    rest = [a for a in (spec.vararg, spec.kwarg) if a is not None]
    return [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *rest]


def _locals(node: ast.stmt, known: dict[str, ast.expr | None]) -> None:
    found: Scope = {}
    reader = _Reader(Summary("", package=False))
    reader.statement(node, found)
    for name, bindings in found.items():
        single = isinstance(node, ast.Assign) and name not in known and len(bindings) == 1
        direct = single and any(isinstance(t, ast.Name) for t in node.targets)  # type: ignore[attr-defined]
        known[name] = node.value if direct else None  # type: ignore[attr-defined]


def _replaced(value: ast.expr | None, known: dict[str, ast.expr | None], first: str) -> str:
    """Write an expression with local names replaced; empty when one of them has no one value."""
    for _ in range(3):
        if value is None:
            return ""
        root = _root(value)
        if root is None or root.id not in known or root.id == first:
            break
        if value is not root:
            return ""
        value = known[root.id]
    if value is None:
        return ""
    root = _root(value)
    if root is not None and root.id in known and root.id != first:
        return ""
    return short(value)


def _root(value: ast.expr) -> ast.Name | None:
    while isinstance(value, ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        value = value.func if isinstance(value, ast.Call) else value.value
    return value if isinstance(value, ast.Name) else None


def _instance(method: ast.FunctionDef | ast.AsyncFunctionDef, made: Class) -> None:
    """Keep what a method sets on its first argument."""
    arguments = method.args.posonlyargs + method.args.args
    if not arguments:
        return
    first = arguments[0].arg
    for node in ast.walk(method):
        match node:
            case ast.Assign():
                for target in node.targets:
                    for part in ast.walk(target):
                        _own(part, first, made, node.value if part is target else None)
            case ast.AnnAssign():
                _own(node.target, first, made, node.value, text_of(node.annotation))
            case ast.AugAssign() | ast.For() | ast.AsyncFor() | ast.NamedExpr():
                for part in ast.walk(node.target):
                    _own(part, first, made, None)
            case ast.withitem(optional_vars=ast.expr() as target):
                _own(target, first, made, None)
    hard, soft = own_writes(method, first)
    made.dynamic = made.dynamic or hard
    made.soft = made.soft or soft


def _own(
    target: ast.AST, first: str, made: Class, value: ast.expr | None, annotation: str = ""
) -> None:
    match target:
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == first:
            # A value made of arguments says nothing of its type here.
            plain = value is not None and isinstance(value, ast.Call | ast.Constant | ast.Dict)
            one = value_of(value if plain else None, target.lineno)
            one.annotation = annotation
            made.members.setdefault(name, []).append(one)
