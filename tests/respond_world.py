"""The small world of a card about an incident: a document, timeline or clocks, and the evidence."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from undersign.checks.cards import Example
from undersign.checks.spec import Check, Grounds, run
from undersign.records.artifact import Artifact
from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.clock import Clocks, Deadline
from undersign.records.evidence import CaseFile, Evidence, Medium, Precision, Source
from undersign.records.finding import Outcome
from undersign.records.timeline import Gap, Mark, Milestone, Timeline
from undersign.surfaces.respond import clocks_file, timeline_file

LANGUAGES = ("markdown", "timeline", "clocks")
PATHS = {"timeline": "incidents/card/timeline.json", "clocks": "incidents/card/clocks.json"}
ALSO: Mapping[str, str] = {
    # name in the TOML -> module:function(body) -> ground, of the owner of that ground
    "files": "document_world:files_of",
    "secrets": "document_world:secrets_of",
    "internal": "document_world:internal_of",
    "signed": "signed_world:signed_of",
    "now": "signed_world:now_of",
}


def grounds_of(example: Example) -> Grounds:
    """Build every ground that a card states.

    `[[evidence]]` and `[[sources]]` give the case file; `[timeline]`, `[[claims]]` the timeline.
    """
    stated = tomllib.loads(example.grounds)
    found: list[object] = []
    if "evidence" in stated or "sources" in stated:
        found.append(case_file_of(stated))
    if "timeline" in stated or "claims" in stated:
        found.append(
            timeline_of({**stated.get("timeline", {}), "claims": stated.get("claims", [])})
        )
    found += [_also(name, stated[name]) for name in ALSO if name in stated]
    return Grounds({type(g): g for g in found}, {})


def outcome_of(check: Check, example: Example, grounds: Grounds) -> Outcome:
    kind = check.kinds[0]
    text = text_of(example)
    path = PATHS.get(kind, f"incidents/card/{kind}.md")
    return run(check, Artifact(path, kind, text), parsed(example.language, text), grounds)


def text_of(example: Example) -> str:
    """Return the artifact's text: Markdown as it stands, the others made from their TOML."""
    if example.language == "markdown" or example.rule.strip() == "{":
        return example.rule
    stated = tomllib.loads(example.rule)
    if example.language == "timeline":
        return timeline_file.write(timeline_of(stated))
    return clocks_file.write(clocks_of(stated))


def parsed(language: str, text: str) -> object:
    if language == "timeline":
        return timeline_file.read(text)
    if language == "clocks":
        return clocks_file.read(text)
    return import_module("undersign.languages.markdown").parse(text)


def case_file_of(stated: Mapping[str, Any]) -> CaseFile:
    evidence = {one["id"]: evidence_of(one) for one in stated.get("evidence", ())}
    names = dict.fromkeys(one.source for one in evidence.values())
    sources = {name: Source(name, name, "", "card") for name in names}
    sources |= {one["name"]: Source(**_timed(one)) for one in stated.get("sources", ())}
    case = stated.get("case", {})
    return CaseFile(
        sources, evidence, case.get("digest", ""), timeline_digest=case.get("timeline", "")
    )


def evidence_of(body: Mapping[str, Any]) -> Evidence:
    source, _, line = body["id"].rpartition(":")
    facts = {role: _list(value) for role, value in body.get("facts", {}).items()}
    return Evidence(
        id=body["id"],
        source=source,
        line=int(line),
        time=moment(body["time"]) if "time" in body else None,
        raw=body.get("raw", body.get("text", "")),
        medium=Medium(body.get("medium", "message" if "author" in body else "log")),
        precision=Precision(body.get("precision", "second")),
        facts=facts or ({"actor": (body["author"],)} if "author" in body else {}),
        outcome=body.get("outcome", ""),
        author=body.get("author", ""),
        text=body.get("text", ""),
        edited=body.get("edited", False),
        confirmed=body.get("confirmed", True),
    )


def timeline_of(stated: Mapping[str, Any]) -> Timeline:
    entries = tuple(
        Entry(
            claim=claim_of(one["claim"]),
            start=moment(one["start"]),
            end=moment(one["end"]) if "end" in one else None,
            precision=Precision(one.get("precision", "second")),
            count=one.get("count", 1),
            template=one.get("template", ""),
            phase=one.get("phase", ""),
        )
        for one in stated.get("entries", ())
    )
    marks = {one["mark"]: one for one in stated.get("milestones", ())}
    sources = {one["name"]: Source(**_timed(one)) for one in stated.get("sources", ())}
    return Timeline(
        incident=stated.get("incident", "card"),
        title=stated.get("title", "A card"),
        sources=sources,
        entries=entries,
        claims=tuple(claim_of(one) for one in stated.get("claims", ())),
        milestones=tuple(
            Milestone(
                Mark(mark),
                one.get("claim"),
                moment(one["time"]) if "time" in one else None,
                one.get("reason", ""),
                one.get("by", "offline"),
            )
            for mark, one in marks.items()
        ),
        gaps=tuple(
            Gap(one["source"], moment(one["start"]), moment(one["end"]))
            for one in stated.get("gaps", ())
        ),
        warnings=tuple(stated.get("warnings", ())),
        evidence_digest=stated.get("evidence_sha256", ""),
    )


def claim_of(body: Mapping[str, Any]) -> Claim:
    return Claim(
        id=body["id"],
        kind=ClaimKind(body.get("kind", "observed")),
        evidence=_list(body.get("evidence", ())),
        claims=_list(body.get("claims", ())),
        slots={key: str(value) for key, value in body.get("slots", {}).items()},
        text=body.get("text", ""),
        by=body.get("by", "offline"),
    )


def clocks_of(stated: Mapping[str, Any]) -> Clocks:
    return Clocks(
        incident=stated.get("incident", "card"),
        timeline_digest=stated.get("timeline_sha256", ""),
        zone=stated.get("zone", "UTC"),
        country=stated.get("country", ""),
        anchors=tuple((key, claim) for key, claim in stated.get("anchors", {}).items()),
        deadlines=tuple(Deadline(**_timed(one)) for one in stated.get("deadlines", ())),
    )


def moment(written: object) -> datetime:
    """Return a time of a card in UTC; TOML has its own."""
    if isinstance(written, datetime):
        return written.astimezone(UTC)
    return datetime.fromisoformat(str(written)).astimezone(UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _timed(body: Mapping[str, Any]) -> dict[str, Any]:
    plain = {"path": "", "digest": "", "format": ""} if "name" in body else {}
    times = {k: moment(v) for k, v in body.items() if isinstance(v, datetime)}
    lists = {k: tuple(v) for k, v in body.items() if isinstance(v, list)}
    return {**plain, **body, **times, **lists}


def _list(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _also(name: str, body: object) -> object:
    module, _, function = ALSO[name].partition(":")
    builder: Callable[[object], object] = getattr(import_module(module), function)
    return builder(body)
