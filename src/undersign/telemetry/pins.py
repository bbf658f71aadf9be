"""Snapshots of the lake's tables, named so that a query can be run on the same rows later.

A pin is a table's Iceberg snapshot id. Files of old snapshots are never deleted here, so a pin
reads the same rows after later ingests and compactions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from undersign.errors import StorageError
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import Table

Pins = Mapping[str, int]
"""Lake table -> Iceberg snapshot id; a table without rows has none."""


def pin(lake: Lake) -> dict[str, int]:
    """Return the newest snapshot of every table that has rows."""
    return {n: p.snapshot_id for n, p in sorted(lake.planned().items()) if p.snapshot_id}


def name_of(pins: Pins) -> str:
    """Name a state of the lake in 16 hex digits, as `Lake.snapshot` names its newest."""
    state = sorted(pins.items())
    return sha256(json.dumps(state).encode()).hexdigest()[:16]


def pinned(lake: Lake, pins: Pins) -> Mapping[str, Table]:
    """Return the tables as of these snapshots; a table that is not pinned was not there yet.

    Raises:
        StorageError: A snapshot or one of its files is gone; the message says which.
    """
    planned = lake.planned()
    tables = {}
    for name, snapshot in pins.items():
        newest = planned.get(name)
        if newest is not None and newest.snapshot_id == snapshot:
            tables[name] = newest.table
            continue
        from undersign.telemetry.commit import at_snapshot

        found = at_snapshot(lake, name, snapshot)
        if found is None:
            raise StorageError(
                f"snapshot {snapshot} of table {name} can no longer be read",
                hint="another engine expired it; the newest rows can still be queried",
            )
        tables[name] = found
    for table in tables.values():
        _check_files(table)
    return tables


def _check_files(table: Table) -> None:
    gone = next((file.path for file in table.files if not Path(file.path).is_file()), None)
    if gone:
        raise StorageError(f"table {table.name} lacks a file of that snapshot: {gone}")
