"""Attack trees of a workspace: read from their files, or begun from a model."""

from __future__ import annotations

from pathlib import Path

from undersign.errors import BadInput, UsageError
from undersign.surfaces.threatmodel.trees.skeleton import skeleton
from undersign.surfaces.threatmodel.trees.tree import Node, read
from undersign.workspace import files
from undersign.workspace.threatmodelling.model import Model


def read_tree(path: Path) -> Node:
    """Read a tree; BadInput, with path and line, when it is none."""
    try:
        return read(files.read_text(path))
    except BadInput as error:
        raise BadInput(error.message, path=str(path), line=error.line, hint=error.hint) from error


def skeleton_of(model: Model, objective: str, target: str | None) -> Node:
    """Begin a tree; UsageError when the target is no component of the model."""
    known = [one.id for one in model.system.of("component")]
    if target not in known:
        raise UsageError(f"no component {target!r}", hint=f"--target {' | '.join(known[:12])}")
    return skeleton(model.system, model.analysis, objective, target)
