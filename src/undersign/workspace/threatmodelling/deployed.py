"""Descriptions in other forms: brought in as a model, or compared with one."""

from __future__ import annotations

import os
from pathlib import Path

from undersign.errors import BadInput, UsageError
from undersign.records.drift import Observed
from undersign.surfaces.threatmodel import importers
from undersign.surfaces.threatmodel.drift import Change, agreed, drift
from undersign.surfaces.threatmodel.importers.imported import Imported, write
from undersign.workspace import files
from undersign.workspace.threatmodelling.model import Model


def imported(path: Path, form: str = "") -> tuple[str, Imported]:
    """Read a file of another form; BadInput, with its path, when that cannot be done."""
    text = files.read_text(path)
    try:
        return importers.read(text, form)
    except BadInput as error:
        raise BadInput(error.message, path=str(path), line=error.line, column=error.column,
                       hint=error.hint) from error  # fmt: skip


def bring(source: Path, target: Path, form: str = "", *, replace: bool = False) -> Imported:
    """Write a description of what a file says; UsageError over a file that is there."""
    if target.exists() and not replace:
        raise UsageError(f"{target} is there already", hint="--replace writes it anew")
    _, found = imported(source, form)
    files.write(target, write(found))
    return found


def compare(model: Model, source: Path, form: str = "") -> tuple[Change, ...]:
    """Return what differs between a model and a deployment's file."""
    _, found = imported(source, form)
    return drift(model.system, model.analysis, found)


def agree(model: Model, source: Path, form: str = "") -> int:
    """Write into the model how the deployment looks now; return how many elements that are."""
    _, found = imported(source, form)
    beside = Path(os.path.relpath(source, model.path.parent)).as_posix()
    files.write(model.path, agreed(model.text, found, beside))
    return len(found.hashes())


def observed(model: Path, source: str) -> Observed:
    """Return a deployment as its file says now; BadInput when it cannot be read."""
    _, found = imported(model.parent / source)
    return Observed(source, found.hashes())
