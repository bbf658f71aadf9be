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
    functions: dict[str, FunctionInfo] = field(default_factory=dict)
    classes: dict[str, ClassInfo] = field(default_factory=dict)

    @cached_property
    def packages(self) -> frozenset[str]:
        """Top-level packages that it imports."""
        return frozenset(name.partition(".")[0] for name in self.imports.values())

    def line(self, number: int) -> str:
        """Return a line of its text, stripped."""
        lines = self.module.lines
        return lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""

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
        if not head or not hops:
            return None
        holder = self.find(head, near, hops - 1)
        if isinstance(holder, ModuleInfo):
            found = holder.functions.get(last) or holder.classes.get(last)
            if found is not None:
                return found
            other = holder.imports.get(last)
            return self.find(other, holder, hops - 1) if other and other != name else None
        if isinstance(holder, ClassInfo):
            return self.method(holder, last)
        return None

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
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                target = one.name if one.asname else one.name.partition(".")[0]
                info.imports[one.asname or target] = target
        elif isinstance(node, ast.ImportFrom):
            source = _source(info, node, package=package)
            for one in node.names:
                info.imports.setdefault(one.asname or one.name, f"{source}.{one.name}")
    for node in module.tree.body:
        _define(info, node)
    return info


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
