"""A person's claims: a judgement or an inference, with the evidence that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from undersign.errors import BadInput, UsageError
from undersign.records.claim import Claim, ClaimKind
from undersign.records.evidence import ADDRESS, Evidence
from undersign.records.person import PERSON_PREFIX
from undersign.records.timeline import Mark, Milestone, Timeline
from undersign.surfaces.respond.carrying import next_number
from undersign.surfaces.respond.json_fields import rfc3339
from undersign.workspace.responding.folder import Case, Folder, read_case, sound
from undersign.workspace.responding.sources import reopen
from undersign.workspace.responding.timeline import keep
from undersign.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says."""

    text: str
    person: str
    evidence: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    kind: ClaimKind = ClaimKind.JUDGEMENT
    at: datetime | None = None
    """When what is claimed was so; deadlines are counted from it."""
    mark: Mark | None = None
    """The milestone that it sets; no rule overrules a person's."""


def add_claim(
    workspace: Workspace, folder: Folder, word: Word, *, now: datetime, replace_signed: bool = False
) -> Claim:
    """Add a person's claim to an incident and return it.

    Raises UsageError for evidence that is nowhere, a milestone without a time, or a signed
    timeline unless `replace_signed`.
    """
    if not word.text.strip():
        raise UsageError("a claim needs words")
    if not (word.evidence or word.claims):
        raise UsageError("a claim rests on something", hint="--evidence auth.log:12, or --claim C3")
    if word.mark is not None and word.at is None:
        raise UsageError(f"when was it {word.mark}?", hint="--at 2026-03-04T10:41:00Z")
    case = sound(read_case(folder))
    timeline, evidence = case.timeline, dict(case.evidence)
    for claim_id in word.claims:
        if timeline.claim(claim_id) is None:
            raise UsageError(f"{folder.name} has no claim {claim_id}")
    for address in word.evidence:
        evidence[address] = opened(workspace, case, address, now)
    claim = Claim(
        id=f"C{next_number(timeline)}",
        kind=word.kind,
        evidence=word.evidence,
        claims=word.claims,
        slots=_slots(word),
        text=" ".join(word.text.split()),
        by=PERSON_PREFIX + word.person,
    )
    said = replace(timeline, claims=(*timeline.claims, claim))
    keep(
        workspace,
        folder,
        _marked(said, claim, word, evidence),
        evidence,
        now=now,
        replace_signed=replace_signed,
    )
    return claim


def opened(workspace: Workspace, case: Case, address: str, now: datetime) -> Evidence:
    """Return the evidence at an address: as kept, or read again from its source.

    Raises UsageError when the incident has nothing there, BadInput when the source has changed.
    """
    kept = case.evidence.get(address)
    if kept is not None:
        return kept
    if not ADDRESS.fullmatch(address):
        raise UsageError(f"{address!r} is no address", hint="they look like auth.log:12 or chat:7")
    name, _, line = address.rpartition(":")
    source = case.timeline.sources.get(name)
    if source is None:
        known = ", ".join(list(case.timeline.sources)[:20])
        raise UsageError(f"{case.folder.name} has no source {name!r}", hint=f"they are: {known}")
    found = reopen(source, workspace.root / source.path, int(line), now)
    if found is None:
        raise UsageError(f"{name} has no line {line}: it has {source.lines:,}")
    return found


def still_there(workspace: Workspace, case: Case, kept: Evidence, now: datetime) -> str:
    """Say in words whether a kept line still stands in its source."""
    source = case.timeline.sources.get(kept.source)
    if source is None:
        return "its source is not listed in the timeline"
    try:
        found = reopen(source, workspace.root / source.path, kept.line, now)
    except BadInput as error:
        return f"the source was not looked at: {error.message}"
    if found is None or found.raw != kept.raw:
        return "the source holds another text there"
    return f"the same stands in {source.path} now"


def _slots(word: Word) -> dict[str, str]:
    found = {"time": rfc3339(word.at)} if word.at else {}
    return found | ({"mark": str(word.mark)} if word.mark else {})


def _marked(
    timeline: Timeline, claim: Claim, word: Word, evidence: dict[str, Evidence]
) -> Timeline:
    """Return the timeline with the milestone that a person set, and what is computed from it."""
    from undersign.surfaces.respond.milestones import with_milestones

    if word.mark is None:
        return timeline
    set_by_person = Milestone(word.mark, claim.id, word.at, claim.text, claim.by)
    others = tuple(one for one in timeline.milestones if one.mark is not word.mark)
    return with_milestones(replace(timeline, milestones=(*others, set_by_person)), evidence)
