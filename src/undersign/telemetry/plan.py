"""The plan cache: what every table holds, readable without the Iceberg library.

`plan.json` is the point at which an ingest becomes visible: readers follow it and nothing else, so
they see either all tables of a commit or none. It is tied to the catalog by each table's metadata
location; when they differ and no commit is under way, another engine has written and the plan is
made anew (`commit.replan`).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from undersign.errors import StorageError
from undersign.telemetry.layout import DataFile, Table

NAMESPACE = "logs"
CATALOG_FILE = "catalog.db"
PLAN_FILE = "plan.json"
PLAN_FORMAT = 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """One table of the plan, with what ties it to the catalog."""

    table: Table
    metadata: str
    """Metadata location, exactly as the catalog holds it."""
    snapshot_id: int
    """Iceberg snapshot id; 0 for a table without rows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All tables at one moment."""

    tables: Mapping[str, PlannedTable] = field(default_factory=dict)

    def locations(self) -> dict[str, str]:
        """Return each table's metadata location."""
        return {name: planned.metadata for name, planned in self.tables.items()}

    def name(self) -> str:
        """Name this state in 16 hex digits; equal names mean equal rows."""
        state = sorted((name, planned.snapshot_id) for name, planned in self.tables.items())
        return sha256(json.dumps(state).encode()).hexdigest()[:16]


def microseconds(moment: datetime | None) -> int | None:
    """Return microseconds since 1970 UTC."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment(value: int | None) -> datetime | None:
    """Return the UTC time that many microseconds after 1970."""
    return None if value is None else _EPOCH + value * _MICROSECOND


def catalog_locations(root: Path) -> dict[str, str]:
    """Read each table's current metadata location from the catalog's SQLite file.

    Raises StorageError when the file is damaged.
    """
    path = root / CATALOG_FILE
    if not path.exists():
        return {}
    query = (
        "SELECT table_name, metadata_location FROM iceberg_tables "
        "WHERE table_namespace = ? AND metadata_location IS NOT NULL"
    )
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode={_mode(path)}", uri=True, timeout=10)
        try:
            return dict(connection.execute(query, (NAMESPACE,)).fetchall())
        finally:
            connection.close()
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return {}
        raise StorageError(f"the lake's catalog {path} cannot be read: {error}") from error


def _mode(path: Path) -> str:
    """Return `rw` where that is allowed: a commit cut short is rolled back while reading."""
    allowed = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return "rw" if allowed else "ro"


def read_plan(root: Path) -> Plan | None:
    """Read the plan; None when there is none or it is not one of ours (it can be made anew)."""
    try:
        document = json.loads((root / PLAN_FILE).read_bytes())
        if document["format"] != PLAN_FORMAT:
            return None
        return Plan({t["name"]: _table_from(t, root) for t in document["tables"]})
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return None
    except OSError as error:
        raise StorageError(f"{root / PLAN_FILE} cannot be read: {error.strerror}") from error


def write_plan(root: Path, plan: Plan) -> None:
    """Replace the plan in one step; readers see the old or the new one."""
    tables = [_table_to(planned, root) for _, planned in sorted(plan.tables.items())]
    replace_file(root / PLAN_FILE, {"format": PLAN_FORMAT, "tables": tables})


def replace_file(path: Path, document: Any) -> None:
    """Write JSON durably under a temporary name, then rename it into place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(document, stream, separators=(",", ":"))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def table_of(name: str, columns: Mapping[str, str], files: Iterable[DataFile]) -> Table:
    """Sum up the files of a table."""
    held = tuple(sorted(files, key=lambda f: (f.first is None, f.first or _EPOCH, f.path)))
    firsts = [f.first for f in held if f.first is not None]
    lasts = [f.last for f in held if f.last is not None]
    return Table(
        name=name,
        source=name,
        columns=dict(columns),
        rows=sum(f.rows for f in held),
        first=min(firsts, default=None),
        last=max(lasts, default=None),
        files=held,
    )


def _table_to(planned: PlannedTable, root: Path) -> dict[str, Any]:
    table = planned.table
    return {
        "name": table.name,
        "metadata": planned.metadata,
        "snapshot_id": planned.snapshot_id,
        "columns": table.columns,
        "files": [file_to(file, root) for file in table.files],
    }


def _table_from(document: dict[str, Any], root: Path) -> PlannedTable:
    files = [file_from(file, root) for file in document["files"]]
    table = table_of(document["name"], document["columns"], files)
    return PlannedTable(table, document["metadata"], document["snapshot_id"])


def file_to(file: DataFile, root: Path) -> list[Any]:
    """Write a data file down, a path in the lake relative to it so that the folder can move."""
    relative = file.path.removeprefix(f"{root}/")
    return [relative, file.rows, microseconds(file.first), microseconds(file.last), file.undated]


def file_from(document: list[Any], root: Path) -> DataFile:
    """Read a data file written down by `file_to`."""
    path, rows, first, last, undated = document
    return DataFile(str(root / path), rows, moment(first), moment(last), undated)
