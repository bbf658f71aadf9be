"""What turning a command into a stage may ask of the search around it."""

from __future__ import annotations

from typing import Protocol

from undersign.languages.spl.conditions import Reader
from undersign.languages.spl.scope import Origin, Scope
from undersign.languages.spl.tree import Name, Tree
from undersign.records.query import Pipeline


class Bound(Protocol):
    """The search around a command."""

    scope: Scope
    reader: Reader

    def origin(self, name: str, start: int, end: int) -> Origin:
        """Return where a field comes from, noting one that nobody knows."""
        ...

    def inner(self, found: Tree) -> tuple[Pipeline, Scope]:
        """Return a subsearch and the fields that come out of it."""
        ...

    def pipeline(self, found: Tree, scope: Scope | None) -> Pipeline:
        """Return a pipeline that goes on from a scope."""
        ...


def look(bound: Bound, names: tuple[Name, ...]) -> None:
    """Look fields up, so that those nobody knows are noted."""
    for name in names:
        if "*" not in name.value:
            bound.origin(name.value, name.start, name.end)
