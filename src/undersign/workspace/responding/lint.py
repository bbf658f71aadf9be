"""Lint documents that exist: any Markdown is read as a postmortem, whatever its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from undersign.errors import BadInput, UsageError
from undersign.records.artifact import Artifact
from undersign.records.work import Work
from undersign.surfaces import kind_named
from undersign.workspace import files
from undersign.workspace.beside import Record
from undersign.workspace.grounds import GroundKeeper, Subject
from undersign.workspace.review import Wanted, checked, remember_ids, unreadable
from undersign.workspace.workspace import Workspace

_MARKDOWN = (".md", ".markdown", ".mdown")


@dataclass(frozen=True, slots=True)
class Linted:
    """What was said of the documents."""

    works: tuple[Work, ...]
    left_out: int
    """Files below the named folders whose name does not say that they are Markdown."""


def lint(workspace: Workspace, paths: Iterable[Path], wanted: Wanted, *, now: datetime) -> Linted:
    """Check every document named, and every Markdown file below the named folders.

    One that cannot be read is a work with an `unreadable` finding. Raises UsageError for a path
    that does not exist.
    """
    keeper = GroundKeeper(workspace, history=False, now=now)
    works: list[Work] = []
    left_out = 0
    for path, is_document in _documents(paths):
        if is_document:
            works.append(_linted(workspace, path, keeper, wanted))
        else:
            left_out += 1
    if workspace.declared:
        remember_ids(workspace, works)
    return Linted(tuple(works), left_out)


def _linted(workspace: Workspace, path: Path, keeper: GroundKeeper, wanted: Wanted) -> Work:
    name = files.relative(path, workspace.root)
    try:
        artifact = Artifact(name, _kind_name(path), files.read_text(path))
    except BadInput as error:
        return unreadable(name, error)
    kind = kind_named(artifact.kind)
    assert kind is not None
    subject = Subject(path, artifact, kind.parse(artifact.text), Record())
    return checked(subject, keeper.grounds(subject), wanted)


def _kind_name(path: Path) -> str:
    return "notice" if path.name.endswith(".notice.md") else "postmortem"


def _documents(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if path.is_dir():
            for folder, inner, names in os.walk(path):
                inner[:] = sorted(name for name in inner if not name.startswith("."))
                for name in sorted(names):
                    yield Path(folder, name), name.lower().endswith(_MARKDOWN)
        elif path.is_file():
            yield path, True
        else:
            raise UsageError(f"{path}: no such file or folder")
