"""A hunt's queries run again: are these still the rows that the journal speaks of?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from undersign.errors import UndersignError
from undersign.records.hunt import Entry, Ran, Rerun
from undersign.surfaces.hunt import entries, rerun
from undersign.workspace import hunt_shelf
from undersign.workspace.workspace import Workspace

RunAgain: TypeAlias = Callable[[str, str, str, Mapping[str, str] | None], Ran]
"""(language, query, as_of, pins) -> what it gives; pins None: on what the lake holds now."""


def run_again(
    workspace: Workspace, named: str | None, run: RunAgain, *, now: datetime
) -> tuple[Rerun, ...]:
    """Run every journalled query again, on its pinned snapshots and on what the lake holds now.

    Both with the entry's own `now`, so that `the last 24 hours` are the same hours.
    """
    path = hunt_shelf.find(workspace, named)
    hunt = hunt_shelf.read(workspace, path).hunt
    outcomes: list[Rerun] = []
    for entry in hunt.entries:
        if entry.ran:
            outcomes += [_again(entry, on, run) for on in ("pinned", "newest")]
        else:
            outcomes.append(rerun.not_run(entry, "pinned", "it gave no rows when it was asked"))
    if workspace.declared:
        body = {"same": sum(1 for one in outcomes if one.outcome == "same"), "of": len(outcomes)}
        hunt_shelf.tell(workspace, path, "rerun", body, now)
    return tuple(outcomes)


def _again(entry: Entry, on: str, run: RunAgain) -> Rerun:
    if on == "pinned" and not entry.pins:
        return rerun.not_run(entry, on, "the journal names no snapshot to read")
    pins = dict(entry.pins) if on == "pinned" else None
    try:
        ran = run(entry.language, entry.query, entry.as_of or entry.at, pins)
    except UndersignError as error:
        return rerun.not_run(entry, on, str(error))
    return rerun.compare(entry, on, ran)


def runner(workspace: Workspace, now: datetime) -> RunAgain:
    """Return what runs a query of this workspace on pinned snapshots."""
    from undersign.workspace.querying import Asked, query

    def run(language: str, text: str, as_of: str, pins: Mapping[str, str] | None) -> Ran:
        numbers = None if pins is None else {table: int(pin) for table, pin in pins.items()}
        answer = query(workspace, language, text, Asked(now, as_of, pins=numbers))
        return Ran(
            rows=answer.table.num_rows,
            digest=answer.digest,
            truncated=answer.truncated,
            stages=entries.stages(answer.stages),
        )

    return run
