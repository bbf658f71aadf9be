"""`undersign query`: a query of any language over this workspace's lake, limited and read-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

from undersign.errors import QueryRefused, UsageError
from undersign.records.query import Query
from undersign.records.query_run import QueryRun, StageCount
from undersign.records.visible import Visible
from undersign.telemetry.engines.limits import Limits as Limits
from undersign.workspace.grounds import NO_LOGS
from undersign.workspace.languages import Speaker, speaker, visible_of
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from undersign.telemetry.engines.duckdb import Session
    from undersign.telemetry.evidence import Subject
    from undersign.telemetry.layout import Table
    from undersign.telemetry.translate import StageSql, Translated

STAGE_SECONDS = 5.0
"""What counting the stages of one query may take in all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a query besides its text."""

    now: datetime
    """What `now` means in it, unless `as_of` says otherwise."""
    as_of: str | None = None
    """`latest` (the newest event of the tables it reads), `now`, or an RFC 3339 time; None is what
    undersign.toml says."""
    limits: Limits = field(default_factory=Limits)
    pins: Mapping[str, int] | None = None
    """Lake table -> Iceberg snapshot id to read instead of the newest."""
    stages: bool = True
    """Whether to count the rows of every stage."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query that can run: read, bound, translated, with an engine that sees its tables."""

    query: Query
    visible: Visible
    translated: Translated
    session: Session
    as_of: datetime
    snapshot: str
    pins: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave."""

    language: str
    text: str
    table: pa.Table
    columns: tuple[tuple[str, str], ...]
    """(name, type of the engine)."""
    truncated: bool
    stages: tuple[StageCount, ...]
    seconds: float
    snapshot: str
    sql: str
    as_of: str
    """RFC 3339 UTC: what `now` meant."""
    pins: Mapping[str, int]
    """The snapshots that were read, to read the same again."""
    digest: str = ""
    """Of all rows that were fetched."""
    query: Query | None = None
    """As bound; None for Sigma."""
    problems: tuple[str, ...] = ()
    """What the language itself would refuse although it ran here, each a located sentence."""


def query(workspace: Workspace, language: str, text: str, asked: Asked) -> Answer:
    """Run a query and return its first rows with the counts of its stages.

    Raises QueryRefused, located, when it may not or cannot run; UsageError without any logs.
    """
    if language == "sigma":
        from undersign.workspace.sigma_querying import query_sigma

        return query_sigma(workspace, text, asked)
    from undersign.telemetry.rows_digest import rows_digest
    from undersign.telemetry.stage_counts import (
        Known,
        narrowing,
        of_result,
        row_keepers,
        stage_counts,
    )

    begun = perf_counter()
    if not workspace.has_lake:
        raise UsageError(NO_LOGS)
    spoken = speaker(workspace, language)
    bound = spoken.bind(text, visible_of(workspace, language, measure=False))
    prepared = prepare(workspace, spoken, bound, asked)
    translated = prepared.translated
    rows = prepared.session.rows(translated.sql, asked.limits)
    counts: tuple[StageCount, ...] = ()
    if asked.stages:
        keeping = row_keepers(prepared.query)
        told = {} if rows.truncated else of_result(translated, keeping, rows.table.num_rows)
        known = Known(keeping, told, narrowing(prepared.query))
        counts = stage_counts(prepared.session, translated, STAGE_SECONDS, known)
    return Answer(
        language=language,
        text=text,
        table=rows.table,
        columns=tuple(zip(rows.table.column_names, rows.types, strict=True)),
        truncated=rows.truncated,
        stages=counts,
        seconds=perf_counter() - begun,
        snapshot=prepared.snapshot,
        sql=translated.sql,
        as_of=rfc3339(prepared.as_of),
        pins=prepared.pins,
        digest=rows_digest(rows.table),
        query=prepared.query,
        problems=tuple(
            f"{p.span.line}:{p.span.column}: {p.message}" for p in prepared.query.problems
        ),
    )


def measured(
    workspace: Workspace, query: Query, asked: Asked, *, seconds: float = STAGE_SECONDS
) -> QueryRun | None:
    """Return what a bound query does on history: the evidence for its critique.

    A query that cannot run says why in `refused`, and is still counted as far as it can be. None
    when nothing was ever ingested here.
    """
    if not workspace.has_lake:
        return None
    spoken = speaker(workspace, query.language)
    try:
        return evidence(workspace, prepare(workspace, spoken, query, asked), seconds=seconds)
    except QueryRefused as error:
        return _refused(workspace, query, asked, str(error), seconds)


def evidence(
    workspace: Workspace, prepared: Prepared, *, seconds: float = STAGE_SECONDS
) -> QueryRun:
    """Run a prepared query and gather what its critique needs, within about this many seconds."""
    from undersign.telemetry.evidence import query_run

    return query_run(_subject(workspace, prepared), prepared.translated, seconds)


def _refused(
    workspace: Workspace, query: Query, asked: Asked, why: str, seconds: float
) -> QueryRun:
    """Return what can be told of a query that does not run: its tables, the stages before."""
    from undersign.telemetry.evidence import refused_run
    from undersign.telemetry.translate import Translated

    visible = visible_of(workspace, query.language, measure=False)
    ready = opened(workspace, asked)
    named = {s.table for p in query.pipelines() for s in p.sources if s.table}
    try:
        as_of = _clock(workspace, asked, query, visible, ready.tables)
    except UsageError:
        as_of = asked.now
    stages = () if query.unreadable else _stages_before(workspace, query, visible, as_of)
    session = _session(workspace, visible, named, ready.tables, asked.limits)
    prepared = Prepared(
        query, visible, Translated("", stages), session, as_of, ready.snapshot, ready.pins
    )
    return refused_run(_subject(workspace, prepared), stages, why, seconds)


def _subject(workspace: Workspace, prepared: Prepared) -> Subject:
    from undersign.telemetry.evidence import Subject

    estate = workspace.config.estate
    return Subject(
        prepared.query,
        # Roles and the time column are all that is needed of it here, and these cost nothing.
        prepared.visible,
        prepared.session,
        prepared.as_of,
        prepared.snapshot,
        estate.corporate if estate else (),
    )


def _stages_before(
    workspace: Workspace, query: Query, visible: Visible, as_of: datetime
) -> tuple[StageSql, ...]:
    try:
        return speaker(workspace, query.language).partly(query, visible, as_of)
    except QueryRefused:
        return ()


def prepare(workspace: Workspace, spoken: Speaker, bound: Query, asked: Asked) -> Prepared:
    """Translate a bound query and open an engine on the tables it reads.

    Raises QueryRefused, located, when it may not or cannot run; UsageError without any logs.
    """
    if not workspace.has_lake:
        raise UsageError(NO_LOGS)
    _refuse_unreadable(bound)
    visible = visible_of(workspace, spoken.name, measure=False)
    ready = opened(workspace, asked)
    as_of = _clock(workspace, asked, bound, visible, ready.tables)
    translated = spoken.translate(bound, visible, as_of)
    session = _session(workspace, visible, translated.tables, ready.tables, asked.limits)
    return Prepared(bound, visible, translated, session, as_of, ready.snapshot, ready.pins)


def _refuse_unreadable(bound: Query) -> None:
    problem = next((p for p in bound.problems if p.kind == "syntax"), None)
    if problem is not None:
        raise QueryRefused(
            problem.message,
            operator=problem.name,
            line=problem.span.line,
            column=problem.span.column,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """The lake at one moment."""

    tables: Mapping[str, Table]
    pins: Mapping[str, int]
    snapshot: str


def opened(workspace: Workspace, asked: Asked) -> Opened:
    """Return the lake's tables as they are now, or as of the pins that are asked for."""
    from undersign.telemetry.pins import name_of, pin, pinned

    lake = workspace.lake
    pins = pin(lake) if asked.pins is None else dict(asked.pins)
    tables = lake.tables() if asked.pins is None else pinned(lake, pins)
    # Named as the lake names its newest state, so that equal pins have equal names.
    snapshot = lake.snapshot() if asked.pins is None else name_of(pins)
    return Opened(tables, pins, snapshot)


def _session(
    workspace: Workspace,
    visible: Visible,
    names: Iterable[str],
    tables: Mapping[str, Table],
    limits: Limits,
) -> Session:
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.engines.duckdb import session
    from undersign.telemetry.known_tables import read_known
    from undersign.telemetry.views import view_sql

    imported = read_known(workspace.lake.root)
    views = view_sql(tables, load(), visible.language, sorted(names), imported, shown=visible)
    return session(views, limits)


def _clock(
    workspace: Workspace,
    asked: Asked,
    bound: Query,
    visible: Visible,
    tables: Mapping[str, Table],
) -> datetime:
    """Return what `now` means.

    Raises UsageError when `as_of` is no time, or `latest` of tables without a dated event.
    """
    wanted = asked.as_of or workspace.config.as_of
    if wanted == "now":
        return asked.now
    if wanted != "latest":
        return parse_time(wanted)
    named = {s.table for p in bound.pipelines() for s in p.sources if s.table}
    seen = [t for name in named if (t := visible.find(name))]
    sources = {source for table in seen for source in table.sources} or set(tables)
    newest = [t.last for t in tables.values() if t.source in sources and t.last]
    if not newest:
        raise UsageError("no table it reads has an event with a time, so there is no `latest`")
    return max(newest)


def parse_time(written: str) -> datetime:
    """Return an RFC 3339 time in UTC; a date is midnight. Raises UsageError when it is none."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise UsageError(
            f"{written!r} is no RFC 3339 time", hint="e.g. 2026-01-31T08:00:00Z, or `latest`"
        ) from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """Return a time as RFC 3339 UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def document(answer: Answer) -> dict[str, Any]:
    """Return the contract's JSON of `query`."""
    from undersign.telemetry.cells import plain_rows

    return {
        "language": answer.language,
        "columns": [{"name": name, "type": kind} for name, kind in answer.columns],
        "rows": plain_rows(answer.table),
        "truncated": answer.truncated,
        "stages": [stage_document(stage) for stage in answer.stages],
        "seconds": round(answer.seconds, 3),
        "as_of": answer.as_of,
        "snapshot": answer.snapshot,
        "pins": dict(answer.pins),
        "digest": answer.digest,
        "sql": answer.sql,
        "problems": list(answer.problems),
    }


def stage_document(stage: StageCount) -> dict[str, Any]:
    """Return one stage of the contract's JSON; `rows` is null with a `reason` when not counted."""
    shown: dict[str, Any] = {
        "text": stage.text,
        "rows": stage.rows,
        "pipeline": stage.pipeline,
        "line": stage.span.line,
        "column": stage.span.column,
    }
    return shown if stage.rows is not None else {**shown, "reason": stage.reason}
