"""The catalogs of a workspace: the packaged ones, and newer ones that were brought here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from undersign.catalogs.references import Catalog, Entry, References, catalog_of, load
from undersign.errors import BadInput, UsageError
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

FOLDER = "catalogs"
_HEAD = ("key", "title", "edition", "date", "licence", "notice", "source")
_LEAST = 0.5
"""Share of the entries before that an official file must still have."""
_MOST_BYTES = 128 * 2**20


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


@dataclass(frozen=True, slots=True)
class Brought:
    """A catalog that was brought here, and what it changes."""

    catalog: Catalog
    path: Path
    added: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: tuple[str, ...]


def update(workspace: Workspace, source: Path) -> Brought:
    """Bring a catalog from an official file; whole or not at all, the one before kept beside.

    Raises BadInput for a file that is no official one, or that has lost most of its entries.
    """
    from undersign.catalogs import official
    from undersign.languages.yaml.tree import read as read_yaml

    try:
        catalog = catalog_of(official.read(_large(source), lambda text: read_yaml(text).plain()))
    except official.NotOfficial as error:
        raise BadInput(str(error), path=str(source)) from error
    before = references(workspace).catalogs.get(catalog.key)
    known = dict(before.entries) if before else {}
    if len(catalog.entries) < len(known) * _LEAST:
        raise BadInput(
            f"has {len(catalog.entries):,} entries, and {len(known):,} were there: it is cut",
            path=str(source),
        )
    path = _place(workspace, catalog.key)
    texts = {path: _text(catalog)}
    if path.exists():
        texts[_previous(path)] = files.read_text(path)
    files.write_all(texts)
    now = catalog.entries
    renamed = tuple(i for i in now if i in known and known[i].name != now[i].name)
    return Brought(catalog, path, tuple(i for i in now if i not in known),
                   tuple(i for i in known if i not in now), renamed)  # fmt: skip


def revert(workspace: Workspace, key: str) -> str:
    """Go back to the catalog before, or to the packaged one; return its edition."""
    path = _place(workspace, key)
    if not path.exists():
        raise UsageError(f"no catalog {key!r} was brought here", hint="undersign catalog list")
    if _previous(path).exists():
        _previous(path).replace(path)
    else:
        path.unlink()
    found = references(workspace).catalogs.get(key)
    return found.edition if found else "none"


def _place(workspace: Workspace, key: str) -> Path:
    return folder(workspace) / f"{key}.catalog.json"


def _previous(path: Path) -> Path:
    return path.with_name(f"{path.name}.previous")


def _text(catalog: Catalog) -> str:
    head = {name: getattr(catalog, name) for name in _HEAD}
    rows = [_row(one) for one in catalog.entries.values()]
    lines = ",\n".join(json.dumps(row) for row in rows)
    return json.dumps(head)[:-1] + f', "entries": [\n{lines}\n]}}\n'


def _row(one: Entry) -> list[object]:
    relations = {key: list(ids) for key, ids in one.relations.items()}
    return [one.id, one.name, one.kind, one.status, one.level, relations]


def _large(path: Path) -> str:
    """Read an official file: they are larger than any artifact."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadInput(f"larger than {_MOST_BYTES // 2**20} MiB", path=str(path))
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot be read: {error}", path=str(path)) from error
