"""What candidates are held against, gathered once a review: code, flows, guards, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from undersign.catalogs import owasp, weaknesses
from undersign.checks.spec import Grounds
from undersign.languages.python import Module, parse
from undersign.records.flow import Flows
from undersign.records.guard import Guards
from undersign.records.packages import Packages
from undersign.surfaces.review.dataflow import analyse
from undersign.surfaces.review.packages import packages_of
from undersign.surfaces.review.upstream import guards
from undersign.workspace.reviewing.checkout import Taken
from undersign.workspace.workspace import Workspace

_PAGES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".tpl")
"""Templates, in which a value may be printed as it is."""
_MISSING = {"Change": "the whole tree was read, so there is no change to be in"}


@dataclass(frozen=True, slots=True)
class Known:
    """Grounds of one review that do not depend on a candidate."""

    taken: Taken
    modules: Mapping[str, Module]
    """Every Python file of the project, under review or not."""
    focus: frozenset[str]
    """The Python files under review whose whole text is known."""
    flows: Flows
    guards: Guards
    packages: Packages
    environments: tuple[Path, ...] = ()
    """Folders in which the project's packages are installed: read, never run."""
    cache: Path | None = None
    """Where what was read of installed packages is kept."""

    def grounds(self, *more: object) -> Grounds:
        """Return the grounds of the checks, and what belongs to one candidate."""
        at_hand: list[Any] = [
            self.taken.code,
            self.taken.change,
            self.flows,
            self.guards,
            weaknesses.load(),
            owasp.load(),
            self.packages,
            *more,
        ]
        return Grounds({type(one): one for one in at_hand if one is not None}, _MISSING)

    def beside(self, grounds: Grounds, one: object) -> Grounds:
        """Return grounds with one more."""
        return replace(grounds, by_type={**grounds.by_type, type(one): one})


def known(taken: Taken, environments: Sequence[Path], workspace: Workspace) -> Known:
    """Analyse the code once: nothing of it is imported or run."""
    files = taken.code.files
    modules = {p: parse(one.text) for p, one in files.items() if one.language == "python"}
    under = frozenset(taken.under_review) & frozenset(modules) - frozenset(taken.partly)
    pages = {p: one.text for p, one in files.items() if p.endswith(_PAGES)}
    flows, found = analyse(modules, focus=under, texts=pages), guards(modules, focus=under)
    cache = workspace.state / "cache" / "apis" if workspace.declared else None
    places = _environments(taken.root, environments, workspace)
    texts = {path: one.text for path, one in files.items()}
    packages = packages_of(texts, taken.code.paths)
    return Known(taken, modules, under, flows, found, packages, places, cache)


def _environments(root: Path, named: Sequence[Path], workspace: Workspace) -> tuple[Path, ...]:
    """Return where packages may be installed: as named, as configured, or beside the project."""
    if named:
        return tuple(named)
    if workspace.declared and workspace.config.review_environment:
        return (workspace.config.review_environment,)
    return tuple(place for name in (".venv", "venv") if (place := root / name).is_dir())
