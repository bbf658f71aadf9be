"""What a name means at a line of a file: rewritten so that it stands alone.

`session.verify` where `session = requests.Session()` becomes `requests.Session().verify`. A name
that has more than one value, or one that the text does not give, becomes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from undersign.languages.python import Module
from undersign.workspace.reviewing.api_bindings import Binding, Scope
from undersign.workspace.reviewing.api_members import absolute, parsed
from undersign.workspace.reviewing.api_resolver import DECLARED
from undersign.workspace.reviewing.api_summary import locals_of, summarise

_DEEPEST = 8
_MOST_WAYS = 4
_BUILT_IN = frozenset({"str", "bytes", "int", "float", "bool", "list", "dict", "set", "tuple"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Meaning(Enum):
    """Why a name has no expression that stands alone."""

    FREE = "nothing in the file binds it"
    OPEN = "it has more than one value, or one that the text does not give"


@dataclass(slots=True)
class Scopes:
    """The names of one file."""

    module: Module
    name: str
    """Dotted, as others import it; empty when nobody can."""
    package: bool = False
    _top: Scope = field(init=False)
    _bound_inside: list[tuple[int, int, str]] | None = None
    _lines: dict[int, list[tuple[Function, ast.ClassDef | None]]] = field(default_factory=dict)
    _bodies: dict[int, Scope] = field(default_factory=dict)
    _following: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._top = summarise(self.module.tree, self.name, package=self.package).scope

    def alone(self, node: ast.expr, line: int) -> ast.expr | Meaning:
        """Rewrite an expression at a line so that it stands alone."""
        return self._alone(node, line, 0)

    def _alone(self, node: ast.expr, line: int, depth: int) -> ast.expr | Meaning:
        if depth > _DEEPEST:
            return Meaning.OPEN
        match node:
            case ast.Name():
                return self._name(node.id, line, depth)
            case ast.Attribute():
                inside = self._alone(node.value, line, depth)
                if isinstance(inside, Meaning):
                    return inside
                return ast.Attribute(inside, node.attr, ast.Load())
            case ast.Call():
                inside = self._alone(node.func, line, depth)
                if isinstance(inside, Meaning):
                    return inside
                kept = [a for a in node.args[:1] if isinstance(a, ast.Constant)]
                named = [k for k in node.keywords if isinstance(k.value, ast.Constant)]
                return ast.Call(inside, [*kept], named)
            case ast.Await():
                return self._alone(node.value, line, depth)
            case ast.Constant():
                return node
        return Meaning.OPEN

    def _name(self, name: str, line: int, depth: int) -> ast.expr | Meaning:
        if name in self._inner(line):
            return Meaning.OPEN
        for function, owner in self._functions(line):
            found = self._local(function, owner, name, depth)
            if found is not None:
                return found
        if name in self._class_names(line):
            return Meaning.OPEN
        bound = self._top.get(name, [])
        if not bound:
            return Meaning.FREE
        return self._of(bound, name, line, depth)

    def _local(
        self, function: Function, owner: ast.ClassDef | None, name: str, depth: int
    ) -> ast.expr | Meaning | None:
        arguments = function.args
        listed = [*arguments.posonlyargs, *arguments.args]
        every = [*listed, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        bound = self._locals(function).get(name, [])
        argument = next((a for a in every if a is not None and a.arg == name), None)
        if argument is None:
            return self._of(bound, name, function.lineno, depth, function) if bound else None
        if bound or argument in (arguments.vararg, arguments.kwarg):
            return Meaning.OPEN
        static = any(isinstance(d, ast.Name) and "static" in d.id for d in function.decorator_list)
        if owner is not None and listed and argument is listed[0] and not static:
            return self._self(owner)
        if argument.annotation is None:
            return Meaning.OPEN
        return self._declared(argument.annotation, function.lineno, depth)

    def _self(self, owner: ast.ClassDef) -> ast.expr | Meaning:
        if not self.name or owner.name not in self._top:
            return Meaning.OPEN
        return _declared(_dotted(f"{self.name}.{owner.name}"))

    def _declared(self, node: ast.expr, line: int, depth: int) -> ast.expr | Meaning:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = parsed(node.value) or node
        if not isinstance(node, ast.Name | ast.Attribute):
            return Meaning.OPEN
        if isinstance(node, ast.Name) and node.id in _BUILT_IN and node.id not in self._top:
            return _declared(_dotted(f"builtins.{node.id}"))
        inside = self._alone(node, line, depth + 1)
        return inside if isinstance(inside, Meaning) else _declared(inside)

    def _of(
        self,
        bound: list[Binding],
        name: str,
        line: int,
        depth: int,
        function: Function | None = None,
    ) -> ast.expr | Meaning:
        key = (name, function.lineno if function else 0)
        if key in self._following or len(bound) > _MOST_WAYS:
            return Meaning.OPEN  # `data = data.next`, or a variable of many uses
        self._following.add(key)
        try:
            made = list(self._ways(bound, name, line, depth, function))
        finally:
            self._following.discard(key)
        same = len({ast.dump(one) for one in made}) == 1
        return made[0] if same and len(made) == len(bound) else Meaning.OPEN

    def _ways(
        self,
        bound: list[Binding],
        name: str,
        line: int,
        depth: int,
        function: Function | None,
    ) -> Iterator[ast.expr]:
        for one in bound:
            if one.kind == "import":
                module = absolute(self.name, one.level, one.module, package=self.package)
                dotted = f"{module}.{one.attribute}" if one.attribute else module
                yield _dotted(dotted)
            elif function is None and self.name:
                yield _dotted(f"{self.name}.{name}")
            elif one.kind == "value" and len(one.results) == 1:
                value = parsed(one.results[0]) if one.results[0] else None
                inside = self._alone(value, line, depth + 1) if value else Meaning.OPEN
                if not isinstance(inside, Meaning):
                    yield inside

    def _class_names(self, line: int) -> Scope:
        """Return what the class binds in whose body, and in no method of it, a line is."""
        inside: Function | ast.ClassDef | None = None
        body: list[ast.stmt] = self.module.tree.body
        while (found := next((n for n in _nested(body) if _spans(n, line)), None)) is not None:
            inside, body = found, found.body
        return self._locals(inside) if isinstance(inside, ast.ClassDef) else {}

    def _inner(self, line: int) -> set[str]:
        """Return the names that lambdas and comprehensions on a line bind for themselves."""
        if self._bound_inside is None:
            self._bound_inside = list(_bound_inside(self.module.tree))
        return {name for first, last, name in self._bound_inside if first <= line <= last}

    def _functions(self, line: int) -> list[tuple[Function, ast.ClassDef | None]]:
        """Return the functions around a line, the innermost first, each with its class."""
        if line not in self._lines:
            self._lines[line] = list(self._around(line))[::-1]
        return self._lines[line]

    def _locals(self, body: Function | ast.ClassDef) -> Scope:
        if id(body) not in self._bodies:
            self._bodies[id(body)] = locals_of(body)
        return self._bodies[id(body)]

    def _around(self, line: int) -> Iterator[tuple[Function, ast.ClassDef | None]]:
        """Yield the functions around a line, the outermost first, each with its class."""
        body: list[ast.stmt] = self.module.tree.body
        owner: ast.ClassDef | None = None
        while True:
            inside = next((n for n in _nested(body) if _spans(n, line)), None)
            if inside is None:
                return
            if isinstance(inside, ast.ClassDef):
                owner = inside
            else:
                yield inside, owner
                owner = None
            body = inside.body


def _nested(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef):
            yield node
        else:
            waiting += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.expr)]


def _bound_inside(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Lambda():
                spec = node.args
                every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
                names = [a.arg for a in every if a is not None]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                targets = [n for one in node.generators for n in ast.walk(one.target)]
                names = [n.id for n in targets if isinstance(n, ast.Name)]
            case _:
                continue
        for name in names:
            yield node.lineno, node.end_lineno or node.lineno, name


def _spans(node: ast.stmt, line: int) -> bool:
    # A function's head, with its annotations and defaults, is read outside of it.
    first = node.body[0].lineno if isinstance(node, Function) and node.body else node.lineno
    return first <= line <= (node.end_lineno or node.lineno)


def _dotted(name: str) -> ast.expr:
    first, *rest = name.split(".")
    node: ast.expr = ast.Name(first, ast.Load())
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node


def _declared(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(DECLARED, ast.Load()), [node], [])
