"""A lake whose folder was moved or copied, so that its Iceberg metadata names places that are gone,
or whose catalog was lost.

Reading goes on, since the plan's paths are relative. Before the first write at the new place the
catalog is made anew over the same Parquet files; older snapshots stay in the old metadata only.
"""

from __future__ import annotations

import secrets

from undersign.errors import StorageError
from undersign.telemetry.commit import Batch, Change, pend, pending, roll_forward
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import DataFile
from undersign.telemetry.plan import Plan, catalog_locations, read_plan

OLD_CATALOG = "catalog.before-move.db"


def follow_move(lake: Lake) -> bool:
    """Make the catalog anew when the lake was moved or it is missing; tells whether it was.

    The caller holds the lake's lock. A kill leaves a lake that is read as before and mended by the
    next writer.

    Raises:
        StorageError: The plan, from which this is done, is missing too.
    """
    inside = f"{lake.root}/"
    places = [p.removeprefix("file://") for p in catalog_locations(lake.root).values()]
    strays = [place for place in places if not place.startswith(inside)]
    plan = read_plan(lake.root)
    lost = not lake.catalog.exists() and plan is not None and bool(plan.tables)
    if not strays and not lost:
        return False
    if plan is None:
        raise StorageError(
            f"the lake {lake.root} was moved and its plan.json is missing",
            hint=f"move it back to where {strays[0]} is",
        )
    pend(lake, _everything(plan, pending(lake)))
    if strays:
        lake.catalog.replace(lake.root / OLD_CATALOG)
    return roll_forward(lake)


def _everything(plan: Plan, waiting: Batch | None) -> Batch:
    """Return one batch that adds all files of the plan and what was waiting to be committed."""
    changes = {c.table: c for c in waiting.changes} if waiting else {}
    tables = {name: planned.table for name, planned in plan.tables.items()}
    whole = []
    for name in dict.fromkeys((*tables, *changes)):
        change = changes.get(name, Change(name, {}, ()))
        held = tables[name].files if name in tables else ()
        columns = {**(tables[name].columns if name in tables else {}), **change.columns}
        files: dict[str, DataFile] = {f.path: f for f in (*held, *change.add)}
        kept = tuple(f for path, f in files.items() if path not in change.remove)
        whole.append(Change(name, columns, kept))
    return Batch(f"moved-{secrets.token_hex(4)}", tuple(whole))
