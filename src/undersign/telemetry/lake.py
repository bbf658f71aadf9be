"""The lake: Apache Iceberg tables of logs under one folder, read through plain Parquet files.

Reading never imports the Iceberg library; only writing, and reading after another engine wrote, do.
Any engine that speaks Iceberg can open the same tables through the SQLite catalog `catalog.db`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undersign.telemetry.layout import DataFile, Table
from undersign.telemetry.plan import (
    CATALOG_FILE,
    NAMESPACE,
    Plan,
    PlannedTable,
    catalog_locations,
    read_plan,
)

if TYPE_CHECKING:
    import pyarrow as pa

PENDING_FILE = "pending.json"


class Lake:
    """The tables of one workspace, at the newest snapshot; `root` is `.undersign/lake`."""

    def __init__(self, root: Path) -> None:
        # Links resolved: another way to the same folder must not look like a lake that was moved.
        self.root = Path(os.path.realpath(root))
        self._plan: Plan | None = None
        self._stamp: tuple[int, int] | None = None

    @property
    def catalog(self) -> Path:
        """The SQLite file of the Iceberg catalog; it need not exist yet."""
        return self.root / CATALOG_FILE

    def data_folder(self, table: str) -> Path:
        """Return where a table's Parquet files lie."""
        return self.root / NAMESPACE / table / "data"

    def plan(self) -> Plan:
        """Return the tables and files of the newest complete commit."""
        stamp = _stamp(self.root)
        if self._plan is None or stamp is None or stamp != self._stamp:
            # The stamp from before: what is committed meanwhile is seen by the next call.
            self._plan = self._current()
            self._stamp = stamp
        return self._plan

    def planned(self) -> Mapping[str, PlannedTable]:
        """Return every table with its catalog state."""
        return self.plan().tables

    def tables(self) -> Mapping[str, Table]:
        """Return every table of the current snapshot by name."""
        return {name: planned.table for name, planned in self.plan().tables.items()}

    def snapshot(self) -> str:
        """Name the state of all tables together; equal text means equal rows."""
        return self.plan().name()

    def event(self, event_id: str) -> dict[str, Any] | None:
        """Return every column of one event that has a value; None when no table holds it."""
        return self.events([event_id]).get(event_id)

    def events(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the events of these ids, all columns that have a value and the `_table`."""
        wanted = set(ids)
        found: dict[str, dict[str, Any]] = {}
        for table in self.tables().values():
            for file in table.files:
                if len(found) == len(wanted):
                    return found
                found.update(_find(table.name, file, wanted - found.keys()))
        return found

    def rows(self, table: str, columns: Iterable[str] | None = None) -> Iterator[pa.Table]:
        """Yield one table's row groups, columns absent from a file as nulls of their type."""
        from undersign.telemetry.rows import row_groups

        held = self.tables()[table]
        names = list(held.columns) if columns is None else list(columns)
        for file in held.files:
            yield from row_groups(file, {n: held.columns[n] for n in names})

    def _current(self) -> Plan:
        """Follow plan.json; make it anew only when another engine moved the catalog on."""
        for _ in range(3):
            plan = read_plan(self.root)
            if plan is not None and (self.root / PENDING_FILE).exists():
                return plan
            if plan is not None and not self.catalog.exists():
                # Lost; the next writer makes it anew from the plan (`moved.follow_move`).
                return plan
            locations = catalog_locations(self.root)
            if plan is not None and plan.locations() == locations:
                return plan
            if plan is None and not locations:
                return Plan()
        from undersign.telemetry.commit import replan

        return replan(self)


def _stamp(root: Path) -> tuple[int, int] | None:
    """Return a cheap sign of change of the catalog and the plan."""
    try:
        plan = (root / "plan.json").stat().st_mtime_ns
        return plan, (root / CATALOG_FILE).stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _find(table: str, file: DataFile, wanted: set[str]) -> dict[str, dict[str, Any]]:
    from undersign.telemetry.rows import find_rows

    return {row["_id"]: {"_table": table, **row} for row in find_rows(file, wanted)}
