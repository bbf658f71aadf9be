"""What the objects of a project hold, the same for all objects of a class."""

from __future__ import annotations

from collections.abc import Callable

from undersign.surfaces.review.dataflow.project import ClassInfo, Project
from undersign.surfaces.review.dataflow.values import (
    Value,
    cells_within,
    joined,
    signature,
    unsure,
)


class Memory:
    """Attributes of classes, in all the rounds of an analysis."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.attributes: dict[tuple[str, str], Value] = {}
        self._holding: dict[str, set[tuple[str, str]]] = {}
        self._inside: dict[int, tuple[Value, frozenset[str]]] = {}
        self.read: set[str] = set()
        """Names of attributes that were read in this round."""
        self.loose: set[str] = set()
        """Names of attributes that were assigned to an object of which nothing is known."""
        self.wrote: set[str] = set()
        """Names of attributes that the function being run has assigned."""
        self.changed = False
        """Whether something grew that had been read before: another round is due."""
        self.cut = False
        """Whether code was not followed to its end in any round."""
        self.settled = True
        """False in a last round after which things would still grow: no attribute is sure."""

    def attribute(self, owner: ClassInfo, name: str) -> Value | None:
        """Return what was assigned to an attribute anywhere in its class, above or below it."""
        self.read.add(name)
        names = [owner.name]
        for base in self.project.bases(owner):
            info = self.project.find(base, owner.module)
            names.append(info.name if isinstance(info, ClassInfo) else base)
        names += [below.name for below in self.project.below.get(owner.name, ())]
        keys = dict.fromkeys((holder, name) for holder in names)
        found = [self.attributes[key] for key in keys if key in self.attributes]
        if not found:
            return None
        sure = self.settled and not self.loose & {name, "*"}
        return joined(found) if sure else unsure(joined(found))

    def assign_attribute(self, owner: ClassInfo, name: str, value: Value) -> None:
        """Add what an attribute may hold."""
        key = (owner.name, name)
        old = self.attributes.get(key)
        new = joined([old, value]) if old is not None else value
        if old is None or signature(old) != signature(new):
            self._hold(key, new)
            self.changed = self.changed or name in self.read
        self.wrote.add(name)

    def assign_somewhere(self, name: str) -> None:
        """An attribute of this name was assigned, of an object that is not known."""
        if not self.loose & {name, "*"}:
            self.loose.add(name)
            self.changed = self.changed or name in self.read

    def inside(self, value: Value) -> frozenset[str]:
        """Return the cells of a container and of what it holds, reckoned once a container."""
        if value.items is None and value.fields is None:
            return value.cells
        known = self._inside.get(id(value))
        if known is None:
            # The value is kept beside its cells, so that its id stays its own.
            known = self._inside[id(value)] = (value, cells_within(value))
        return known[1]

    def touch_attributes(
        self, cells: frozenset[str], touched: Callable[[Value], Value]
    ) -> None:  # fmt: skip
        """Change what attributes hold, where it is an object that was changed."""
        keys = {key for cell in cells for key in self._holding.get(cell, ())}
        for key in sorted(keys):
            held = self.attributes[key]
            made = touched(held)
            if made is not held and signature(made) != signature(held):
                self._hold(key, made)
                self.changed = self.changed or key[1] in self.read

    def _hold(self, key: tuple[str, str], value: Value) -> None:
        self.attributes[key] = value
        for cell in self.inside(value):
            self._holding.setdefault(cell, set()).add(key)
