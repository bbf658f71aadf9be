"""Build an incident's timeline: read its sources, merge them, name milestones, keep both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.errors import BadInput, UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.artifact import Draft
from undersign.records.evidence import Evidence
from undersign.records.timeline import Timeline
from undersign.surfaces.respond import evidence_file, timeline_file
from undersign.surfaces.respond.carrying import carried
from undersign.workspace import files
from undersign.workspace.modelling.drafter_line import OFFLINE, Reach
from undersign.workspace.responding.folder import Case, Folder, named, read_case
from undersign.workspace.responding.papers import write_papers
from undersign.workspace.responding.sources import Clocking, Place, open_place, places, read_place
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.surfaces.respond.timeline import Builder

OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked to have told."""

    paths: tuple[Path, ...] = ()
    chats: tuple[Path, ...] = ()
    name: str = ""
    """Of the incident; without one, of the first source."""
    title: str = ""
    clocking: Clocking = field(default_factory=Clocking)
    since: datetime | None = None
    until: datetime | None = None
    drafter: str = OFFLINE
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """A timeline that was built and kept."""

    case: Case
    unread: tuple[str, ...] = ()
    """Files that could not be read at all, with the reason: they are in no entry."""
    notes: tuple[str, ...] = ()


def build(
    workspace: Workspace,
    asked: Asked,
    *,
    reach: Reach,
    now: datetime,
    on_bytes: OnBytes | None = None,
) -> Built:
    """Read the sources and write `timeline.json` and `evidence.jsonl` in the incident's folder.

    A file that cannot be read hides no other: it is named. Raises BadInput when none could be read,
    UsageError for a name that cannot be one or a timeline that a person signed.
    """
    from undersign.surfaces.respond.milestones import with_milestones
    from undersign.surfaces.respond.timeline import Builder

    found = places(asked.paths, asked.chats)
    _refuse_unknown(asked.clocking, found)
    folder = named(workspace, asked.name or found[0].name)
    builder = Builder(since=asked.since, until=asked.until)
    troubles = _take_in(builder, found, asked.clocking, now, on_bytes)
    if len(troubles) == len(found):
        raise troubles[0]
    made = builder.build(folder.name, asked.title or folder.name)
    evidence = dict(made.evidence)
    timeline = with_milestones(_named_from(workspace, made.timeline), evidence)
    notes: tuple[str, ...] = ()
    if asked.drafter != OFFLINE:
        from undersign.workspace.responding.drafted import with_inferences

        timeline, notes = with_inferences(
            workspace, timeline, evidence, asked.drafter, reach=reach, now=now
        )
    if folder.timeline.is_file():
        timeline, lost = carried(read_case(folder).timeline, timeline, evidence)
        notes += lost
    keep(workspace, folder, timeline, evidence, now=now, replace_signed=asked.replace)
    return Built(read_case(folder), tuple(str(one) for one in troubles), notes)


def keep(  # noqa: PLR0913 - what is kept, and what it may replace
    workspace: Workspace,
    folder: Folder,
    timeline: Timeline,
    evidence: dict[str, Evidence],
    *,
    now: datetime,
    replace_signed: bool = False,
) -> None:
    """Write a timeline and its evidence, all or none; UsageError when a person signed the old."""
    lines = evidence_file.write(evidence.values())
    pinned = replace(timeline, evidence_digest=sha256(lines.encode()).hexdigest())
    text = timeline_file.write(pinned)
    path = files.relative(folder.timeline, workspace.root)
    drafted = Draft(
        path=path,
        kind="timeline",
        drafter=timeline.drafter,
        brief=timeline.title,
        artifact_digest=sha256(text.encode()).hexdigest(),
        drafted_at=rfc3339(now),
        sources=tuple(f"{one.name} sha256:{one.digest}" for one in timeline.sources.values()),
    )
    papers = {folder.timeline: text, folder.evidence: lines}
    write_papers(workspace, papers, {folder.timeline: drafted}, now=now, replace=replace_signed)


def _take_in(
    builder: Builder,
    found: tuple[Place, ...],
    clocking: Clocking,
    now: datetime,
    on_bytes: OnBytes | None,
) -> list[BadInput]:
    troubles = []
    for place in found:
        told = clocking.told(place.name, now)
        try:
            if place.is_channel:
                channel = read_place(place, told)
                builder.add_messages(channel.source, channel.evidence)
            else:
                builder.add(open_place(place, told, on_bytes))
        except BadInput as error:
            troubles.append(error)
    return troubles


def _named_from(workspace: Workspace, timeline: Timeline) -> Timeline:
    """Return a timeline whose sources are named from the workspace, as all its papers are."""
    sources = {
        name: replace(one, path=files.relative(Path(one.path), workspace.root))
        for name, one in timeline.sources.items()
    }
    return replace(timeline, sources=sources)


def _refuse_unknown(clocking: Clocking, found: tuple[Place, ...]) -> None:
    if not found:
        raise UsageError("there is no file to read", hint="name logs, folders, or --chat EXPORT")
    unknown = next(clocking.unknown(place.name for place in found), None)
    if unknown is not None:
        known = ", ".join(place.name for place in found[:20])
        raise UsageError(f"no source is called {unknown!r}", hint=f"they are: {known}")
