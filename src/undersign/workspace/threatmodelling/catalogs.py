"""The catalogs of a workspace: the packaged ones, and newer ones that were brought here."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from undersign.catalogs.references import Catalog, Entry, References, catalog_of, load
from undersign.errors import BadInput, UsageError
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

FOLDER = "catalogs"
_HEAD = ("key", "title", "edition", "date", "licence", "notice", "source")
_LEAST = 0.5
"""Share of the entries before that an official file must still have."""


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


def update(workspace: Workspace, source: Path) -> tuple[Brought, ...]:
    """Bring the catalogs of an official file; whole or not at all, those before kept beside.

    Raises BadInput for a file that is no official one, is older than what is here, or has lost most
    of its entries.
    """
    from undersign.catalogs.official import MOST_BYTES

    try:
        with source.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error}", path=str(source)) from error
    return bring(workspace, {source.name: raw}, str(source))


def update_online(
    workspace: Workspace, urls: Sequence[str], fetch: Callable[[str], bytes]
) -> tuple[Brought, ...]:
    """Bring a catalog from its publisher; `fetch` gets the bytes at an address. See `update`."""
    return bring(workspace, {url.rpartition("/")[2]: fetch(url) for url in urls}, ", ".join(urls))


def bring(workspace: Workspace, raw: Mapping[str, bytes], told: str) -> tuple[Brought, ...]:
    """Bring what official files hold, name -> bytes; see `update`. `told` stands in errors."""
    from undersign.catalogs import official
    from undersign.languages.yaml.tree import read as read_yaml

    here = references(workspace).catalogs
    found = dict(here)
    try:
        for name, content in raw.items():
            text = official.text_of(content)
            for packed in official.read(text, lambda text: read_yaml(text).plain(), name):
                catalog = catalog_of(packed)
                before = found.get(catalog.key)
                found[catalog.key] = _joined(catalog, before) if before else catalog
    except official.NotOfficial as error:
        raise BadInput(str(error), path=told) from error
    except BadInput as error:
        error.path = error.path or told
        raise
    changed = {key: one for key, one in found.items() if one is not here.get(key)}
    texts = {}
    for key, catalog in changed.items():
        path = _place(workspace, key)
        texts[path] = _text(catalog)
        if path.exists():
            texts[_previous(path)] = files.read_text(path)
    files.write_all(texts)
    return tuple(_compared(workspace, one, here.get(key)) for key, one in changed.items())


def _joined(new: Catalog, before: Catalog) -> Catalog:
    """Return a new edition, with what a file of one ATT&CK matrix says nothing of.

    Raises NotOfficial when it is older, or has lost most of the entries.
    """
    from undersign.catalogs.official import NotOfficial

    parts = {matrix for one in new.entries.values() for matrix in _matrices(one)}
    kept = {
        id_: one
        for id_, one in before.entries.items()
        if id_ not in new.entries and parts and not parts >= (_matrices(one) or {""})
    }
    replaced = [one for id_, one in before.entries.items() if id_ not in kept]
    newest = max((_number(one.edition) for one in replaced), default=())
    if _number(new.edition) < newest:
        raise NotOfficial(f"{new.title} {new.edition} is older than what is here: {before.edition}")
    if len(new.entries) < len(replaced) * _LEAST:
        raise NotOfficial(
            f"has {len(new.entries):,} entries, and {len(replaced):,} were there: it is cut"
        )
    entries = {**kept, **new.entries}
    about = {name: getattr(before, name) for name in ("licence", "notice", "source")}
    date = new.date or (before.date if new.edition == before.edition else "")
    return replace(new, edition=_edition(new, kept), date=date, entries=entries, **about)


def _matrices(one: Entry) -> set[str]:
    return set(one.relations.get("matrix", ()))


def _number(edition: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", edition)))


def _edition(new: Catalog, kept: Mapping[str, Entry]) -> str:
    """Return one edition, or which one each matrix is of."""
    of: dict[str, set[str]] = defaultdict(set)
    for one in (*new.entries.values(), *kept.values()):
        for matrix in _matrices(one):
            of[one.edition].add(matrix)
    if len(of) < 2:
        return new.edition
    return "; ".join(f"{edition} {', '.join(sorted(of[edition]))}" for edition in sorted(of))


def _compared(workspace: Workspace, catalog: Catalog, before: Catalog | None) -> Brought:
    known = before.entries if before else {}
    now = catalog.entries
    renamed = tuple(i for i in now if i in known and known[i].name != now[i].name)
    return Brought(catalog, _place(workspace, catalog.key), tuple(i for i in now if i not in known),
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
    rows = [_row(one, catalog.edition) for one in catalog.entries.values()]
    lines = ",\n".join(json.dumps(row) for row in rows)
    return json.dumps(head)[:-1] + f', "entries": [\n{lines}\n]}}\n'


def _row(one: Entry, edition: str) -> list[object]:
    relations = {key: list(ids) for key, ids in one.relations.items()}
    of = [] if one.edition == edition else [one.edition]
    return [one.id, one.name, one.kind, one.status, one.level, relations, *of]
