"""One threat model: its file, what it describes, and what the rules say of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from undersign.catalogs import threat_rules
from undersign.errors import BadInput
from undersign.records.system import System
from undersign.records.threat import Analysis
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import FORMAT, read
from undersign.workspace import files


@dataclass(frozen=True, slots=True)
class Model:
    """A threat model as its file says now."""

    path: Path
    text: str
    system: System
    analysis: Analysis


def analysed(system: System) -> Analysis:
    """Hold the packaged rules against a system."""
    return analyse(system, threat_rules.load())


def begin(path: Path) -> Model:
    """Return a model of which only the name is known, after its file; nothing is written."""
    text = f"format: {FORMAT}\nname: {json.dumps(path.stem)}\n"
    system = read(text)
    return Model(path, text, system, analysed(system))


def read_model(path: Path) -> Model:
    """Read and analyse a threat model.

    Raises BadInput, located, when part of it cannot be read: what was not read has no threats.
    """
    text = files.read_text(path)
    system = read(text)
    if system.problems:
        message, span = system.problems[0]
        raise BadInput(
            message,
            path=str(path),
            line=span.line if span else None,
            column=span.column if span else None,
            hint=f"undersign check {path}" if len(system.problems) > 1 else None,
        )
    return Model(path, text, system, analysed(system))
