"""What a project keeps for the rest of a request: `flask.g.user`, `request.state.user`."""

from __future__ import annotations

import ast
from functools import cached_property

from undersign.catalogs import guards as models
from undersign.surfaces.review.dataflow.project import Function, FunctionInfo, ModuleInfo
from undersign.surfaces.review.upstream.entering import body, enter
from undersign.surfaces.review.upstream.machine import Machine
from undersign.surfaces.review.upstream.names import Names
from undersign.surfaces.review.upstream.running import Facts, Run, all_ways
from undersign.surfaces.review.upstream.values import Made, Unknown, Value, View, World


class Keeping:
    """Makes what executes code in one run, and knows what other code of the project keeps."""

    def __init__(self, project: Names) -> None:
        self.project = project
        self._values: dict[tuple[str, World], list[Value]] = {}

    def machine(self, run: Run) -> Machine:
        """Return what executes code in one run."""
        return Machine(run, self.project, self._kept)

    def _kept(self, name: str, world: World) -> list[Value] | None:
        if name.startswith("session."):
            return [Unknown(who=True)] if name in self._keepers else None
        if name == "request.user" and name not in self._keepers:
            return None
        key = (name, world)
        if key not in self._values:
            # A function that reads what it keeps comes to an end.
            self._values[key] = [Unknown(who=True)]
            found: list[Value] = []
            for function in self._keepers.get(name, ()):
                found += self._kept_by(function, name, world)
            unique: list[Value] = []
            for value in found:
                if value not in unique:
                    unique.append(value)
            self._values[key] = unique
        return self._values[key]

    def _kept_by(self, function: FunctionInfo, name: str, world: World) -> list[Value]:
        found: list[Value] = []

        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            made = Made(function)
            frame = enter(machine, made)
            frame.names |= {n: View() for n in ("call_next", "get_response") if n in frame.names}
            try:
                body(machine, made, frame)
            finally:
                if name in run.shared:
                    found.append(run.shared[name])
            return False, 0

        if all_ways(world, Facts(person=name != "request.user"), task).gave_up:
            found.append(Unknown(who=True))
        return found

    @cached_property
    def _keepers(self) -> dict[str, list[FunctionInfo]]:
        found: dict[str, list[FunctionInfo]] = {}
        for info in self.project.modules.values():
            for function in every_function(info):
                for node in ast.walk(function.node):
                    for target in (
                        getattr(node, "targets", ()) if isinstance(node, ast.Assign) else ()
                    ):
                        name = _kept_name(target, info)
                        if name.startswith("session.") and not _is_hook(function):
                            continue
                        if name:
                            found.setdefault(name, []).append(function)
        return found


def every_function(info: ModuleInfo) -> list[FunctionInfo]:
    """Return every function of a module, and every method with its class."""
    found = [m for owner in info.classes.values() for m in owner.methods.values()]
    known = {id(m.node) for m in found}
    rest = (n for n in ast.walk(info.module.tree) if isinstance(n, Function))
    found += [FunctionInfo(f"{info.name}.{n.name}", n, info) for n in rest if id(n) not in known]
    return found


def _is_hook(function: FunctionInfo) -> bool:
    """Say whether a function runs for whoever comes, and not for who logs in."""
    marks = [ast.unparse(d) for d in getattr(function.node, "decorator_list", ())]
    return any("before_" in m or "middleware" in m for m in marks)


def _kept_name(target: ast.expr, info: ModuleInfo) -> str:
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        holder = info.dotted(target.value)
        stored = models.load().values.get(holder) == "session" or holder.endswith("request.session")
        return f"session.{target.slice.value!s}" if stored else ""
    if not isinstance(target, ast.Attribute):
        return ""
    holder = info.dotted(target.value)
    if models.load().values.get(holder) == "context":
        return f"flask.g.{target.attr}"
    if holder.rpartition(".")[2] == "state":
        return f"state.{target.attr}"
    if holder in ("request", "req", "flask.request", "quart.request"):
        return f"request.{target.attr}"
    return ""
