"""The folder of an incident: which file is where, and what it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from undersign.errors import BadInput, UsageError
from undersign.records.evidence import CaseFile, Evidence
from undersign.records.timeline import Timeline, TimelineFile
from undersign.surfaces.respond import evidence_file, timeline_file
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

INCIDENTS = "incidents"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LEVELS = 2
"""Folders above a paper of an incident in which its timeline is looked for."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the papers of one incident are."""

    path: Path

    @property
    def name(self) -> str:
        """The incident's short name."""
        return self.path.name

    @property
    def timeline(self) -> Path:
        """The claims."""
        return self.path / "timeline.json"

    @property
    def evidence(self) -> Path:
        """The raw lines that the claims cite."""
        return self.path / "evidence.jsonl"

    @property
    def postmortem(self) -> Path:
        """The postmortem."""
        return self.path / "postmortem.md"

    @property
    def clocks(self) -> Path:
        """The regulatory deadlines."""
        return self.path / "clocks.json"

    def notice(self, audience: str) -> Path:
        """The notice for one audience."""
        return self.path / "comms" / f"{audience}.notice.md"


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as its files say."""

    folder: Folder
    file: TimelineFile
    digest: str
    """Hex SHA-256 of timeline.json."""
    evidence: dict[str, Evidence] = field(default_factory=dict)
    evidence_digest: str = ""
    problems: tuple[str, ...] = ()
    """What could not be read of the evidence."""

    @property
    def timeline(self) -> Timeline:
        """The claims, as far as they could be read."""
        return self.file.timeline

    @property
    def case_file(self) -> CaseFile:
        """The evidence as a ground of truth."""
        return CaseFile(
            self.timeline.sources,
            self.evidence,
            self.evidence_digest,
            self.problems,
            self.digest,
        )


def named(workspace: Workspace, name: str) -> Folder:
    """Return the folder of an incident by its name, its folder or its timeline.

    Raises UsageError for a name that cannot be one.
    """
    given = Path(name)
    for path in (given, workspace.root / given):
        if path.name == "timeline.json" and path.is_file():
            return Folder(path.parent)
        if (path / "timeline.json").is_file():
            return Folder(path)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name an incident",
            hint="letters, digits, dots, dashes and underscores, such as 2026-03-checkout",
        )
    return Folder(workspace.root / INCIDENTS / name)


def existing(workspace: Workspace, name: str) -> Folder:
    """Return the folder of an incident that has a timeline; UsageError when there is none."""
    folder = named(workspace, name)
    if not folder.timeline.is_file():
        known = sorted(p.parent.name for p in (workspace.root / INCIDENTS).glob("*/timeline.json"))
        hint = f"known: {', '.join(known[:10])}" if known else "undersign respond timeline PATH..."
        raise UsageError(f"no incident {name!r} here", hint=hint)
    return folder


def around(path: Path) -> Folder | None:
    """Return the incident that a paper lies in; None when there is no timeline around it."""
    for folder in list(path.absolute().parents)[:_LEVELS]:
        if (folder / "timeline.json").is_file():
            return Folder(folder)
    return None


def read_case(folder: Folder) -> Case:
    """Read an incident's timeline and evidence.

    Evidence that cannot be read is among the problems. Raises BadInput when the timeline cannot be
    opened.
    """
    text = files.read_text(folder.timeline)
    file = timeline_file.read(text)
    digest = sha256(text.encode()).hexdigest()
    try:
        lines = files.read_text(folder.evidence)
    except BadInput as error:
        return Case(folder, file, digest, problems=(f"evidence.jsonl {error.message}",))
    found, problems = evidence_file.read(lines)
    told = tuple(f"evidence.jsonl, {one}" for one in problems)
    return Case(folder, file, digest, found, sha256(lines.encode()).hexdigest(), told)


def sound(case: Case) -> Case:
    """Return a case that can be built on; BadInput when part of it could not be read."""
    problems = (*case.file.problems, *case.problems)
    if problems:
        raise BadInput(
            problems[0], path=str(case.folder.timeline), hint=f"undersign check {case.folder.path}"
        )
    return case
