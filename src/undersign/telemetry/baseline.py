"""Rules measured on history: the records behind `undersign baseline`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from time import perf_counter

from undersign.catalogs.log_sources import LogSources
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.filters import apply_filter
from undersign.records.history import Exclusion, Histories, History
from undersign.telemetry.alerts import Correlations
from undersign.telemetry.days import days_of, every_day, rfc3339
from undersign.telemetry.intervals import poisson_rate
from undersign.telemetry.layout import Table
from undersign.telemetry.match.chunk import Within
from undersign.telemetry.match.program import Program, atoms_of
from undersign.telemetry.match.run import Chunks, Matcher
from undersign.telemetry.tallies import Events, Tally

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
class Job:
    """One detection rule of one file while it runs."""

    asked: Asked
    document: int
    written: Rule
    """As it stands in the file."""
    rule: Rule
    """With the filters that are for it."""
    tally: Tally
    collects: list[Events] = field(default_factory=list)
    """What correlations need of its matches."""
    selections: dict[str, int] = field(default_factory=dict)


def measure(
    asked: Sequence[Asked], ground: Ground, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Histories]:
    """Measure every rule and correlation of these files in one pass over history.

    Filters of these files are applied to the rules they name; correlations may name rules of any of
    them. Returns path -> the histories of its documents. `progress` is told of every hit's rows.
    """
    begun = perf_counter()
    jobs = _jobs(asked)
    correlations = Correlations(asked, jobs)
    program = Program([job.rule for job in jobs], ground.log_sources)
    selections = _selections(jobs, program) if len(jobs) <= DETAILED else []
    matcher = Matcher(program, ground.tables, ground.part)
    for hit in matcher.hits(ground.source):
        size = int(hit.rows.size)
        progress(size)
        if hit.rule >= len(jobs):
            owner, name = selections[hit.rule - len(jobs)]
            jobs[owner].selections[name] = jobs[owner].selections.get(name, 0) + size
            continue
        jobs[hit.rule].tally.add(hit)
        for events in jobs[hit.rule].collects:
            events.add(hit)
    seconds = perf_counter() - begun
    found: dict[str, dict[int, History]] = {one.path: {} for one in asked}
    for number, job in enumerate(jobs):
        found[job.asked.path][job.document] = _history(job, number, matcher, ground, seconds)
    for path, document, history in correlations.histories(found):
        found[path][document] = replace(history, snapshot=ground.snapshot, seconds=seconds)
    return {path: Histories(dict(sorted(h.items()))) for path, h in found.items()}


def _jobs(asked: Sequence[Asked]) -> list[Job]:
    filters = [f for one in asked for f in one.file.filters]
    jobs = []
    for one in asked:
        for number, document in enumerate(one.file.documents):
            if isinstance(document, Rule):
                rule = reduce(apply_filter, filters, document)
                fields = (a.field for c in rule.conditions for a in atoms_of(c) if a.field)
                tally = Tally(tuple(dict.fromkeys(fields)))
                counted = dict.fromkeys(rule.selections, 0)
                jobs.append(Job(one, number, document, rule, tally, [], counted))
    return jobs


def _selections(jobs: Sequence[Job], program: Program) -> list[tuple[int, str]]:
    """Add every named selection as a rule of its own, so that each is counted in the same pass."""
    names = [(n, name) for n, job in enumerate(jobs) for name in job.selections]
    program.extend(
        replace(jobs[n].rule, conditions=(jobs[n].rule.selections[name],)) for n, name in names
    )
    return names


def _history(job: Job, number: int, matcher: Matcher, ground: Ground, seconds: float) -> History:
    status, missing = matcher.missing(number)
    looked, tally = matcher.looked[number], job.tally
    days = days_of(looked.first, looked.last)
    measured = status == "measured"
    return History(
        path=job.asked.path,
        title=job.rule.title,
        artifact_digest=job.asked.digest,
        status=status,
        missing=missing,
        matches=tally.matches,
        per_day=every_day(tally.per_day, looked.first, looked.last) if measured else {},
        per_host=dict(tally.per_host.most_common()),
        rate_per_day=poisson_rate(tally.matches, days) if measured else None,
        events=looked.events,
        days=days if looked.events else 0.0,
        first=rfc3339(looked.first),
        last=rfc3339(looked.last),
        top=tally.top(),
        sample=tuple(event for _, event in tally.sample),
        exclusions=_exclusions(job, ground.log_sources) if measured else (),
        selection_matches=dict(job.selections) if measured else {},
        snapshot=ground.snapshot,
        seconds=seconds,
    )


def _exclusions(job: Job, sources: LogSources) -> tuple[Exclusion, ...]:
    """Propose the values that would quieten a noisy rule most, with what each would lose.

    The host that wrote the log is never proposed: leaving out a domain controller leaves out all
    that it sees.
    """
    tally = job.tally
    hosts = {name.lower() for source in sources.sources for name in source.host}
    if tally.matches < _NOISY:
        return ()
    rows = [
        (count, name, value)
        for name, counts in tally.values.items()
        if name.lower() not in hosts
        for value, count in counts.most_common(3)
        if tally.matches * 0.2 <= count < tally.matches
    ]
    return tuple(
        Exclusion(name, value, count, job.asked.lost_by(name, value))
        for count, name, value in sorted(rows, reverse=True)[:_EXCLUSIONS]
    )
