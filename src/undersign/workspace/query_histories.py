"""KQL, SPL and SQL rules measured on the lake: what `baseline` says of a query.

A query that looks back from now is replayed as it would have been scheduled, once for every day of
history with `now` at the day's end. Any other query is run once over all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from undersign.errors import QueryRefused, UsageError
from undersign.records.history import Contributor, Histories, History
from undersign.records.query import Query, comparisons
from undersign.telemetry.days import UNDATED_DAY
from undersign.workspace.critique import Critic
from undersign.workspace.grounds import Subject
from undersign.workspace.languages import LANGUAGES
from undersign.workspace.querying import Asked, Limits, Prepared, prepare, rfc3339
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.telemetry.layout import Table

MOST_DAYS = 60
"""Days that are replayed; of a longer history, the newest."""
_TOP = 6
_TOP_COLUMNS = 12
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of history to look at, and the clock; half-open, UTC."""

    since: datetime | None
    until: datetime | None
    now: datetime


def measure(workspace: Workspace, subjects: list[Subject], part: Part) -> dict[str, Histories]:
    """Return artifact path -> history for every query among these artifacts.

    A query that cannot be run is unmeasured, with the reason.
    """
    return {
        s.artifact.path: Histories({0: _history(workspace, s, part)})
        for s in subjects
        if s.artifact.kind in LANGUAGES
    }


def _history(workspace: Workspace, subject: Subject, part: Part) -> History:
    begun = perf_counter()
    artifact = subject.artifact
    critic = Critic(workspace, artifact.kind, Asked(part.now, rfc3339(part.now), stages=False))
    query = critic.bound(artifact.text)
    missing = _missing(query)
    try:
        if missing:
            raise QueryRefused("; ".join(missing))
        counted = (
            _replayed(critic, query, part) if _looks_back(query) else _once(critic, query, part)
        )
    except (QueryRefused, UsageError) as error:
        reasons = missing or (str(error),)
        return History(
            artifact.path, artifact.path, artifact.digest, "unmeasured", reasons,
            snapshot=workspace.lake.snapshot(), seconds=perf_counter() - begun,
        )  # fmt: skip
    return _said(workspace, subject, counted, perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _Counted:
    per_day: dict[str, int]
    first: datetime | None
    last: datetime | None
    events: int
    top: tuple[Contributor, ...] = ()
    remarks: tuple[str, ...] = ()


def _missing(query: Query) -> tuple[str, ...]:
    wrong = ("syntax", "unknown-table", "unknown-column", "unknown-function")
    return tuple(
        f"{p.span.line}:{p.span.column}: {p.message}" for p in query.problems if p.kind in wrong
    )


def _looks_back(query: Query) -> bool:
    """Tell whether the query compares a time with one that is reckoned from now."""
    stages = (stage for pipeline in query.pipelines() for stage in pipeline.stages)
    compared = (one for stage in stages for one in comparisons(stage.condition))
    return any(value.kind == "ago" for one in compared for value in one.values)


def _replayed(critic: Critic, query: Query, part: Part) -> _Counted:
    tables = _read(critic, query)
    first, last = _span(tables, part)
    if first is None or last is None:
        raise QueryRefused("no table it reads holds an event with a time, so it cannot be replayed")
    ends = _day_ends(first, last)
    per_day: dict[str, int] = {}
    for end in ends[-MOST_DAYS:]:
        day = (end - timedelta(days=1)).date().isoformat()
        ready = _prepared(critic, query, end)
        per_day[day] = ready.session.count(ready.translated.sql, _SECONDS)
    remarks = ["it looks back from now, so it was replayed with now at the end of every day (UTC)"]
    if len(ends) > MOST_DAYS:
        remarks.append(f"only the newest {MOST_DAYS} of {len(ends)} days were replayed")
    begun = ends[-MOST_DAYS:][0] - timedelta(days=1)
    return _Counted(per_day, begun, last, sum(t.rows for t in tables), remarks=tuple(remarks))


def _once(critic: Critic, query: Query, part: Part) -> _Counted:
    ready = _prepared(critic, query, part.now)
    tables = _read(critic, query)
    first, last = _span(tables, part)
    columns = _columns(ready)
    time = next((name for name, kind in columns if kind.startswith("TIMESTAMP")), None)
    if time is None and (part.since or part.until):
        raise QueryRefused("its rows have no time, so they cannot be cut with --since or --until")
    whole = f"(\n{ready.translated.sql}\n)"
    if time is None:
        count = ready.session.count(ready.translated.sql, _SECONDS)
        return _Counted(
            {UNDATED_DAY: count}, first, last, sum(t.rows for t in tables),
            _top(ready, columns, whole), ("its rows have no time, so they have no day",),
        )  # fmt: skip
    whole = f"(SELECT * FROM {whole} WHERE {_within(_name(time), part)})"  # noqa: S608
    days = f"SELECT CAST({_name(time)} AS DATE), count(*) FROM {whole} GROUP BY 1"  # noqa: S608
    found = ready.session.many(days, _SECONDS)
    per_day = {str(day) if day else UNDATED_DAY: int(count) for day, count in found}
    events = sum(t.rows for t in tables)
    return _Counted(per_day, first, last, events, _top(ready, columns, whole))


def _columns(ready: Prepared) -> list[tuple[str, str]]:
    rows = ready.session.rows(ready.translated.sql, Limits(_SECONDS, rows=0))
    return list(zip(rows.table.column_names, rows.types, strict=True))


def _within(time: str, part: Part) -> str:
    bounds = ((part.since, ">="), (part.until, "<"))
    tests = [
        f"{time} {sign} TIMESTAMP '{at.astimezone(UTC).replace(tzinfo=None).isoformat(' ')}'"
        for at, sign in bounds
        if at
    ]
    return " AND ".join(tests) or "TRUE"


def _top(ready: Prepared, columns: list[tuple[str, str]], whole: str) -> tuple[Contributor, ...]:
    """Return the values that most rows carry, over the first text columns of the result."""
    found: list[Contributor] = []
    for name in [name for name, kind in columns if kind == "VARCHAR"][:_TOP_COLUMNS]:
        quoted = _name(name)
        rows = ready.session.many(
            f"SELECT {quoted}, count(*) FROM {whole} WHERE {quoted} <> '' "  # noqa: S608
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3",
            _SECONDS,
        )
        found += [Contributor(name, str(value), int(count)) for value, count in rows]
    return tuple(sorted(found, key=lambda c: (-c.count, c.field, c.value))[:_TOP])


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _prepared(critic: Critic, query: Query, now: datetime) -> Prepared:
    asked = Asked(now, rfc3339(now), critic.asked.limits, stages=False)
    return prepare(critic.workspace, critic.spoken, query, asked)


def _read(critic: Critic, query: Query) -> list[Table]:
    """Return the lake's tables that a query reads."""
    names = {s.table for p in query.pipelines() for s in p.sources if s.table}
    seen = [table for name in names if (table := critic.visible.find(name))]
    sources = {source for table in seen for source in table.sources}
    return [t for t in critic.workspace.lake.tables().values() if t.source in sources]


def _span(tables: list[Table], part: Part) -> tuple[datetime | None, datetime | None]:
    first = min((t.first for t in tables if t.first), default=None)
    last = max((t.last for t in tables if t.last), default=None)
    if first and part.since:
        first = max(first, part.since)
    if last and part.until:
        last = min(last, part.until)
    return first, last


def _day_ends(first: datetime, last: datetime) -> list[datetime]:
    day = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = []
    while day <= last:
        day += timedelta(days=1)
        ends.append(day)
    return ends


def _said(workspace: Workspace, subject: Subject, counted: _Counted, seconds: float) -> History:
    from undersign.telemetry.intervals import poisson_rate

    matches = sum(counted.per_day.values())
    days = 1.0
    if counted.first and counted.last:
        days = max(1.0, (counted.last - counted.first).total_seconds() / 86_400)
    return History(
        path=subject.artifact.path,
        title=subject.artifact.path,
        artifact_digest=subject.artifact.digest,
        status="measured",
        missing=counted.remarks,
        matches=matches,
        per_day=dict(sorted(counted.per_day.items())),
        rate_per_day=poisson_rate(matches, days),
        events=counted.events,
        days=days,
        first=rfc3339(counted.first) if counted.first else None,
        last=rfc3339(counted.last) if counted.last else None,
        top=counted.top,
        snapshot=workspace.lake.snapshot(),
        seconds=seconds,
    )
