"""What a dotted name stands for in a guard: a value of a library, a function, a constant."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from undersign.catalogs import guards as models
from undersign.languages.python import Module
from undersign.surfaces.review.dataflow.project import (
    ClassInfo,
    Function,
    FunctionInfo,
    ModuleInfo,
    Project,
)
from undersign.surfaces.review.upstream.values import (
    Context,
    Instance,
    Known,
    Library,
    Made,
    Person,
    Request,
    Session,
    Unknown,
    Value,
    constant,
)

_VALUES: dict[str, Value] = {
    "person": Person(), "session": Session(), "request": Request(), "context": Context("flask.g"),
}  # fmt: skip


_MOST_HOPS = 6


class Names(Project):
    """A project in which a bare name means what its own module defines, before anything else."""

    def __init__(self, files: Mapping[str, Module]) -> None:
        super().__init__(files)
        self._given: dict[str, dict[str, list[ast.expr]]] = {}
        self._bound: dict[str, Counter[str]] = {}
        self._canonical: dict[tuple[str, str], str] = {}

    def given(self, info: ModuleInfo, name: str) -> list[ast.expr]:
        """Return everything that a module gives a name, in any scope."""
        if info.path not in self._given:
            found: dict[str, list[ast.expr]] = {}
            for node in ast.walk(info.module.tree):
                targets: list[ast.expr] = []
                if isinstance(node, ast.Assign):
                    targets = node.targets
                elif isinstance(node, ast.AnnAssign | ast.AugAssign):
                    targets = [node.target]
                value = getattr(node, "value", None)
                for target in (t for t in targets if isinstance(t, ast.Name)):
                    if isinstance(value, ast.expr):
                        found.setdefault(target.id, []).append(value)
            self._given[info.path] = found
        return self._given[info.path].get(name, [])

    def ambiguous(self, name: str, info: ModuleInfo) -> bool:
        """Say whether a module gives a name several things: it is not seen which one counts."""
        if info.path not in self._bound:
            self._bound[info.path] = _bound(info)
        return self._bound[info.path][name] > 1

    def origin(self, name: str, near: ModuleInfo) -> str:
        """Return the name that a module of the project only passes on: `auth.login_required`."""
        for _ in range(_MOST_HOPS):
            head, _, last = name.rpartition(".")
            holder = self.find(head, near) if head else None
            if not isinstance(holder, ModuleInfo) or self.ambiguous(last, holder):
                return name
            other = holder.imports.get(last)
            if not other or other == name or self.find(name, near) is not None:
                return name
            name, near = other, holder
        return name

    def canonical(self, name: str, near: ModuleInfo) -> str:
        """Return a name with variables replaced by the calls that made them."""
        key = (name, near.path)
        if key not in self._canonical:
            self._canonical[key] = canonical(self.origin(name, near), near, self)
        return self._canonical[key]

    def find(
        self, name: str, near: ModuleInfo | None = None, hops: int = 6
    ) -> FunctionInfo | ClassInfo | ModuleInfo | None:
        """Return what a dotted name stands for in the project, through re-exports; or None."""
        head = name.partition(".")[0]
        own = near is not None and (head in near.functions or head in near.classes)
        if near is not None and own and head not in near.imports:
            return super().find(f"{near.name}.{name}", None, hops)
        return super().find(name, near, hops)


@dataclass
class Frame:
    """Names of one call of a function."""

    info: ModuleInfo
    names: dict[str, Value] = field(default_factory=dict)
    owner: ClassInfo | None = None
    caught: str = ""
    """The exception that a handler deals with."""


@dataclass(frozen=True)
class Variable:
    """A name that a module gives something once, at its top."""

    value: ast.expr
    module: ModuleInfo


def variable(name: str, near: ModuleInfo, project: Names, hops: int = 5) -> Variable | None:
    """Return the variable of a module that a dotted name stands for; None when it has several."""
    head, _, last = name.rpartition(".")
    info: object = near if not head else project.find(head, near)
    if not head and (other := near.imports.get(name)) and other != name and hops:
        return variable(other, near, project, hops - 1)
    if not isinstance(info, ModuleInfo):
        return None
    given = project.given(info, last)
    if len(given) == 1:
        return Variable(given[0], info)
    other = info.imports.get(last)
    if other and other != name and hops and not given:
        return variable(other, info, project, hops - 1)
    return None


def _bound(info: ModuleInfo) -> Counter[str]:
    """Count how often a module gives each of its names something, at its top."""
    found: Counter[str] = Counter()
    left: list[ast.stmt] = list(info.module.tree.body)
    while left:
        node = left.pop()
        if isinstance(node, Function | ast.ClassDef):
            found[node.name] += 1
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update((a.asname or a.name).partition(".")[0] for a in node.names)
        elif isinstance(node, ast.Assign):
            found.update(t.id for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            left += [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)]
            left += [s for h in getattr(node, "handlers", ()) for s in h.body]
    return found


def canonical(name: str, near: ModuleInfo, project: Names, hops: int = 4) -> str:
    """Return a name with variables replaced by the calls that made them.

    `auth.login_required` is `flask_httpauth.HTTPBasicAuth().login_required` when that made `auth`.
    """
    parts = name.split(".")
    for at in range(len(parts), 0, -1) if hops else ():
        held = variable(".".join(parts[:at]), near, project)
        if held is None:
            continue
        made = held.module.dotted(held.value)
        if not made or made == name:
            return name
        made = canonical(made, held.module, project, hops - 1)
        return ".".join([made, *parts[at:]])
    return name


def value_of(name: str, near: ModuleInfo, project: Names) -> Value:
    """Return what a dotted name of a module stands for."""
    listed = models.load().values.get(project.origin(name, near))
    if listed in _VALUES:
        return _VALUES[listed]
    found = project.find(name, near) or project.find(f"{near.name}.{name}")
    if isinstance(found, FunctionInfo):
        twice = found.owner is None and project.ambiguous(
            found.name.rpartition(".")[2], found.module
        )
        return Unknown(who=True) if twice else Made(found)
    if found is not None:
        return Library(name)
    held = variable(name, near, project)
    if held is None:
        return Library(name if "." not in name else project.canonical(name, near))
    known = constant(held.value)
    if known is not None and isinstance(known.values[0], str | tuple):
        return known
    if known is not None:
        return Library(f"{near.name}.{name}")  # a switch: whoever deploys it turns it
    made = held.module.dotted(held.value)
    owner = project.find(made.removesuffix("()"), held.module) or project.find(
        f"{held.module.name}.{made.removesuffix('()')}"
    )
    if isinstance(held.value, ast.Call) and isinstance(owner, ClassInfo):
        return instance(owner, held.value)
    if isinstance(held.value, ast.Name | ast.Attribute) and made and made != name:
        return value_of(made, held.module, project)
    return Library(project.canonical(name, near))


def instance(owner: ClassInfo, call: ast.Call) -> Instance:
    """Return an object of a class of the project, with the constants that it was made with."""
    made = Instance(owner)
    start = owner.methods.get("__init__")
    node = start.node if start else None
    if isinstance(node, Function):
        names = [a.arg for a in node.args.args[1:]]
        given: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
        given |= {w.arg: w.value for w in call.keywords if w.arg}
        for stated in ast.walk(node):
            if isinstance(stated, ast.Assign) and isinstance(stated.value, ast.Name):
                known = constant(given[stated.value.id]) if stated.value.id in given else None
                for target in stated.targets:
                    if isinstance(target, ast.Attribute) and isinstance(known, Known):
                        made.names[target.attr] = known
    return made
