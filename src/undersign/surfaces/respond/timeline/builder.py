"""Build a timeline: alike lines become one entry, single ones stay, messages stand among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.evidence import Evidence, Medium, Source
from undersign.records.timeline import Timeline
from undersign.surfaces.respond.entities import entities
from undersign.surfaces.respond.json_fields import rfc3339
from undersign.surfaces.respond.timeline.gaps import gaps
from undersign.surfaces.respond.timeline.runs import KEPT, Activity, Budget, Line, Run, Runs
from undersign.surfaces.respond.timeline.skew import Skews
from undersign.surfaces.respond.timeline.templates import OTHER, Templates
from undersign.telemetry.logbook import NAT, Log, evidence_of, moment

QUOTED = 300
"""Characters of a message that its entry quotes."""
_MOST_ENTITIES = 24
_COMPARED = 20_000
"""Lines of a log in which ids are looked for that other sources may have, too."""
_SAME = 1_000_000
"""Microseconds within which two sources tell the same event."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_SLOTS_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Built:
    """A timeline, and the evidence that its claims cite."""

    timeline: Timeline
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry before it has a number."""

    entry: Entry
    evidence: tuple[Evidence, ...]
    message: str = ""
    """What its line says; entries of two sources that say the same are one."""


class Builder:
    """Takes in logs and channels one by one; memory does not grow with their length."""

    def __init__(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        most_templates: int = 5_000,
        quiet: int = 3_600,
    ) -> None:
        self._since, self._until = _micros(since), _micros(until)
        self._most, self._quiet = most_templates, quiet * 1_000_000
        self._sources: dict[str, Source] = {}
        self._drafts: list[_Draft] = []
        self._activity: dict[str, Activity] = {}
        self._skews = Skews()
        self._budget = Budget()
        self._left_out = 0

    def add(self, log: Log) -> None:
        """Read a log to its end."""
        templates = Templates(self._most)
        runs = Runs(self._quiet, log.format.facts, self._budget)
        activity = Activity()
        compared = 0
        for batch in log.batches():
            known = batch.times != NAT
            wanted = known.copy()
            if self._since is not None:
                wanted &= batch.times >= self._since
            if self._until is not None:
                wanted &= batch.times < self._until
            self._left_out += int(np.count_nonzero(known)) - int(np.count_nonzero(wanted))
            activity.add(batch.times[wanted])
            compared += self._skews.look(log.told.name, batch, _COMPARED - compared)
            runs.add(batch, templates.numbers(batch.messages), wanted)
        source = log.source()
        self._sources[source.name] = source
        self._activity[source.name] = activity
        for number, run in runs:
            text = "" if number == OTHER else templates.text(number)
            self._drafts += self._told(log, text, run)

    def add_messages(self, source: Source, evidence: Sequence[Evidence]) -> None:
        """Take in the messages of a channel; those without a time are counted as untimed."""
        self._sources[source.name] = source
        activity = self._activity.setdefault(source.name, Activity())
        times = [_micros(one.time) for one in evidence]
        activity.add(np.array([t for t in times if t is not None], dtype=np.int64))
        for one, time in zip(evidence, times, strict=True):
            if time is None:
                continue
            if self._outside(time):
                self._left_out += 1
            else:
                self._drafts.append(_message(one))

    def build(self, incident: str, title: str) -> Built:
        """Return the timeline; the same sources in any order give the same one."""
        drafts, duplicates = _merged(sorted(self._drafts, key=_order))
        evidence: dict[str, Evidence] = {}
        entries = []
        for number, draft in enumerate(drafts, 1):
            claim = replace(draft.entry.claim, id=f"C{number}")
            entries.append(replace(draft.entry, claim=claim))
            evidence |= {one.id: one for one in draft.evidence}
        timeline = Timeline(
            incident=incident,
            title=title,
            sources={name: self._sources[name] for name in sorted(self._sources)},
            entries=tuple(entries),
            gaps=gaps(self._activity),
            warnings=(*self._skews.warnings(), *_odd_times(entries)),
            duplicates=duplicates,
            left_out=self._left_out,
        )
        return Built(timeline, dict(sorted(evidence.items())))

    def _outside(self, time: int) -> bool:
        before = self._since is not None and time < self._since
        return before or (self._until is not None and time >= self._until)

    def _told(self, log: Log, template: str, run: Run) -> Iterator[_Draft]:
        lines = run.kept()
        if run.count <= KEPT and len(lines) == run.count:
            for one in lines:
                yield _single(log, one)
        else:
            yield _group(log, template, run, lines)


def _single(log: Log, line: Line) -> _Draft:
    evidence = evidence_of(log, line.line, line.raw, line.time, log.format.precision)
    assert evidence.time is not None
    slots = {"time": rfc3339(evidence.time)}
    slots |= {role: values[0] for role, values in evidence.facts.items() if _fits(values[0])}
    if evidence.outcome:
        slots["outcome"] = evidence.outcome
    if not ({"action", "event"} & slots.keys()):
        slots["template"] = line.message[:_SLOTS_LONGEST]
    claim = Claim("", ClaimKind.OBSERVED, (evidence.id,), slots=slots)
    entry = Entry(
        claim,
        evidence.time,
        precision=evidence.precision,
        sources=(evidence.source,),
        entities=_entities((evidence,)),
    )
    return _Draft(entry, (evidence,), line.message)


def _group(log: Log, template: str, run: Run, lines: Sequence[Line]) -> _Draft:
    evidence = tuple(
        evidence_of(log, one.line, one.raw, one.time, log.format.precision) for one in lines
    )
    start, end = moment(run.start), moment(run.end)
    assert start is not None
    slots = {"time": rfc3339(start), "count": str(run.count)}
    if end is not None and end != start:
        slots["until"] = rfc3339(end)
    slots["template"] = (template or "other lines, of many kinds")[:_SLOTS_LONGEST]
    slots |= {role: value for role, value in (run.agreed or {}).items() if _fits(value)}
    if run.outcome:
        slots["outcome"] = run.outcome
    claim = Claim("", ClaimKind.OBSERVED, tuple(one.id for one in evidence), slots=slots)
    entry = Entry(
        claim,
        start,
        end,
        precision=log.format.precision,
        count=run.count,
        template=template or "other lines",
        sources=(log.told.name,),
        entities=_entities(evidence),
    )
    return _Draft(entry, evidence)


def _message(one: Evidence) -> _Draft:
    assert one.time is not None
    text = " ".join(one.text.split())
    quote = text if len(text) <= QUOTED else text[:QUOTED].rstrip() + "..."
    slots = {"time": rfc3339(one.time), "author": one.author or "somebody", "quote": quote}
    notes = [
        word
        for word, so in (
            ("edited later", one.edited),
            ("deleted later", one.deleted),
            ("read from a picture, to be confirmed", one.medium is Medium.SCREENSHOT),
        )
        if so
    ]
    if notes:
        slots["note"] = ", ".join(notes)
    claim = Claim("", ClaimKind.OBSERVED, (one.id,), slots=slots)
    entry = Entry(
        claim,
        one.time,
        precision=one.precision,
        sources=(one.source,),
        entities=_entities((one,)),
    )
    return _Draft(entry, (one,))


def _fits(value: str) -> bool:
    return len(value) <= _SLOTS_LONGEST


def _entities(evidence: Sequence[Evidence]) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for one in evidence:
        for role, value in one.values():
            if role in ("actor", "target", "address", "host", "hash", "file", "process"):
                found[(role, value)] = None
        found |= dict.fromkeys(entities(one.text or one.raw))
    return tuple(list(found)[:_MOST_ENTITIES])


def _order(draft: _Draft) -> tuple[datetime, str, int, str]:
    first = draft.evidence[0]
    return draft.entry.start, first.source, first.line, draft.entry.template


def _merged(drafts: Sequence[_Draft]) -> tuple[list[_Draft], int]:
    """Tell once what two sources say of the same moment in the same words.

    Returns the drafts and how many were told with another.
    """
    kept: list[_Draft] = []
    newest: dict[str, int] = {}
    duplicates = 0
    for draft in drafts:
        at = newest.get(draft.message) if draft.message else None
        if at is not None and _is_same(kept[at], draft):
            kept[at] = _with(kept[at], draft)
            duplicates += draft.entry.count
            continue
        if draft.message:
            newest[draft.message] = len(kept)
        kept.append(draft)
    return kept, duplicates


def _is_same(one: _Draft, other: _Draft) -> bool:
    apart = abs((other.entry.start - one.entry.start).total_seconds()) * 1e6
    sources = {e.source for e in one.evidence}
    alike = other.evidence[0].raw == one.evidence[0].raw
    return apart <= _SAME and (other.evidence[0].source not in sources or (alike and not apart))


def _with(one: _Draft, other: _Draft) -> _Draft:
    evidence = (*one.evidence, *other.evidence)
    claim = replace(one.entry.claim, evidence=tuple(e.id for e in evidence))
    sources = tuple(dict.fromkeys((*one.entry.sources, *other.entry.sources)))
    return replace(one, entry=replace(one.entry, claim=claim, sources=sources), evidence=evidence)


def _odd_times(entries: Sequence[Entry]) -> Iterator[str]:
    early = [one.claim.id for one in entries if one.start < _EARLIEST]
    if early:
        yield f"{len(early)} entries are before 1990, such as {early[0]}: clocks that were not set"


def _micros(when: datetime | None) -> int | None:
    if when is None:
        return None
    return int(when.timestamp()) * 1_000_000 + when.microsecond
