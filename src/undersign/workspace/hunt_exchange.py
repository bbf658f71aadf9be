"""Hunts in and out: HEARTH documents become hunts, hunts become documents of other tools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from undersign.catalogs import attack
from undersign.errors import BadInput, UsageError
from undersign.records.hunt import Hunt
from undersign.surfaces.hunt import hearth, hunt_file, markdown, notebook
from undersign.surfaces.hunt.journal import technique_problem
from undersign.workspace import files, hunt_shelf
from undersign.workspace.hunt_shelf import Kept
from undersign.workspace.hunting import stamp
from undersign.workspace.workspace import Workspace

EXPORTS = {"hearth": ".md", "notebook": ".ipynb", "markdown": ".md", "json": ".json"}
"""Format -> suffix of its files."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import kept, and what not and why."""

    added: tuple[Kept, ...]
    there: tuple[str, ...]
    """Ids that the workspace, or an earlier document, has already."""
    refused: tuple[BadInput, ...]
    """Documents that are no hunts."""
    remarks: tuple[str, ...]
    """What is kept as it was written, and worth a look: ATT&CK ids that are not current."""


def import_hearth(
    workspace: Workspace, paths: Iterable[Path], *, person: str, now: datetime
) -> Imported:
    """Keep HEARTH documents (files, or folders of them) as open hunts, word for word.

    Raises UsageError for a path that is not there.
    """
    workspace.require_declared()
    read: list[Hunt] = []
    refused: list[BadInput] = []
    for path in _documents(paths):
        name = files.relative(path, workspace.root)
        try:
            text = files.read_text(path)
            read.append(hearth.to_hunt(hearth.read(text, name), text, person, stamp(now)))
        except BadInput as wrong:
            refused.append(wrong)
    first = {hunt.id: hunt for hunt in reversed(read)}
    added = hunt_shelf.add_all(
        workspace, (first[i] for i in dict.fromkeys(h.id for h in read)), now
    )
    fresh = {id(kept.hunt) for kept in added}
    return Imported(
        added=added,
        there=tuple(hunt.id for hunt in read if id(hunt) not in fresh),
        refused=tuple(refused),
        remarks=tuple(_remarks(kept.hunt for kept in added)),
    )


def _documents(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*.md") if p.is_file())
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"{path}: no such file or folder")


def _remarks(hunts: Iterable[Hunt]) -> Iterator[str]:
    catalog = attack.load()
    for hunt in hunts:
        for technique in hunt.techniques:
            problem = technique_problem(technique, catalog)
            if problem:
                yield f"{hunt.id}: {problem}"


def export(hunt: Hunt, form: str) -> tuple[str, tuple[str, ...]]:
    """Write a hunt in one of `EXPORTS`; also say what that form still asks for."""
    if form == "hearth":
        text = hearth.write(hunt, attack.load())
        return text, hearth.missing(hearth.read(text))
    if form == "notebook":
        return notebook.write(hunt), ()
    if form == "markdown":
        return markdown.write(hunt), ()
    if form == "json":
        return json.dumps(hunt_file.document(hunt), indent=2, ensure_ascii=False) + "\n", ()
    raise UsageError(f"no export is called {form!r}", hint=f"one of {', '.join(EXPORTS)}")
