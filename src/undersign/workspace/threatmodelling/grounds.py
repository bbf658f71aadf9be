"""Grounds of truth for the description of a system."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from undersign.catalogs import frontier
from undersign.checks.spec import Grounds
from undersign.errors import BadInput
from undersign.records.clock import Today
from undersign.records.drift import Observed
from undersign.records.system import System
from undersign.workspace.grounds import Subject
from undersign.workspace.threatmodelling.catalogs import references
from undersign.workspace.threatmodelling.deployed import observed
from undersign.workspace.threatmodelling.model import analysed
from undersign.workspace.workspace import Workspace

_UNCOMPARED = "no deployment is named; run: undersign threatmodel drift MODEL FILE --agree"


def threat_grounds(workspace: Workspace, subject: Subject, now: datetime) -> Grounds:
    """Analyse a description; its catalogs are the packaged ones, or newer ones brought here."""
    system = subject.parsed
    assert isinstance(system, System)
    at_hand: list[Any] = [
        Today(now.date()),
        references(workspace),
        frontier.load(),
        analysed(system),
    ]
    missing = {Observed.ground: _UNCOMPARED}
    if not system.drift_base:
        at_hand.append(Observed("nothing", {}))  # nothing was agreed that could be stale
    elif system.drift_source and _lies_in(workspace, subject.path.parent / system.drift_source):
        try:
            at_hand.append(observed(subject.path, system.drift_source))
        except BadInput as error:
            missing[Observed.ground] = f"{system.drift_source} {error.message}"
    return Grounds({type(one): one for one in at_hand}, missing)


def _lies_in(workspace: Workspace, target: Path) -> bool:
    """Tell whether a file is of the workspace: no description may have others of this disk read."""
    try:
        return target.resolve().is_relative_to(workspace.root.resolve())
    except (OSError, ValueError):  # a name with a NUL, or longer than names can be
        return False
