"""`undersign hunt`: the journal in the user's repository, every step of it in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from undersign.catalogs import attack
from undersign.errors import BadInput, UsageError
from undersign.records.finding import Outcome
from undersign.records.hunt import Conclusion, Entry, Hunt, Note
from undersign.records.query_run import QueryRun
from undersign.surfaces.hunt import entries, journal
from undersign.surfaces.hunt.entries import Asked
from undersign.surfaces.hunt.journal import Opening
from undersign.workspace import files, hunt_shelf
from undersign.workspace.hunt_shelf import Change, Kept
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.workspace.querying import Answer


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every hunt of the workspace that can be read, and those that cannot."""

    kept: tuple[Kept, ...]
    unreadable: tuple[BadInput, ...]
    current: str | None
    """Path of the hunt that new entries go to."""


def new(workspace: Workspace, opening: Opening, *, person: str, now: datetime) -> Kept:
    """Open a hunt and make it the current one.

    Raises UsageError for an empty title or an ATT&CK id that is unknown or revoked.
    """
    workspace.require_declared()

    def make(number: str) -> Hunt:
        return journal.open_hunt(number, opening, person, stamp(now), attack.load())

    kept = hunt_shelf.add(workspace, make, now)
    hunt_shelf.make_current(workspace, workspace.root / kept.path)
    return kept


def entry_of(  # noqa: PLR0913 - everything that is known of one query
    workspace: Workspace,
    asked: Asked,
    answer: Answer | None,
    outcomes: Sequence[Outcome] | None,
    *,
    now: datetime,
    refused: str = "",
) -> Entry:
    """Make the entry of a query that was asked.

    `answer` None: it was not run, and `refused` may say why. `outcomes` None: nothing was checked.
    """
    if answer is None:
        run = QueryRun(refused=refused) if refused else None
        return entries.entry(asked, stamp(now), outcomes, run)
    from undersign.telemetry.cells import plain_rows

    names = [name for name, _ in answer.columns]
    first = plain_rows(answer.table.slice(0, entries.MOST_ROWS))
    run = QueryRun(
        as_of=answer.as_of,
        snapshot=answer.snapshot,
        stages=answer.stages,
        columns=answer.columns,
        sample=tuple(dict(zip(names, row, strict=True)) for row in first),
        rows=answer.table.num_rows,
    )
    read = entries.Read(_pins(workspace, answer), answer.digest, answer.truncated)
    return entries.entry(asked, stamp(now), outcomes, run, read)


def _pins(workspace: Workspace, answer: Answer) -> dict[str, str]:
    """Return the snapshots of the tables the query reads; of all when that is not sure."""
    pins = {table: str(snapshot) for table, snapshot in answer.pins.items()}
    if answer.query is None:
        return pins
    from undersign.workspace.languages import visible_of

    seen = visible_of(workspace, answer.language, measure=False)
    read = [source for pipeline in answer.query.pipelines() for source in pipeline.sources]
    if any(source.kind in ("wildcard", "external") for source in read):
        return pins
    tables = [table for source in read if source.table and (table := seen.find(source.table))]
    names = {name for table in tables for name in table.sources}
    held = workspace.lake.tables()
    kept = {name for name, table in held.items() if table.source in names or name in names}
    return {table: pin for table, pin in pins.items() if table in kept} or pins


def record_entry(
    workspace: Workspace, entry: Entry, *, now: datetime, hunt: str | None = None
) -> tuple[Kept, int] | None:
    """Journal one query in the named hunt, else in the current one; return it and its number.

    None when no hunt was named and none is open here: nothing is kept then. Raises UsageError
    when the named hunt is closed.
    """
    path = hunt_shelf.find(workspace, hunt) if hunt else hunt_shelf.current(workspace)
    if path is None or (hunt is None and hunt_shelf.read(workspace, path).hunt.conclusion):
        return None
    body = {
        "language": entry.language,
        "drafter": entry.drafter,
        "question": entry.question[:500],
        "rows": entry.shown.rows if entry.shown else None,
        "rows_digest": entry.shown.digest if entry.shown else "",
    }
    what = Change("ask", lambda was: journal.add_entry(was, entry), now, body)
    kept = hunt_shelf.change(workspace, path, what)
    return kept, kept.hunt.entries[-1].nth


def note(
    workspace: Workspace, named: str | None, about: str, written: Note, *, now: datetime
) -> Kept:
    """Write a note into one of the lists of `journal.ABOUT`."""
    path = hunt_shelf.find(workspace, named)
    body = {"about": about, "person": written.person}
    what = Change("note", lambda was: journal.add_note(was, about, written), now, body)
    return hunt_shelf.change(workspace, path, what)


def close(
    workspace: Workspace, named: str | None, conclusion: Conclusion, *, now: datetime
) -> Kept:
    """Close a hunt with a person's verdict; raises UsageError when nothing supports it."""
    path = hunt_shelf.find(workspace, named)
    body = {"verdict": conclusion.verdict.value, "person": conclusion.person}
    what = Change("close", lambda was: journal.close_hunt(was, conclusion), now, body)
    return hunt_shelf.change(workspace, path, what)


def show(workspace: Workspace, named: str | None) -> Kept:
    """Read one hunt, the current one unless named."""
    return hunt_shelf.read(workspace, hunt_shelf.find(workspace, named))


def switch(workspace: Workspace, named: str) -> Kept:
    """Make a hunt that is open already the one that new entries go to."""
    workspace.require_declared()
    path = hunt_shelf.find(workspace, named)
    kept = hunt_shelf.read(workspace, path)
    if kept.hunt.conclusion:
        raise UsageError(f"hunt {kept.hunt.id} is closed: it takes no more queries")
    hunt_shelf.make_current(workspace, path)
    return kept


def shelf(workspace: Workspace) -> Shelf:
    """Read every hunt; one that cannot be read is told, not left out."""
    kept, unreadable = [], []
    for path in hunt_shelf.paths(workspace):
        try:
            kept.append(hunt_shelf.read(workspace, path))
        except BadInput as wrong:
            unreadable.append(wrong)
    now = hunt_shelf.current(workspace)
    return Shelf(
        tuple(kept), tuple(unreadable), files.relative(now, workspace.root) if now else None
    )


def stamp(now: datetime) -> str:
    """Write a time as RFC 3339, UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
