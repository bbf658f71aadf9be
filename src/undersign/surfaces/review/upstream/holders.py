"""Apps, blueprints and routers: which one a name means, and what hangs below what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.surfaces.review.dataflow.project import Function, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.names import Names

_DEEPEST = 6


@dataclass
class Holder:
    """Something that views are registered at."""

    name: str
    """With its module: `shop.parts.bp`."""
    call: ast.Call
    module: ModuleInfo
    root: bool
    """An app, and not a part of one."""
    parents: list[tuple[Holder, ast.Call, ModuleInfo]] = field(default_factory=list)
    """Where it was registered, and by which call."""


Way = tuple[tuple[Holder, ast.Call | None, ModuleInfo | None], ...]
"""From a holder up to an app: each with the call that registered it at the next."""


def words(call: ast.Call) -> dict[str, ast.expr]:
    """Return the keyword arguments of a call."""
    return {w.arg: w.value for w in call.keywords if w.arg}


def text(node: ast.expr | None) -> str | None:
    """Return a constant text."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


class Holders:
    """Every holder of a project that one framework makes."""

    def __init__(self, project: Names, makers: dict[str, bool], registers: str) -> None:
        self._project = project
        self._makers = makers
        self._registers = registers
        self.by_name: dict[str, Holder] = {}
        self._alias: dict[str, str] = {}
        for info in project.modules.values():
            self._find(info)
        for info in project.modules.values():
            self._hang(info)
        self.roots = [h for h in self.by_name.values() if h.root]

    def _find(self, info: ModuleInfo) -> None:
        for node in ast.walk(info.module.tree):
            if not isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            made = node.value
            if not isinstance(made, ast.Call):
                continue
            root = self._makers.get(info.dotted(made.func))
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (t for t in targets if isinstance(t, ast.Name)):
                name = f"{info.name}.{target.id}"
                if root is not None:
                    self.by_name.setdefault(name, Holder(name, made, info, root))
                elif inner := self._factory(made, info):
                    self._alias[name] = inner

    def _factory(self, made: ast.Call, info: ModuleInfo) -> str:
        """Return the app within a function that makes it: `app = create_app()`."""
        called = info.dotted(made.func)
        found = self._project.find(called, info) or self._project.find(f"{info.name}.{called}")
        if not isinstance(found, FunctionInfo):
            return ""
        for node in ast.walk(found.node):
            made_in = node.value if isinstance(node, ast.Assign) else None
            if isinstance(made_in, ast.Call) and self._makers.get(
                found.module.dotted(made_in.func)
            ):
                assert isinstance(node, ast.Assign)
                if isinstance(node.targets[0], ast.Name):
                    return f"{found.module.name}.{node.targets[0].id}"
        return ""

    def _hang(self, info: ModuleInfo) -> None:
        for node in ast.walk(info.module.tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr != self._registers:
                continue
            given = (
                node.args[0]
                if node.args
                else words(node).get("router", words(node).get("blueprint"))
            )
            child = self.of(given, info) if given is not None else None
            parent = self.of(node.func.value, info)
            if child is not None and parent is not None and parent is not child:
                child.parents.append((parent, node, info))

    def full(self, node: ast.expr, info: ModuleInfo) -> str:
        """Return the name of a holder with the module that made it."""
        name = info.dotted(node)
        for _ in range(_DEEPEST):
            head, _, last = name.rpartition(".")
            if not head:
                return f"{info.name}.{name}"
            found = self._project.find(head, info)
            if not isinstance(found, ModuleInfo):
                return name
            if f"{found.name}.{last}" in self.by_name or last not in found.imports:
                return f"{found.name}.{last}"
            name, info = found.imports[last], found
        return name

    def of(self, node: ast.expr, info: ModuleInfo) -> Holder | None:
        """Return the holder that an expression means; the only app for a name of an app."""
        name = self.full(node, info)
        name = self._alias.get(name, name)
        found = self.by_name.get(name)
        if (
            found is None
            and len(self.roots_found()) == 1
            and "app" in name.rpartition(".")[2].lower()
        ):
            return self.roots_found()[0]
        return found

    def roots_found(self) -> list[Holder]:
        """Return the apps that were found so far."""
        return [h for h in self.by_name.values() if h.root]

    def ways(self, holder: Holder, depth: int = 0) -> Iterator[Way]:
        """Yield every way from a holder up to where nothing more is known."""
        if not holder.parents or holder.root or depth > _DEEPEST:
            only = self.roots[0] if len(self.roots) == 1 else None
            if only is not None and not holder.root:
                yield ((holder, None, None), (only, None, None))
            else:
                yield ((holder, None, None),)
            return
        for parent, call, info in holder.parents:
            for rest in self.ways(parent, depth + 1):
                yield ((holder, call, info), *rest)


def routes_of(function: FunctionInfo, names: frozenset[str]) -> list[tuple[int, ast.Call]]:
    """Return which of its decorators make a function a view."""
    return [
        (at, one)
        for at, one in enumerate(getattr(function.node, "decorator_list", ()))
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr in names
    ]


def functions(info: ModuleInfo) -> Iterator[FunctionInfo]:
    """Yield every function of a module that is no method, wherever it is defined."""
    inside = {
        id(n) for c in ast.walk(info.module.tree) if isinstance(c, ast.ClassDef) for n in c.body
    }
    for node in ast.walk(info.module.tree):
        if isinstance(node, Function) and id(node) not in inside:
            yield FunctionInfo(f"{info.name}.{node.name}", node, info)
