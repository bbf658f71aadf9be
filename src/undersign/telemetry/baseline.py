"""Rules measured on history: the records behind `undersign baseline`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter

import numpy as np

from undersign.catalogs.log_sources import LogSources
from undersign.languages.sigma.document import Correlation, Rule, SigmaFile
from undersign.records.history import Contributor, Exclusion, Histories, History
from undersign.telemetry.correlate import Alert, Matched, correlate
from undersign.telemetry.intervals import poisson_rate
from undersign.telemetry.layout import Table
from undersign.telemetry.match.chunk import Within
from undersign.telemetry.match.program import Program, atoms_of
from undersign.telemetry.match.run import Chunks, Looked, Matcher
from undersign.telemetry.references import base_rules
from undersign.telemetry.tallies import Events, Tally
from undersign.telemetry.thresholds import propose

DETAILED = 60
"""Up to so many rules at once, every selection is measured on its own as well."""
_NOISY = 20
"""Matches from which on exclusions are proposed."""
_EXCLUSIONS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule file to measure."""

    path: str
    digest: str
    """Hex SHA-256 of the file's bytes."""
    file: SigmaFile
    lost_by: Callable[[str, str], tuple[str, ...]] = field(default=lambda field, value: ())
    """Which true-positive test cases carry this field and value: what an exclusion would lose."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The history to measure on."""

    tables: Mapping[str, Table]
    source: Chunks
    log_sources: LogSources
    snapshot: str = ""
    part: Within = field(default_factory=Within)


@dataclass
class _Job:
    """One detection rule of one file while it runs."""

    asked: Asked
    document: int
    rule: Rule
    tally: Tally
    events: list[tuple[int, Events]] = field(default_factory=list)
    """(document number of the correlation, what it collects)."""
    selections: dict[str, int] = field(default_factory=dict)


def measure(
    asked: Sequence[Asked], ground: Ground, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Histories]:
    """Measure every rule and correlation of these files in one pass over history.

    Returns path -> the histories of its documents. `progress` is told of every hit's rows.
    """
    begun = perf_counter()
    jobs = [job for one in asked for job in _jobs(one)]
    program = Program([job.rule for job in jobs], ground.log_sources)
    selections = _selections(jobs, program) if len(jobs) <= DETAILED else []
    matcher = Matcher(program, ground.tables, ground.part)
    for hit in matcher.hits(ground.source):
        job = jobs[hit.rule] if hit.rule < len(jobs) else None
        if job is None:
            owner, name = selections[hit.rule - len(jobs)]
            jobs[owner].selections[name] = jobs[owner].selections.get(name, 0) + int(hit.rows.size)
            continue
        job.tally.add(hit)
        for _, events in job.events:
            events.add(hit)
        progress(int(hit.rows.size))
    seconds = perf_counter() - begun
    found: dict[str, dict[int, History]] = {one.path: {} for one in asked}
    for number, job in enumerate(jobs):
        found[job.asked.path][job.document] = _history(job, number, matcher, ground, seconds)
    for one in asked:
        _correlations(one, jobs, found[one.path], ground, seconds)
    return {path: Histories(dict(sorted(h.items()))) for path, h in found.items()}


def _jobs(asked: Asked) -> list[_Job]:
    jobs = []
    for number, document in enumerate(asked.file.documents):
        if isinstance(document, Rule):
            fields = (a.field for c in document.conditions for a in atoms_of(c) if a.field)
            tally = Tally(tuple(dict.fromkeys(fields)))
            jobs.append(
                _Job(asked, number, document, tally, [], dict.fromkeys(document.selections, 0))
            )
    for number, document in enumerate(asked.file.documents):
        if isinstance(document, Correlation):
            for name, rule in base_rules(document, asked.file).items():
                for job in jobs:
                    if job.rule is rule:
                        job.events.append((number, _events(document, name)))
    return jobs


def _events(correlation: Correlation, name: str) -> Events:
    def real(field: str) -> str:
        return correlation.aliases.get(field, {}).get(name, field)

    counted = real(correlation.field) if correlation.field else None
    return Events(name, tuple(real(f) for f in correlation.group_by), counted)


def _selections(jobs: Sequence[_Job], program: Program) -> list[tuple[int, str]]:
    """Add every named selection as a rule of its own, so that each is counted in the same pass."""
    names = [(n, name) for n, job in enumerate(jobs) for name in job.selections]
    program.extend(
        replace(jobs[n].rule, conditions=(jobs[n].rule.selections[name],)) for n, name in names
    )
    return names


def _history(job: _Job, number: int, matcher: Matcher, ground: Ground, seconds: float) -> History:
    status, missing = matcher.missing(number)
    looked, tally = matcher.looked[number], job.tally
    days = _days(looked)
    measured = status == "measured"
    return History(
        path=job.asked.path,
        title=job.rule.title,
        artifact_digest=job.asked.digest,
        status=status,
        missing=missing,
        matches=tally.matches,
        per_day=_every_day(tally.per_day, looked) if measured else {},
        per_host=dict(tally.per_host.most_common()),
        rate_per_day=poisson_rate(tally.matches, days) if measured else None,
        events=looked.events,
        days=days if looked.events else 0.0,
        first=_rfc3339(looked.first),
        last=_rfc3339(looked.last),
        top=tally.top(),
        sample=tuple(event for _, event in tally.sample),
        exclusions=_exclusions(job) if measured else (),
        selection_matches=dict(job.selections) if measured else {},
        snapshot=ground.snapshot,
        seconds=seconds,
    )


def _days(looked: Looked) -> float:
    if looked.first is None or looked.last is None:
        return 1.0
    return max(1.0, (looked.last - looked.first) / 86_400_000_000)


def _every_day(per_day: Mapping[str, int], looked: Looked) -> dict[str, int]:
    """Fill in the days without a match, as long as history is not years of scattered samples."""
    days = set(per_day)
    if looked.first is not None and looked.last is not None:
        first, last = looked.first // 86_400_000_000, looked.last // 86_400_000_000
        if last - first < 400:
            days |= {_date(day) for day in range(first, last + 1)}
    return {day: per_day.get(day, 0) for day in sorted(days)}


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def _rfc3339(micros: int | None) -> str | None:
    if micros is None:
        return None
    moment = datetime.fromtimestamp(micros / 1_000_000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _exclusions(job: _Job) -> tuple[Exclusion, ...]:
    """Propose the values that would quieten a noisy rule most, with what each would lose."""
    tally = job.tally
    if tally.matches < _NOISY:
        return ()
    rows = [
        (count, name, value)
        for name, counts in tally.values.items()
        for value, count in counts.most_common(3)
        if tally.matches * 0.2 <= count < tally.matches
    ]
    return tuple(
        Exclusion(name, value, count, job.asked.lost_by(name, value))
        for count, name, value in sorted(rows, reverse=True)[:_EXCLUSIONS]
    )


def _correlations(
    asked: Asked,
    jobs: Sequence[_Job],
    found: dict[int, History],
    ground: Ground,
    seconds: float,
) -> None:
    for number, document in enumerate(asked.file.documents):
        if not isinstance(document, Correlation):
            continue
        mine = [job for job in jobs if job.asked is asked]
        collected = [e for job in mine for n, e in job.events if n == number]
        bases = [found[job.document] for job in mine for n, _ in job.events if n == number]
        found[number] = _correlation(asked, document, collected, bases, (ground, seconds))


def _correlation(
    asked: Asked,
    document: Correlation,
    collected: Sequence[Events],
    bases: Sequence[History],
    around: tuple[Ground, float],
) -> History:
    ground, seconds = around
    events = [m for one in collected for m in one.found]
    missing = tuple(_unlooked(document, collected, bases))
    blocked = (
        document.problems
        or not bases
        or len(collected) < len(set(document.rules))
        or any(b.status != "measured" for b in bases)
        or any(one.overflow for one in collected)
    )
    days = max((b.days for b in bases), default=0.0)
    history = History(
        path=asked.path,
        title=document.title,
        artifact_digest=asked.digest,
        status="unmeasured" if blocked else "measured",
        missing=missing,
        events=sum(b.events for b in bases),
        days=days,
        first=min((b.first for b in bases if b.first), default=None),
        last=max((b.last for b in bases if b.last), default=None),
        snapshot=ground.snapshot,
        seconds=seconds,
    )
    return history if blocked else _with_alerts(history, document, events)


def _with_alerts(history: History, document: Correlation, events: list[Matched]) -> History:
    alerts = correlate(document, events)
    days = max(history.days, 1.0)
    looked = Looked(first=_micros(history.first), last=_micros(history.last))
    tally = Tally(document.group_by)
    tally._days(np.array([a.last for a in alerts], dtype=np.int64))
    return replace(
        history,
        matches=len(alerts),
        per_day=_every_day(tally.per_day, looked),
        per_host={},
        rate_per_day=poisson_rate(len(alerts), days),
        top=_top_groups(document, alerts),
        sample=tuple(a.events[0] for a in alerts[:5]),
        threshold=propose(document, events, days),
    )


def _top_groups(document: Correlation, alerts: Iterable[Alert]) -> tuple[Contributor, ...]:
    counts: dict[tuple[str, str], int] = {}
    for alert in alerts:
        for name, value in zip(document.group_by, alert.group, strict=True):
            counts[name, value] = counts.get((name, value), 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Contributor(name, value, count) for (name, value), count in ranked[:10])


def _micros(written: str | None) -> int | None:
    return int(datetime.fromisoformat(written).timestamp() * 1_000_000) if written else None


def _unlooked(
    document: Correlation, collected: Sequence[Events], bases: Sequence[History]
) -> Iterable[str]:
    yield from (p.message for p in document.problems)
    known = {one.rule for one in collected}
    yield from (
        f"rule {name!r} is not in this file" for name in document.rules if name not in known
    )
    yield from (f"{b.title}: {m}" for b in bases for m in b.missing)
    undated = sum(one.undated for one in collected)
    ungrouped = sum(one.ungrouped for one in collected)
    if undated:
        yield f"{undated:,} matches have no time and could not be placed in a window"
    if ungrouped:
        fields = ", ".join(document.group_by)
        yield f"{ungrouped:,} matches lack {fields} and could not be grouped"
    if any(one.overflow for one in collected):
        yield "more matches than can be correlated at once; narrow the rule or use --since"
