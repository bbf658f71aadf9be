"""`undersign baseline`: rules over the lake, or over files that are not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from undersign.errors import BadInput, StorageError, UsageError
from undersign.records.event import Event, Reject
from undersign.records.history import Histories, History
from undersign.workspace import files, histories, ledgerbook, query_histories
from undersign.workspace.grounds import NO_LOGS, Subject
from undersign.workspace.languages import LANGUAGES
from undersign.workspace.review import Reader
from undersign.workspace.workspace import Workspace

_NOTED_ONE_BY_ONE = 50
"""Rules up to which a run notes each of them; a larger run is one entry."""


@dataclass(frozen=True, slots=True)
class Span:
    """The part of history to look at; None is open. Half-open, UTC."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a baseline found."""

    histories: tuple[History, ...]
    unreadable: tuple[str, ...]
    """Rules and log lines that could not be read, each a located sentence."""
    events: int
    seconds: float
    snapshot: str


def baseline(
    workspace: Workspace,
    paths: Sequence[Path],
    span: Span,
    *,
    on: Sequence[Path],
    now: datetime,
) -> Measured:
    """Measure rules. Raises UsageError when there is nothing to measure them on."""
    begun = perf_counter()
    subjects, unreadable = _subjects(workspace, paths)
    if on:
        events, rejected = _read_logs(on)
        unreadable += rejected
        found, snapshot = _on_events(workspace, subjects, events, span), "files"
        unreadable += tuple(
            f"{s.artifact.path}: --on measures Sigma rules only; ingest the files for a query"
            for s in subjects
            if s.artifact.kind in LANGUAGES
        )
        count = len(events)
    else:
        if not workspace.has_lake:
            raise UsageError(NO_LOGS)
        found = histories.measure(workspace, subjects, since=span.since, until=span.until)
        found |= query_histories.measure(
            workspace, subjects, query_histories.Part(span.since, span.until, now)
        )
        count = sum(t.rows for t in workspace.lake.tables().values())
        snapshot = workspace.lake.snapshot()
        unreadable = (*unreadable, *_note(workspace, found, snapshot, now))
    rows = tuple(h for one in found.values() for h in one.by_document.values())
    return Measured(rows, unreadable, count, perf_counter() - begun, snapshot)


def _subjects(workspace: Workspace, paths: Sequence[Path]) -> tuple[list[Subject], tuple[str, ...]]:
    subjects: list[Subject] = []
    unreadable: list[str] = []
    reader = Reader(workspace)
    for path in files.find(paths):
        try:
            subjects.append(reader.subject(path))
        except BadInput as error:
            unreadable.append(str(error))
    reader.remember()
    if not subjects:
        raise UsageError("; ".join(unreadable) or "no rule to measure in what was named")
    return subjects, tuple(unreadable)


def _read_logs(paths: Sequence[Path]) -> tuple[list[Event], tuple[str, ...]]:
    """Read the events of files; of what was rejected, how much and the first of each file."""
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.readers import read
    from undersign.telemetry.shape import shape

    sources = load()
    events: list[Event] = []
    sentences: list[str] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file")
        rejected: list[Reject] = []
        for record in read(path):
            shaped = record if isinstance(record, Reject) else shape(record, sources)
            if isinstance(shaped, Event):
                events.append(shaped)
            else:
                rejected.append(shaped)
        if rejected:
            first = rejected[0]
            number = ledgerbook.counted(len(rejected), "record")
            sentences.append(f"{path}:{first.line}: {first.reason} ({number} rejected)")
    return events, tuple(sentences)


def _on_events(
    workspace: Workspace, subjects: Sequence[Subject], events: list[Event], span: Span
) -> dict[str, Histories]:
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.baseline import Ground
    from undersign.telemetry.match.chunk import Memory, Within
    from undersign.telemetry.memory import in_memory
    from undersign.telemetry.rule_tests import table_of

    sources = load()
    data = in_memory(events, sources)
    tables = {name: table_of(name, rows) for name, rows in data.items()}
    part = Within(span.since, span.until)
    ground = Ground(tables, Memory(data), sources, "files", part)
    return histories.on(workspace, subjects, ground)


def _note(
    workspace: Workspace, found: dict[str, Histories], snapshot: str, now: datetime
) -> tuple[str, ...]:
    """Note what was measured; a ledger that cannot be written does not cost the answer."""
    try:
        for body in _bodies(found, snapshot):
            ledgerbook.note(workspace, "baseline", body, now=now)
    except StorageError as error:
        return (f"measured, but not noted in the ledger: {error}",)
    return ()


def _bodies(found: dict[str, Histories], snapshot: str) -> Iterator[dict[str, Any]]:
    histories = [(path, h) for path, one in found.items() for h in one.by_document.values()]
    if len(histories) > _NOTED_ONE_BY_ONE:
        measured = sum(h.status == "measured" for _, h in histories)
        yield {"rules": len(histories), "measured": measured, "snapshot": snapshot}
        return
    for path, history in histories:
        yield {
            "subject": path,
            "title": history.title,
            "artifact_digest": history.artifact_digest,
            "status": history.status,
            "matches": history.matches,
            "snapshot": snapshot,
        }


def baseline_document(result: Measured) -> dict[str, Any]:
    """Return the contract's JSON of `baseline`."""
    rules = []
    for history in result.histories:
        row = asdict(history)
        row["proposal"] = {"threshold": row.pop("threshold"), "exclusions": row.pop("exclusions")}
        rules.append(row)
    return {
        "rules": rules,
        "unreadable": list(result.unreadable),
        "events": result.events,
        "seconds": round(result.seconds, 3),
        "snapshot": result.snapshot,
    }
