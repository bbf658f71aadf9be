"""Results remembered by the digest of all they depend on; safe to delete at any time."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from undersign import __version__
from undersign.errors import BadInput, StorageError
from undersign.workspace import files
from undersign.workspace.workspace import Workspace


def load(workspace: Workspace, kind: str, key: str) -> Any:
    """Return what was stored under this key by this version, or None."""
    path = _path(workspace, kind, key)
    if not workspace.declared or not path.is_file():
        return None
    try:
        found = json.loads(files.read_text(path))
    except (ValueError, BadInput):
        return None  # a cache: whatever cannot be read is measured anew
    return found.get("value") if isinstance(found, dict) and found.get("v") == __version__ else None


def store(workspace: Workspace, kind: str, key: str, value: Any) -> None:
    """Store a JSON-able value; a folder that cannot be written only costs the shortcut."""
    if workspace.declared:
        with suppress(StorageError):
            files.write(_path(workspace, kind, key), json.dumps({"v": __version__, "value": value}))


def _path(workspace: Workspace, kind: str, key: str) -> Path:
    return workspace.state / "cache" / kind / f"{key}.json"
