"""What a drafter adds to an incident's papers: inferences with what they cite, through the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from undersign.records.evidence import Evidence
from undersign.records.exchange import Prompt, Reply
from undersign.records.timeline import Timeline
from undersign.surfaces import prompts
from undersign.surfaces.respond.filled import Filled
from undersign.surfaces.respond.reply import filled_of, inferences_of, passages_of
from undersign.workspace.modelling.drafter_line import Reach, open_line
from undersign.workspace.responding.folder import Case
from undersign.workspace.workspace import Workspace

PURPOSE = "respond"


def drafted_postmortem(
    workspace: Workspace, case: Case, drafter: str, *, reach: Reach, now: datetime
) -> tuple[Filled, tuple[str, ...]]:
    """Ask a drafter to fill a postmortem; what does not hold is struck and told.

    Raises what `open_line` and a talk with a drafter raise.
    """
    asked = _Asked(workspace, drafter, reach, now)
    reply = asked.ask("postmortem", case.timeline, case.evidence)
    filled = filled_of(reply.slots, asked.drafter, case.timeline, case.evidence)
    return filled, tuple(_notes(asked.drafter, filled.struck, reply))


def with_inferences(  # noqa: PLR0913 - a drafter's call has these parts
    workspace: Workspace,
    timeline: Timeline,
    evidence: Mapping[str, Evidence],
    drafter: str,
    *,
    reach: Reach,
    now: datetime,
) -> tuple[Timeline, tuple[str, ...]]:
    """Return a timeline with a drafter's inferences as claims, marked as its own."""
    asked = _Asked(workspace, drafter, reach, now)
    reply = asked.ask("timeline", timeline, evidence)
    claims, struck = inferences_of(reply.slots, asked.drafter, timeline, evidence)
    made = replace(timeline, claims=(*timeline.claims, *claims), drafter=asked.drafter)
    return made, tuple(_notes(asked.drafter, struck, reply))


class _Asked:
    """One drafter, asked about one incident."""

    def __init__(self, workspace: Workspace, drafter: str, reach: Reach, now: datetime) -> None:
        self._line = open_line(workspace, drafter, PURPOSE, reach, now)
        self.drafter = self._line.drafter

    def ask(self, kind: str, timeline: Timeline, evidence: Mapping[str, Evidence]) -> Reply:
        told = prompts.read("respond", (kind,))
        passages = passages_of(timeline, evidence)
        return self._line.talk(Prompt(kind, PURPOSE, told.text, passages, told.reply_schema), None)


def _notes(drafter: str, struck: int, reply: Reply) -> list[str]:
    notes = []
    if struck:
        notes.append(f"{struck} things that {drafter} said were struck: nothing they cite says so")
    if reply.redacted:
        notes.append(f"{drafter} was not shown {reply.redacted:,} values that the policy hides")
    return notes
