"""The catalogs of a workspace: the packaged ones, and newer ones that were brought here."""

from __future__ import annotations

import json
from pathlib import Path

from undersign.catalogs.references import Catalog, References, catalog_of, load
from undersign.errors import BadInput
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

FOLDER = "catalogs"


def folder(workspace: Workspace) -> Path:
    """Return where newer catalogs are kept: each one file that can be reviewed and reverted."""
    return workspace.root / FOLDER


def references(workspace: Workspace) -> References:
    """Return every catalog, a newer one in place of the packaged one of the same key.

    Raises BadInput for a file there that is no catalog: to go on without it would be silent.
    """
    packed = load()
    brought = {one.key: one for one in _brought(workspace)}
    return References({**packed.catalogs, **brought}) if brought else packed


def _brought(workspace: Workspace) -> list[Catalog]:
    here = folder(workspace)
    if not here.is_dir():
        return []
    return [_read(path) for path in sorted(here.glob("*.catalog.json"))]


def _read(path: Path) -> Catalog:
    try:
        return catalog_of(json.loads(files.read_text(path)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(
            f"is no catalog: {error}", path=str(path), hint="delete it, or run catalog update again"
        ) from error
