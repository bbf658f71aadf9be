"""The project as the analysis sees it: modules, functions and classes by their dotted names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from undersign.languages.python import Module

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class FunctionInfo:
    """A function or method of the project."""

    name: str
    """Dotted, with the module: `desk.store.rows`."""
    node: Function | ast.Lambda
    module: ModuleInfo
    owner: ClassInfo | None = None

    @cached_property
    def outward(self) -> frozenset[str]:
        """Names that it declares `global` or `nonlocal`: what it assigns to them is not its own."""
        return frozenset(
            name
            for node in ast.walk(self.node)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        )

    @cached_property
    def untouched(self) -> frozenset[str]:
        """Its parameters to which nothing is ever assigned."""
        given = self.node.args
        names = {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
        return frozenset(names) - {
            n.id
            for n in ast.walk(self.node)
            if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
        }

    @cached_property
    def returns_early(self) -> bool:
        """Whether it returns anywhere but as its last statement."""
        last = self.node.body[-1] if isinstance(self.node.body, list) else None
        found = (n for n in ast.walk(self.node) if isinstance(n, ast.Return))
        return any(n is not last for n in found)

    @cached_property
    def decorators(self) -> tuple[str, ...]:
        """The dotted names of its decorators."""
        given = getattr(self.node, "decorator_list", ())
        return tuple(self.module.dotted(d.func if isinstance(d, ast.Call) else d) for d in given)

    @property
    def is_static(self) -> bool:
        """Whether it gets no self."""
        given = getattr(self.node, "decorator_list", ())
        return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in given)


@dataclass(frozen=True, eq=False)
class ClassInfo:
    """A class of the project."""

    name: str
    node: ast.ClassDef
    module: ModuleInfo

    @cached_property
    def methods(self) -> Mapping[str, FunctionInfo]:
        """Its own methods by name."""
        return {
            n.name: FunctionInfo(f"{self.name}.{n.name}", n, self.module, self)
            for n in self.node.body
            if isinstance(n, Function)
        }

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Its base classes as dotted names."""
        return tuple(filter(None, (self.module.dotted(b) for b in self.node.bases)))


@dataclass(eq=False)
class ModuleInfo:
    """One file: its names, and what they stand for."""

    path: str
    name: str
    module: Module
    imports: dict[str, str] = field(default_factory=dict)
    """Local name -> dotted name."""
    stars: list[str] = field(default_factory=list)
    """Modules of which it imports every name."""
    functions: dict[str, FunctionInfo] = field(default_factory=dict)
    classes: dict[str, ClassInfo] = field(default_factory=dict)

    @cached_property
    def variables(self) -> frozenset[str]:
        """Names that its own statements assign, outside every function."""
        return frozenset(
            node.id
            for statement in self.module.tree.body
            if not isinstance(statement, Function | ast.ClassDef)
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )

    @cached_property
    def packages(self) -> frozenset[str]:
        """Top-level packages that it imports."""
        names = (*self.imports.values(), *self.stars)
        return frozenset(name.partition(".")[0] for name in names)

    def line(self, number: int) -> str:
        """Return a line of its text, stripped."""
        lines = self.module.lines
        return lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""

    def spelled(self, path: str) -> str:
        """Return the dotted name of a path of names, through this module's imports."""
        root, dot, rest = path.partition(".")
        return f"{self.imports.get(root, root)}{dot}{rest}"

    def dotted(self, node: ast.expr) -> str:
        """Return the dotted name that an expression spells, through this module's imports."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            inner = self.dotted(node.value)
            return f"{inner}.{node.attr}" if inner else ""
        if isinstance(node, ast.Call):
            inner = self.dotted(node.func)
            return f"{inner}()" if inner else ""
        return self.dotted(node.value) if isinstance(node, ast.Subscript) else ""


class Project:
    """Every module, and what a dotted name means in it."""

    def __init__(self, files: Mapping[str, Module]) -> None:
        self.modules = {path: _indexed(path, module) for path, module in files.items()}
        self._by_name: dict[str, ModuleInfo] = {}
        for info in self.modules.values():
            parts = info.name.split(".")
            for at in range(len(parts)):
                # `src/desk/store.py` is desk.store to those who import it; the longest name wins.
                self._by_name.setdefault(".".join(parts[at:]), info)
        for info in self.modules.values():
            self._by_name[info.name] = info

    def module(self, name: str, near: ModuleInfo | None = None) -> ModuleInfo | None:
        """Return the module of this name; beside another one when it is a script's neighbour."""
        if near is not None and "." in near.name:
            folder = near.name.rpartition(".")[0]
            if found := self._by_name.get(f"{folder}.{name}"):
                return found
        return self._by_name.get(name)

    def find(
        self, name: str, near: ModuleInfo | None = None, hops: int = 6
    ) -> FunctionInfo | ClassInfo | ModuleInfo | None:
        """Return what a dotted name stands for in the project, through re-exports; or None."""
        whole = self.module(name, near)
        if whole is not None:
            return whole
        head, _, last = name.rpartition(".")
        if not head and near is not None:
            return near.classes.get(name) or near.functions.get(name)
        if not head or not hops:
            return None
        holder = self.find(head, near, hops - 1)
        if isinstance(holder, ModuleInfo):
            found = holder.functions.get(last) or holder.classes.get(last)
            if found is not None:
                return found
            other = holder.imports.get(last) or self.star(holder, last, hops - 1)
            return self.find(other, holder, hops - 1) if other and other != name else None
        if isinstance(holder, ClassInfo):
            return self.method(holder, last)
        return None

    def star(self, holder: ModuleInfo, name: str, hops: int = 4) -> str:
        """Return the dotted name that a name of `from x import *` stands for; empty for none."""
        for source in holder.stars if hops > 0 and not name.startswith("_") else ():
            origin = self.module(source, holder)
            if origin is None or origin is holder:
                continue
            if name in origin.functions or name in origin.classes or name in origin.variables:
                return f"{origin.name}.{name}"
            if name in origin.imports:
                return origin.imports[name]
            if found := self.star(origin, name, hops - 1):
                return found
        return ""

    @cached_property
    def below(self) -> Mapping[str, tuple[ClassInfo, ...]]:
        """The classes of the project that are made directly of another one, by its name."""
        found: dict[str, list[ClassInfo]] = {}
        for info in self.modules.values():
            for owner in info.classes.values():
                for base in owner.bases:
                    above = self.find(base, info)
                    if isinstance(above, ClassInfo) and above is not owner:
                        found.setdefault(above.name, []).append(owner)
        return {name: tuple(them) for name, them in found.items()}

    def overriding(self, owner: ClassInfo, name: str, most: int = 12) -> list[FunctionInfo]:
        """Return what the classes below one have in place of its method, the first few."""
        found: list[FunctionInfo] = []
        todo, seen = [*self.below.get(owner.name, ())], {owner.name}
        while todo and len(found) < most:
            one = todo.pop()
            if one.name in seen:
                continue
            seen.add(one.name)
            if name in one.methods:
                found.append(one.methods[name])
            todo += self.below.get(one.name, ())
        return found

    def method(self, owner: ClassInfo, name: str, hops: int = 6) -> FunctionInfo | None:
        """Return a method of a class, or of the first of its bases that has it."""
        if name in owner.methods:
            return owner.methods[name]
        for base in owner.bases if hops else ():
            found = self.find(base, owner.module)
            if not isinstance(found, ClassInfo) or found is owner:
                continue
            if method := self.method(found, name, hops - 1):
                return method
        return None

    def bases(self, owner: ClassInfo, hops: int = 6) -> Iterator[str]:
        """Yield the names of all classes above one, in the project and outside it."""
        for base in owner.bases if hops else ():
            yield base
            found = self.find(base, owner.module)
            if isinstance(found, ClassInfo) and found is not owner:
                yield from self.bases(found, hops - 1)


def _indexed(path: str, module: Module) -> ModuleInfo:
    name = path.removesuffix(".py").removesuffix(".pyi").replace("/", ".")
    package = path.endswith("__init__.py")
    name = name.removesuffix(".__init__")
    info = ModuleInfo(path, name, module)
    for node in _statements(module.tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                target = one.name if one.asname else one.name.partition(".")[0]
                info.imports[one.asname or target] = target
        elif isinstance(node, ast.ImportFrom):
            source = _source(info, node, package=package)
            for one in node.names:
                if one.name == "*":
                    info.stars.append(source)
                else:
                    info.imports.setdefault(one.asname or one.name, f"{source}.{one.name}")
    for node in module.tree.body:
        _define(info, node)
    return info


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield every statement, at any depth; expressions hold none."""
    todo: list[ast.AST] = [*tree.body]
    for node in todo:  # it grows while it is read
        if isinstance(node, ast.stmt):
            yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            held = getattr(node, name, None)
            if isinstance(held, list):
                todo += held


def _define(info: ModuleInfo, node: ast.stmt) -> None:
    if isinstance(node, Function):
        info.functions[node.name] = FunctionInfo(f"{info.name}.{node.name}", node, info)
    elif isinstance(node, ast.ClassDef):
        info.classes[node.name] = ClassInfo(f"{info.name}.{node.name}", node, info)
    elif isinstance(node, ast.If | ast.Try):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.stmt):
                _define(info, inner)


def _source(info: ModuleInfo, node: ast.ImportFrom, *, package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = info.name.split(".")
    up = node.level - 1 if package else node.level
    kept = parts[: len(parts) - up] if up else parts
    return ".".join([*kept, *([node.module] if node.module else [])])
