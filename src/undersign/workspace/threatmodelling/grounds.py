"""Grounds of truth for the description of a system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from undersign.checks.spec import Grounds
from undersign.records.clock import Today
from undersign.records.drift import Observed
from undersign.records.system import System
from undersign.workspace.grounds import Subject
from undersign.workspace.threatmodelling.catalogs import references
from undersign.workspace.threatmodelling.model import analysed
from undersign.workspace.workspace import Workspace

_UNCOMPARED = "nobody compared it with a deployment; run: undersign threatmodel drift MODEL FILE"


def threat_grounds(workspace: Workspace, subject: Subject, now: datetime) -> Grounds:
    """Analyse a description; its catalogs are the packaged ones, or newer ones brought here."""
    system = subject.parsed
    assert isinstance(system, System)
    at_hand: list[Any] = [Today(now.date()), references(workspace), analysed(system)]
    return Grounds({type(one): one for one in at_hand}, {Observed.ground: _UNCOMPARED})
