"""What a command's translation may ask of the search around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Protocol

from sqlglot import exp

from undersign.languages.spl.tree import Sub, Tree
from undersign.records.visible import Visible
from undersign.telemetry.translate.spl.fields import Needs
from undersign.telemetry.translate.spl.relation import Chain, Relation


class Work(Protocol):
    """The search being translated."""

    visible: Visible
    now: dt.datetime
    """UTC, with its zone."""

    def later(self) -> Needs:
        """Return what the commands after this one read."""
        ...

    def exists(self, relation: Relation) -> Callable[[Sub], exp.Expr]:
        """Return how a subsearch in place of a condition becomes one."""
        ...

    def subsearch(self, tree: Tree, limit: int) -> Relation:
        """Translate a subsearch, of which so many rows count."""
        ...

    def subsearch_chain(self) -> Chain:
        """Return the chain that every part of this search is on."""
        ...

    def piped(self, tree: Tree, relation: Relation) -> Relation:
        """Translate a pipeline that goes on from a relation."""
        ...
