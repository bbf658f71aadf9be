"""Write the postmortem and the notices of an incident, each with the record of who drafted it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from undersign.errors import UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.artifact import Draft
from undersign.surfaces.respond import notices
from undersign.surfaces.respond.filled import NOTHING
from undersign.surfaces.respond.notices import Told
from undersign.surfaces.respond.postmortem import UNSAID, postmortem
from undersign.workspace import files
from undersign.workspace.modelling.drafter_line import OFFLINE, Reach
from undersign.workspace.responding.folder import Case, Folder, read_case, sound
from undersign.workspace.responding.papers import write_papers
from undersign.workspace.workspace import Workspace

__all__ = ["Told", "Written", "write_notices", "write_postmortem"]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    papers: tuple[Draft, ...]
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"papers": [asdict(one) for one in self.papers], "notes": list(self.notes)}


def write_postmortem(  # noqa: PLR0913 - a drafter's call has these parts
    workspace: Workspace,
    folder: Folder,
    drafter: str,
    *,
    reach: Reach,
    now: datetime,
    replace: bool = False,
) -> Written:
    """Write `postmortem.md` from the claims; a drafter fills sections with cited inferences.

    Raises UsageError over a paper that a person edited or signed, and what `open_line` raises.
    """
    case = sound(read_case(folder))
    filled = NOTHING
    notes: tuple[str, ...] = ()
    if drafter != OFFLINE:
        from undersign.workspace.responding.drafted import drafted_postmortem

        filled, notes = drafted_postmortem(workspace, case, drafter, reach=reach, now=now)
    text = postmortem(case.timeline, case.evidence, case.digest, filled)
    draft = _draft(workspace, case, folder.postmortem, text, now, by=filled.by)
    write_papers(
        workspace, {folder.postmortem: text}, {folder.postmortem: draft}, now=now, replace=replace
    )
    return Written((draft,), notes)


def write_notices(  # noqa: PLR0913 - what a person says, and where it goes
    workspace: Workspace,
    folder: Folder,
    audiences: Sequence[str],
    told: Told,
    *,
    now: datetime,
    replace: bool = False,
) -> Written:
    """Write one notice an audience from the claims; UsageError as for the postmortem."""
    case = sound(read_case(folder))
    if told.impact and not told.person:
        raise UsageError("who says what the impact is?", hint="--person you@example.org")
    made = {a: notices.notice(a, case.timeline, case.digest, told) for a in audiences}
    texts = {folder.notice(audience): text for audience, text in made.items()}
    drafts = {path: _draft(workspace, case, path, text, now) for path, text in texts.items()}
    write_papers(workspace, texts, drafts, now=now, replace=replace)
    return Written(tuple(drafts.values()))


def _draft(  # noqa: PLR0913 - a record has these parts
    workspace: Workspace, case: Case, path: Path, text: str, now: datetime, *, by: str = OFFLINE
) -> Draft:
    unsaid = (line for line in text.split("\n") if UNSAID.lower() in line.lower())
    return Draft(
        path=files.relative(path, workspace.root),
        kind="postmortem" if path == case.folder.postmortem else "notice",
        drafter=by,
        brief=case.timeline.title,
        artifact_digest=sha256(text.encode()).hexdigest(),
        drafted_at=rfc3339(now),
        sources=(f"timeline.json sha256:{case.digest}",),
        open_questions=tuple(line.strip("-| ") for line in unsaid)[:20],
    )
