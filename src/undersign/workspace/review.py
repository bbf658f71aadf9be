"""Check artifacts: read them, gather the grounds, run the checks, keep an index of ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.checks.spec import Grounds
from undersign.errors import BadInput, StorageError
from undersign.languages.sigma.document import SigmaFile
from undersign.records.artifact import Artifact, Span
from undersign.records.finding import Finding, Outcome, Severity, Status, finding_id
from undersign.records.work import Work
from undersign.surfaces import kind_named
from undersign.workflow.check import check
from undersign.workspace import files
from undersign.workspace.beside import Beside, read_record
from undersign.workspace.grounds import GroundKeeper, Subject
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.workspace.parsed import ParsedRules


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked to have checked."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    history: bool = True
    """Measure on the lake when there is one; without, those checks are not run."""
    question: str | None = None
    """What the artifacts are meant to answer; else the brief each was drafted from."""


def review(
    workspace: Workspace, paths: Iterable[Path], wanted: Wanted, *, now: datetime
) -> list[Work]:
    """Check every artifact named or below the named folders, in order.

    An artifact that cannot be read, or whose tests cannot, is a work with one `unreadable` finding,
    so that one bad file hides no other. Raises UsageError for a path that does not exist.
    """
    read = read_all(files.find(paths), workspace)
    keeper = GroundKeeper(workspace, history=wanted.history, now=now, question=wanted.question)
    keeper.prepare([r for r in read if isinstance(r, Subject)])
    works = [r if isinstance(r, Work) else _checked(r, keeper, wanted) for r in read]
    if workspace.declared:
        remember_ids(workspace, works)
    return works


def _checked(subject: Subject, keeper: GroundKeeper, wanted: Wanted) -> Work:
    try:
        bound = keeper.bound(subject)
        return checked(bound, keeper.grounds(bound), wanted)
    except BadInput as error:
        return unreadable(subject.artifact.path, error)


def read_all(paths: Iterable[Path], workspace: Workspace) -> list[Subject | Work]:
    """Read and parse artifacts; one that cannot be read is a Work that says so."""
    reader = Reader(workspace)
    read: list[Subject | Work] = []
    for path in paths:
        try:
            read.append(reader.subject(path))
        except BadInput as error:
            read.append(unreadable(files.relative(path, workspace.root), error))
    reader.remember()
    return read


def subject_of(path: Path, workspace: Workspace) -> Subject:
    """Read and parse one artifact with the record beside it; BadInput when it cannot be read."""
    reader = Reader(workspace)
    subject = reader.subject(path)
    reader.remember()
    return subject


class Reader:
    """Reads artifacts; what was parsed before is taken from the cache."""

    def __init__(self, workspace: Workspace) -> None:
        self._root = workspace.root
        self._parsed = _parsed_rules(workspace)
        self._fresh: list[SigmaFile] = []

    def subject(self, path: Path) -> Subject:
        """Read one artifact; BadInput when it cannot be read."""
        artifact = files.read(path, self._root)
        return Subject(path, artifact, self._tree(artifact), read_record(Beside(path).record))

    def _tree(self, artifact: Artifact) -> object:
        kept = self._parsed if artifact.kind == "sigma" else None
        known = kept.get(artifact.text) if kept else None
        if known is not None:
            return known
        kind = kind_named(artifact.kind)
        assert kind is not None
        tree = kind.parse(artifact.text)
        if isinstance(tree, SigmaFile):
            self._fresh.append(tree)
        return tree

    def remember(self) -> None:
        """Keep what was parsed for the next time."""
        if self._fresh and self._parsed:
            self._parsed.put(self._fresh)


def _parsed_rules(workspace: Workspace) -> ParsedRules | None:
    if not workspace.declared:
        return None
    from undersign.workspace.parsed import ParsedRules  # SQLite, of no use without a workspace

    return ParsedRules(workspace)


def checked(subject: Subject, grounds: Grounds, wanted: Wanted) -> Work:
    """Run the checks on one artifact that was read."""
    return check(
        subject.artifact,
        subject.parsed,
        grounds,
        select=wanted.select,
        ignore=wanted.ignore,
        draft=subject.record.draft,
        verdicts=subject.record.verdicts,
    )


def unreadable(path: str, error: BadInput) -> Work:
    """Return the work of an artifact that cannot be read: one finding that says why."""
    message, line, column = error.message, error.line or 1, error.column or 1
    if error.path and Path(error.path).name != Path(path).name:
        # A span points into the artifact, so the place in a file beside it is said in words.
        message, line, column = f"{Path(error.path).name}:{line}:{column}: {message}", 1, 1
    finding = Finding(
        id=finding_id(path, "unreadable", message),
        check="unreadable",
        code="ART001",
        severity=Severity.ERROR,
        message=message + (f" ({error.hint})" if error.hint else ""),
        span=Span(line, column, line, column + 1),
    )
    outcome = Outcome("unreadable", "ART001", Status.FOUND, findings=(finding,))
    return Work(Artifact(path, "unreadable", ""), outcomes=(outcome,))


def remember_ids(workspace: Workspace, works: Sequence[Work]) -> None:
    """Keep which artifact each finding id is of, so that `triage ID` finds it without a search."""
    known = ids(workspace)
    for work in works:
        for outcome in work.outcomes:
            known.update({f.id: work.artifact.path for f in outcome.findings})
    # Only a shortcut: on a read-only checkout `triage` looks the id up the long way.
    with suppress(StorageError):
        files.write(_index(workspace), json.dumps(known, sort_keys=True))


def ids(workspace: Workspace) -> dict[str, str]:
    """Return finding id -> artifact path, as far as checks have run here."""
    path = _index(workspace)
    if not path.exists():
        return {}
    try:
        found = json.loads(files.read_text(path))
    except (ValueError, BadInput):
        return {}  # a cache: the next check writes it anew
    return found if isinstance(found, dict) else {}


def _index(workspace: Workspace) -> Path:
    return workspace.state / "cache" / "finding_ids.json"
