"""`timeline.json`: the claims of an incident as a file that can be signed, read and written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.evidence import Medium, Precision, Source
from undersign.records.timeline import Gap, Mark, Milestone, Timeline, TimelineFile
from undersign.surfaces.respond.json_fields import Fields, Wrong, rfc3339

FORMAT = "undersign/timeline/1"


def is_timeline(text: str) -> bool:
    """Tell by a look at its beginning whether a text is a timeline."""
    return f'"{FORMAT}"' in text[:200]


def write(timeline: Timeline) -> str:
    """Return the file's text: JSON, one object a line within lists, ASCII only.

    ASCII, so that no character of a log line can change how the file is shown.
    """
    head = {
        "format": FORMAT,
        "incident": timeline.incident,
        "title": timeline.title,
        "drafter": timeline.drafter,
        "evidence_sha256": timeline.evidence_digest,
        "duplicates": timeline.duplicates,
        "left_out": timeline.left_out,
        "warnings": list(timeline.warnings),
    }
    lists: dict[str, list[dict[str, Any]]] = {
        "sources": [_source_out(one) for one in timeline.sources.values()],
        "milestones": [_milestone_out(one) for one in timeline.milestones],
        "claims": [_claim_out(one) for one in timeline.claims],
        "entries": [_entry_out(one) for one in timeline.entries],
        "gaps": [
            {"source": g.source, "start": rfc3339(g.start), "end": rfc3339(g.end)}
            for g in timeline.gaps
        ],
    }
    parts = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, rows in lists.items():
        inner = ",\n  ".join(json.dumps(row) for row in rows)
        parts.append(f" {json.dumps(key)}: [\n  {inner}\n ]" if rows else f' "{key}": []')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read(text: str) -> TimelineFile:
    """Read a timeline; what cannot be read is a problem of the file, and nothing is raised."""
    try:
        said = Fields(json.loads(text), "")
        if said.text("format") != FORMAT:
            raise Wrong(f"format must be {FORMAT!r}")
        return TimelineFile(_timeline(said))
    except json.JSONDecodeError as error:
        problem = f"no JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    except RecursionError:
        problem = "no timeline: it is nested too deeply"
    except Wrong as error:
        problem = str(error)
    except ValueError as error:  # a number of too many digits
        problem = f"no JSON: {error}"
    return TimelineFile(Timeline("", ""), (problem,))


def _timeline(said: Fields) -> Timeline:
    sources = [_source(one) for one in said.each("sources")]
    entries = tuple(_entry(one) for one in said.each("entries"))
    claims = tuple(_claim(one) for one in said.each("claims"))
    made = Timeline(
        incident=said.text("incident"),
        title=said.text("title", ""),
        sources={one.name: one for one in sources},
        entries=entries,
        claims=claims,
        milestones=tuple(_milestone(one) for one in said.each("milestones")),
        gaps=tuple(
            Gap(one.text("source", ""), one.time("start"), one.time("end"))
            for one in said.each("gaps")
        ),
        warnings=said.texts("warnings"),
        duplicates=said.whole("duplicates", 0),
        left_out=said.whole("left_out", 0),
        evidence_digest=said.text("evidence_sha256", ""),
        drafter=said.text("drafter", "offline"),
    )
    _refuse_twins(made, len(sources))
    return made


def _refuse_twins(made: Timeline, sources: int) -> None:
    counts = Counter(claim.id for claim in made.every_claim())
    for claim_id, count in counts.most_common(1):
        if count > 1:
            raise Wrong(f"{count} claims share the id {claim_id}")
    if len(made.sources) != sources:
        raise Wrong("sources share a name")


def _claim_out(claim: Claim) -> dict[str, Any]:
    found: dict[str, Any] = {"id": claim.id, "kind": str(claim.kind)}
    optional = {
        "evidence": list(claim.evidence),
        "claims": list(claim.claims),
        "slots": dict(claim.slots),
        "text": claim.text,
    }
    found |= {key: value for key, value in optional.items() if value}
    return {**found, "by": claim.by}


def _claim(said: Fields) -> Claim:
    return Claim(
        id=said.text("id"),
        kind=_one_of(ClaimKind, said, "kind"),
        evidence=said.texts("evidence"),
        claims=said.texts("claims"),
        slots=said.words("slots"),
        text=said.text("text", ""),
        by=said.text("by", "offline"),
    )


def _entry_out(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {"start": rfc3339(entry.start)}
    optional = {
        "end": rfc3339(entry.end) if entry.end else None,
        "count": entry.count if entry.count != 1 else None,
        "template": entry.template,
        "phase": entry.phase,
        "sources": list(entry.sources),
        "entities": [list(pair) for pair in entry.entities],
    }
    found |= {key: value for key, value in optional.items() if value}
    return {**found, "precision": str(entry.precision), "claim": _claim_out(entry.claim)}


def _entry(said: Fields) -> Entry:
    return Entry(
        claim=_claim(said.inner("claim")),
        start=said.time("start"),
        end=said.maybe_time("end"),
        precision=_one_of(Precision, said, "precision"),
        count=said.whole("count", 1),
        template=said.text("template", ""),
        sources=said.texts("sources"),
        phase=said.text("phase", ""),
        entities=said.pairs("entities"),
    )


def _milestone_out(one: Milestone) -> dict[str, Any]:
    time = rfc3339(one.time) if one.time else None
    return {
        "mark": str(one.mark),
        "claim": one.claim,
        "time": time,
        "reason": one.reason,
        "by": one.by,
    }


def _milestone(said: Fields) -> Milestone:
    return Milestone(
        mark=_one_of(Mark, said, "mark"),
        claim=said.text("claim") if said.raw("claim") is not None else None,
        time=said.maybe_time("time"),
        reason=said.text("reason", ""),
        by=said.text("by", "offline"),
    )


def _source_out(one: Source) -> dict[str, Any]:
    return {
        "name": one.name,
        "path": one.path,
        "sha256": one.digest,
        "format": one.format,
        "medium": str(one.medium),
        "zone": one.zone,
        "zone_known": one.zone_known,
        "skew": one.skew,
        "year_known": one.year_known,
        "lines": one.lines,
        "untimed": one.untimed,
        "rejects": one.rejects,
        "rejected": [[line, why] for line, why in one.rejected],
        "first": rfc3339(one.first) if one.first else None,
        "last": rfc3339(one.last) if one.last else None,
        "disordered": one.disordered,
        "warnings": list(one.warnings),
    }


def _source(said: Fields) -> Source:
    return Source(
        name=said.text("name"),
        path=said.text("path", ""),
        digest=said.text("sha256", ""),
        format=said.text("format", ""),
        medium=_one_of(Medium, said, "medium"),
        zone=said.text("zone", "UTC"),
        zone_known=said.text("zone_known", "written"),
        skew=said.number("skew", 0.0),
        year_known=said.text("year_known", "written"),
        lines=said.whole("lines", 0),
        untimed=said.whole("untimed", 0),
        rejected=_rejected(said),
        rejects=said.whole("rejects", 0),
        first=said.maybe_time("first"),
        last=said.maybe_time("last"),
        disordered=said.whole("disordered", 0),
        warnings=said.texts("warnings"),
    )


def _rejected(said: Fields) -> tuple[tuple[int, str], ...]:
    found = said.raw("rejected") or []
    try:
        return tuple((int(line), str(why)) for line, why in found)
    except (TypeError, ValueError) as error:
        raise Wrong(f"{said.place}rejected must be a list of [line, why]") from error


def _one_of(kind: Any, said: Fields, name: str) -> Any:
    found = said.text(name)
    try:
        return kind(found)
    except ValueError as error:
        known: Mapping[str, Any] = kind.__members__
        wanted = ", ".join(str(one) for one in known.values())
        raise Wrong(f"{said.place}{name} must be one of {wanted}") from error
