"""Notices for the status page, customers, executives and colleagues, from the same claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from undersign.records.claim import Claim, ClaimKind
from undersign.records.timeline import Mark, Timeline
from undersign.surfaces.respond.json_fields import rfc3339
from undersign.surfaces.respond.wording import at, escaped, length, sentence

AUDIENCES = ("status-page", "customer", "executive", "internal")
_OUTSIDERS = ("status-page", "customer")
UNSAID = "Nobody has said yet"
_STATES = (
    (Mark.RESOLVED, "resolved"),
    (Mark.MITIGATED, "monitoring"),
    (Mark.DECLARED, "identified"),
    (Mark.DETECTED, "investigating"),
)
_TITLES = {
    "status-page": "Status update",
    "customer": "Notice to customers",
    "executive": "Executive summary",
    "internal": "Internal update",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says for the notices; nothing of it is ever made up."""

    impact: str = ""
    services: tuple[str, ...] = ()
    next_update: datetime | None = None
    person: str = ""


def notice(audience: str, timeline: Timeline, timeline_digest: str, told: Told) -> str:
    """Return a notice in Markdown; each sentence is followed by its claims, hidden in a comment.

    Outsiders are told times and states, and no name, address or log line.
    """
    state = state_of(timeline)
    lines = [
        "---",
        "kind: notice",
        f"audience: {audience}",
        f"incident: {timeline.incident}",
        f"timeline_sha256: {timeline_digest}",
        f"status: {state}",
        f"next_update: {rfc3339(told.next_update) if told.next_update else 'null'}",
        "time_zone: UTC",
        "---",
        "",
        f"# {_TITLES[audience]}: {_subject(audience, timeline, told)}",
        "",
        f"Status: {state}",
        "",
        *_impact(told),
        *_story(audience, timeline),
        *_next(state, told),
    ]
    return "\n".join(lines) + "\n"


def state_of(timeline: Timeline) -> str:
    """Return where the incident stands: investigating, identified, monitoring or resolved."""
    named = {m.mark for m in timeline.milestones if m.claim}
    return next((state for mark, state in _STATES if mark in named), "investigating")


def _subject(audience: str, timeline: Timeline, told: Told) -> str:
    if audience not in _OUTSIDERS:
        return escaped(timeline.title)
    # The incident's own title may name what must stay inside.
    return escaped(", ".join(told.services)) if told.services else "an incident"


def _impact(told: Told) -> Iterator[str]:
    if told.services:
        yield f"Affected: {escaped(', '.join(told.services))}."
    if told.impact:
        yield f"{escaped(told.impact.rstrip('. ') + '.')} (judgement, by {escaped(told.person)})"
    else:
        yield f"{UNSAID}: what people notice. Say it with --impact."
    yield ""


def _story(audience: str, timeline: Timeline) -> Iterator[str]:
    for one in timeline.milestones:
        if one.claim and one.time and one.mark in _WORDS and _may_tell(audience, one.mark):
            yield f"{_WORDS[one.mark]} at {at(one.time)}. <!-- {one.claim} -->"
    for claim in timeline.claims:
        if claim.kind is ClaimKind.DERIVED and (words := _length_words(claim)):
            yield f"{words} <!-- {claim.id} -->"
    if audience not in _OUTSIDERS:
        for claim in _inside(audience, timeline):
            yield f"{sentence(claim, citation=False)} <!-- {claim.id} -->"
    yield ""


def _inside(audience: str, timeline: Timeline) -> Iterator[Claim]:
    """Yield what people here are told besides: judgements, and colleagues what shows each mark."""
    yield from (c for c in timeline.claims if c.kind is ClaimKind.JUDGEMENT)
    for one in timeline.milestones if audience == "internal" else ():
        shown = timeline.claim(one.claim) if one.claim else None
        if shown is not None and shown.kind is ClaimKind.OBSERVED:
            yield shown


_WORDS = {
    Mark.BEGAN: "It began",
    Mark.DETECTED: "We noticed it",
    Mark.DECLARED: "We declared an incident",
    Mark.MITIGATED: "The impact ended",
    Mark.RESOLVED: "The incident was resolved",
}


def _may_tell(audience: str, mark: Mark) -> bool:
    return mark is not Mark.DECLARED or audience not in _OUTSIDERS


def _length_words(claim: Claim) -> str:
    size = length(float(claim.slots.get("seconds", "0")))
    words = {
        "ttm": f"From our first sign to the end of the impact it took {size}.",
        "ttr": f"From our first sign to the end of the incident it took {size}.",
    }
    return words.get(claim.slots.get("measure", ""), "")


def _next(state: str, told: Told) -> Iterator[str]:
    if told.next_update is not None:
        yield f"Next update: {at(told.next_update)}."
    elif state != "resolved":
        yield f"Next update: {UNSAID.lower()} when. Say it with --next-update."
    else:
        yield "This is the last update."
