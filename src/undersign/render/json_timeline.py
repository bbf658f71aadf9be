"""Timelines, claims, evidence and clocks as JSON documents for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from undersign.records.claim import Claim, Entry
from undersign.records.clock import Clocks
from undersign.records.evidence import Evidence, Source
from undersign.records.timeline import Timeline
from undersign.render import timeline_words as words
from undersign.render.text_whys import Row, address


def document(timeline: Timeline, said: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return the whole timeline; `said` is claim id -> its sentence. Times are RFC 3339 UTC."""
    return {
        "path": path,
        "incident": timeline.incident,
        "title": timeline.title,
        "drafter": timeline.drafter,
        "milestones": [
            {
                "mark": m.mark,
                "time": _time(m.time),
                "claim": m.claim,
                "reason": m.reason,
                "by": m.by,
            }
            for m in timeline.milestones
        ],
        "measures": [
            {"name": c.slots["measure"], "seconds": float(c.slots["seconds"]), "claim": c.id}
            for _, _, c in words.measures(timeline)
        ],
        "entries": [_entry(one, said) for one in timeline.entries],
        "claims": [claim_document(c, said.get(c.id, "")) for c in timeline.claims],
        "gaps": [
            {"source": g.source or None, "start": _time(g.start), "end": _time(g.end)}
            for g in timeline.gaps
        ],
        "sources": [_source(one) for one in timeline.sources.values()],
        "warnings": list(words.warnings(timeline)),
        "duplicates": timeline.duplicates,
        "left_out": timeline.left_out,
        "evidence_sha256": timeline.evidence_digest,
    }


def claim_document(claim: Claim, sentence: str) -> dict[str, Any]:
    """Return one claim with what it cites."""
    return {
        "id": claim.id,
        "kind": claim.kind,
        "sentence": sentence or claim.text,
        "evidence": list(claim.evidence),
        "claims": list(claim.claims),
        "slots": dict(claim.slots),
        "by": claim.by,
    }


def evidence_document(one: Evidence) -> dict[str, Any]:
    """Return one raw line with its typed fields."""
    return {
        "id": one.id,
        "time": _time(one.time),
        "medium": one.medium,
        "facts": {role: list(values) for role, values in one.facts.items()},
        "outcome": one.outcome or None,
        "author": one.author or None,
        "edited": one.edited,
        "deleted": one.deleted,
        "confirmed": one.confirmed,
        "raw": one.raw,
    }


def clocks_document(clocks: Clocks) -> dict[str, Any]:
    """Return the deadlines; one without a signed anchor has a null date and says why."""
    return {
        "incident": clocks.incident,
        "timeline_sha256": clocks.timeline_digest,
        "anchors": dict(clocks.anchors),
        "deadlines": [
            asdict(one) | {"anchored_at": _time(one.anchored_at), "due": _time(one.due)}
            for one in clocks.deadlines
        ],
    }


def _entry(entry: Entry, said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "start": _time(entry.start),
        "end": _time(entry.end),
        "precision": entry.precision,
        "count": entry.count,
        "template": entry.template or None,
        "phase": entry.phase or None,
        "sources": list(entry.sources),
        "entities": [list(pair) for pair in entry.entities],
        **claim_document(entry.claim, said.get(entry.claim.id, "")),
    }


def _source(one: Source) -> dict[str, Any]:
    found = asdict(one)
    return found | {"first": _time(one.first), "last": _time(one.last)}


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def whys_document(rows: Sequence[Row], said: Mapping[str, str]) -> dict[str, Any]:
    """Return the whys for programs, with what is offered for each."""
    return {
        "whys": [
            {
                "number": node.number,
                "question": node.question,
                "answer": node.answer,
                "mark": node.mark,
                "evidence": list(node.cites),
                "about": node.parent,
                "offered": [
                    {"evidence": address(one), "sentence": said.get(one.claim.id, "")}
                    for one in offered
                ],
            }
            for node, offered in rows
        ]
    }
