"""Logs into the lake: read, shaped, told apart from what is there, visible all at once.

Whatever is read in one call becomes visible in one step at its end; until then files lie in the
lake that no reader knows of. A killed call leaves all or nothing, and running it again completes
it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from undersign.catalogs.log_sources import LogSources
from undersign.errors import BadInput, StorageError
from undersign.records.event import Event, Reject
from undersign.telemetry import readers
from undersign.telemetry.columns import DoesNotFit
from undersign.telemetry.commit import Batch, Change, commit
from undersign.telemetry.compact import compact
from undersign.telemetry.intake import log_files, unfinished, writing
from undersign.telemetry.lake import Lake
from undersign.telemetry.profile import follow, refresh
from undersign.telemetry.rejects import Rejects
from undersign.telemetry.shape import shape
from undersign.telemetry.staging import Staging
from undersign.telemetry.taken_in import TakenIn, content_digest
from undersign.telemetry.write import storage


@dataclass(frozen=True, slots=True)
class Added:
    """What one ingest added to one table."""

    name: str
    rows: int
    source: str
    """Name of the log source, or `generic`."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest took in, knew already, and refused: together every record it read."""

    tables: tuple[Added, ...]
    duplicates: int
    rejected: tuple[Reject, ...]
    """The first hundred; all of them are in `rejects_file`."""
    rejected_total: int
    rejects_file: Path | None
    snapshot: str
    """Name of the lake's state afterwards."""

    def document(self) -> dict[str, Any]:
        """Return the JSON of the command line."""
        return {
            "tables": [{"name": t.name, "rows": t.rows, "source": t.source} for t in self.tables],
            "duplicates": self.duplicates,
            "rejected": [
                {"path": r.path, "line": r.line, "reason": r.reason} for r in self.rejected
            ],
            "rejected_total": self.rejected_total,
            "rejects_file": str(self.rejects_file) if self.rejects_file else None,
            "snapshot": self.snapshot,
        }


def ingest(  # noqa: PLR0913
    paths: Iterable[Path],
    lake: Lake,
    sources: LogSources,
    *,
    assumed: str | None = None,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> IngestReport:
    """Bring the events of these files, and of all files below these folders, into the lake.

    `assumed` names the log source instead of recognising it; `now` dates the file of rejects;
    `progress` is told how many bytes were read since its last call.

    Raises:
        BadInput: None of the files can be read, or no log source has the assumed name.
        StorageError: The lake cannot be written, for one because the disk is full; what readers
            see is then unchanged.
    """
    with writing(lake):
        batch = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        rejects = Rejects(lake.root.parent / "rejects" / f"{batch}.jsonl")
        taken = TakenIn(lake.root, lake.snapshot())
        kept = False
        try:
            run = _Run(Staging(lake, sources, batch), rejects, taken, sources, assumed, progress)
            with unfinished(lake, batch):
                changes = _take_in(run, paths)
                if changes:
                    with storage("cannot commit to", lake.root):
                        commit(lake, Batch(batch, changes))
            kept = True
            _tidy(run, lake, f"{batch}c")
        finally:
            rejects.close(keep=kept)
        return _report(run, changes, lake)


@dataclass(slots=True)
class _Run:
    staging: Staging
    rejects: Rejects
    taken: TakenIn
    sources: LogSources
    assumed: str | None
    progress: Callable[[int], None]
    unread: list[BadInput] = field(default_factory=list)
    """Files of which nothing could be read."""


def _take_in(run: _Run, paths: Iterable[Path]) -> tuple[Change, ...]:
    files = 0
    for path in log_files(paths):
        files += 1
        try:
            _take_file(run, path)
        except BadInput as error:
            run.unread.append(error)
            run.rejects.add(Reject(str(path), 0, error.message))
        run.staging.end_file()
    if files and len(run.unread) == files:
        raise run.unread[0]
    return run.staging.finish()


def _take_file(run: _Run, path: Path) -> None:
    """Stage every record of one file, unless all of them are in the lake since an earlier call."""
    digest = content_digest(path, run.assumed)
    known = None if digest is None else run.taken.records(digest)
    if known is not None:
        run.staging.duplicates += known
        run.progress(path.stat().st_size)
        return
    rejected, staged = run.rejects.total, run.staging.events
    before = _stamp(path)
    _take_records(run, path)
    if digest and before == _stamp(path) and run.rejects.total == rejected:
        run.taken.note(digest, run.staging.events - staged)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return size and time of change, to notice a file that is written to while it is read."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def _take_records(run: _Run, path: Path) -> None:
    origin = str(path)
    sources, assumed, add, refuse = run.sources, run.assumed, run.staging.add, run.rejects.add
    for record in readers.read(path, on_bytes=run.progress):
        if isinstance(record, Reject):
            refuse(record)
            continue
        shaped = shape(record, sources, assumed, path=origin)
        if not isinstance(shaped, Event):
            refuse(shaped, record.raw)
            continue
        try:
            add(shaped, origin)
        except DoesNotFit as error:
            refuse(Reject(origin, record.line, str(error)), record.raw)


def _tidy(run: _Run, lake: Lake, batch: str) -> None:
    """Merge small files and bring the caches up to date; the events are in the lake already.

    A full disk must not undo the report: what is missing is made anew by the next call.
    """
    with suppress(OSError, StorageError):
        refresh(lake)
        if replaced := compact(lake, batch):
            follow(lake, replaced)
            refresh(lake)
        run.taken.save(lake.snapshot())


def _report(run: _Run, changes: Iterable[Change], lake: Lake) -> IngestReport:
    rejects = run.rejects
    return IngestReport(
        tables=tuple(Added(c.table, sum(f.rows for f in c.add), c.table) for c in changes),
        duplicates=run.staging.duplicates,
        rejected=tuple(rejects.first),
        rejected_total=rejects.total,
        rejects_file=rejects.path if rejects.total else None,
        snapshot=lake.snapshot(),
    )
