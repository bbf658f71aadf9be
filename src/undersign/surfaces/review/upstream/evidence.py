"""What was found about one view, and the verdict on it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from undersign.records.candidate import Step
from undersign.records.guard import GUARDED, INERT, NOT_GUARDED, UNKNOWN, Guard
from undersign.surfaces.review.dataflow.project import FunctionInfo, ModuleInfo


@dataclass(frozen=True, slots=True)
class Stops:
    """Whether code stops a request."""

    sure: bool | None
    """True: it stops who is not logged in; False: it does not; None: it depends on what is not
    seen."""
    why: str = ""
    role: bool = False
    """Whether it also stops who is logged in and has no role or permission."""


NEVER = Stops(False)


def step(info: ModuleInfo, node: ast.AST, what: str) -> Step:
    """Return a place of a guard."""
    line = getattr(node, "lineno", 1)
    return Step(info.path, line, what, info.line(line))


@dataclass
class Evidence:
    """Everything that stands before a view."""

    guarded: list[tuple[Step, Stops]] = field(default_factory=list)
    inert: list[tuple[Step, str]] = field(default_factory=list)
    unknown: list[tuple[Step, str]] = field(default_factory=list)

    def add(self, place: Step, said: Stops | None) -> None:
        """Take what a guard was read to do."""
        if said is None:
            return
        if said.sure:
            self.guarded.append((place, said))
        elif said.sure is None:
            self.unknown.append((place, said.why))
        elif said.why:
            self.inert.append((place, said.why))

    def copy(self) -> Evidence:
        """Return the same, to be added to."""
        return Evidence(list(self.guarded), list(self.inert), list(self.unknown))

    def of_ways(self, ways: list[Evidence]) -> None:
        """Take what stands on several ways to a view: it guards only when every way has a guard."""
        if len(ways) == 1:
            self.guarded += ways[0].guarded
        elif ways and all(way.guarded for way in ways):
            self.guarded += [way.guarded[0] for way in ways]
        else:
            for place, _ in [one for way in ways for one in way.guarded]:
                why = f"{place.what} stands on one way to it, and not on another"
                self.inert.append((place, why))
        self.inert += [one for way in ways for one in way.inert]
        self.unknown += [one for way in ways for one in way.unknown]

    def guard(self, info: FunctionInfo) -> Guard:
        """Return the verdict on a view."""
        node = info.node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        return self.over(info.module.path, first, node.end_lineno or node.lineno, info.name)

    def over(self, path: str, first: int, last: int, view: str) -> Guard:
        """Return the verdict on a piece of a file."""
        place = (path, first, last, view)
        if self.guarded:
            steps = tuple(s for s, _ in self.guarded)
            why = f"{steps[0].what} ({steps[0].file}:{steps[0].line}) stops who may not"
            return Guard(*place, GUARDED, why, steps, any(s.role for _, s in self.guarded))
        if self.unknown:
            return Guard(*place, UNKNOWN, self.unknown[0][1], tuple(s for s, _ in self.unknown))
        if self.inert:
            return Guard(*place, INERT, self.inert[0][1], tuple(s for s, _ in self.inert))
        return Guard(*place, NOT_GUARDED, "nothing was found that stops a request before it")
