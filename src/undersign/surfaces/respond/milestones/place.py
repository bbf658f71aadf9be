"""Milestones, phases and computed measures, put into a timeline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.evidence import Evidence, Medium
from undersign.records.person import PERSON_PREFIX
from undersign.records.timeline import Mark, Milestone, Timeline
from undersign.surfaces.respond.carrying import next_number
from undersign.surfaces.respond.milestones.choose import Said, milestones_of

MEASURES = (
    ("ttd", Mark.BEGAN, Mark.DETECTED),
    ("tta", Mark.DETECTED, Mark.ACKNOWLEDGED),
    ("ttm", Mark.DETECTED, Mark.MITIGATED),
    ("ttr", Mark.DETECTED, Mark.RESOLVED),
)
"""Measure, from, to: each is computed when both milestones have a claim, and typed by nobody."""
_MONITOR = re.compile(
    r"\b(?:monitor|alert|pager|grafana|datadog|prometheus|nagios|pingdom|opsgenie|sentry|guardduty|"
    r"defender|splunk|elastic|bot)\b", re.IGNORECASE
)  # fmt: skip
_ALERTS = re.compile(r"\b(?:alert|alarm|firing|triggered|critical|down|unusual|suspicious)\b", re.I)
_MOST = 20_000


def with_milestones(timeline: Timeline, evidence: Mapping[str, Evidence]) -> Timeline:
    """Return a timeline with milestones, phases and measures; those of people are kept.

    Milestones are named from messages and notes; logs show causes and effects, but nobody says in
    them that an incident is declared, mitigated or over.
    """
    said = list(_said(timeline.entries, evidence))
    by_person = {
        m.mark: m for m in timeline.milestones if m.by.startswith(PERSON_PREFIX) and m.claim
    }
    milestones = tuple(
        by_person.get(one.mark)
        or Milestone(
            one.mark,
            one.said.key if one.said else None,
            one.said.time if one.said else None,
            one.reason if said else "there is no channel and no notes to tell it from",
        )
        for one in milestones_of(said)
    )
    kept = tuple(c for c in timeline.claims if "measure" not in c.slots)
    bare = replace(timeline, claims=kept)
    measures = tuple(_measures(milestones, next_number(bare)))
    return replace(
        bare,
        milestones=milestones,
        claims=(*kept, *measures),
        entries=tuple(_phased(timeline.entries, milestones)),
    )


def _said(entries: Sequence[Entry], evidence: Mapping[str, Evidence]) -> Iterator[Said]:
    for entry in entries[:_MOST]:
        one = evidence.get(entry.claim.evidence[0]) if entry.claim.evidence else None
        if one is None or one.medium is Medium.LOG or one.deleted or not one.confirmed:
            continue
        is_alert = bool(_MONITOR.search(one.author) and _ALERTS.search(one.text))
        yield Said(entry.start, one.text, entry.claim.id, is_alert)


def _measures(milestones: Sequence[Milestone], number: int) -> Iterator[Claim]:
    named = {m.mark: m for m in milestones if m.claim and m.time}
    for measure, first, last in MEASURES:
        one, other = named.get(first), named.get(last)
        if one is None or other is None or one.time is None or other.time is None:
            continue
        seconds = (other.time - one.time).total_seconds()
        if seconds < 0:
            continue  # a check reports the order; a negative time to anything is no measure
        yield Claim(
            id=f"C{number}",
            kind=ClaimKind.DERIVED,
            claims=(one.claim or "", other.claim or ""),
            slots={"measure": measure, "seconds": f"{seconds:.0f}"},
        )
        number += 1


def _phased(entries: Sequence[Entry], milestones: Sequence[Milestone]) -> Iterator[Entry]:
    at = {m.mark: m.time for m in milestones if m.time}
    for entry in entries:
        yield replace(entry, phase=_phase(entry.start, at))


def _phase(when: datetime, at: Mapping[Mark, datetime]) -> str:
    """Return the phase of a moment; empty as long as no milestone tells one."""
    detected, mitigated = at.get(Mark.DETECTED), at.get(Mark.MITIGATED)
    resolved = at.get(Mark.RESOLVED)
    if resolved is not None and when > resolved:
        return "after"
    if mitigated is not None and when > mitigated:
        return "recovery"
    response = min(
        (t for m in (Mark.ACKNOWLEDGED, Mark.DECLARED) if (t := at.get(m))), default=None
    )
    if response is not None and when >= response:
        return "response"
    if detected is not None:
        return "detection" if when >= detected else "before"
    return ""
