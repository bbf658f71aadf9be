"""Commits to the Iceberg catalog: the only place that imports the Iceberg library.

An ingest becomes visible in four steps, and a kill between any two leaves all or nothing:

1. Parquet files lie in their final folders; nobody knows of them (`intake.py` removes them later).
2. `pending.json` names all files and new columns: from here on the commit will happen.
3. One Iceberg commit per table, marked with the batch id, so that repeating it does nothing.
4. `plan.json` is replaced, `pending.json` deleted: every reader sees all tables at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from undersign.errors import StorageError
from undersign.telemetry.columns import RESERVED_TYPES
from undersign.telemetry.lake import PENDING_FILE, Lake
from undersign.telemetry.layout import DataFile, Table
from undersign.telemetry.plan import (
    NAMESPACE,
    Plan,
    PlannedTable,
    catalog_locations,
    file_from,
    file_to,
    microseconds,
    moment,
    read_plan,
    replace_file,
    sync_folder,
    table_of,
    write_plan,
)

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.manifest import DataFile as IcebergFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import FileScanTask
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.types import IcebergType

CATALOG_NAME = "undersign"
BATCH_PROPERTY = "undersign.batch"
_PROPERTIES = {
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column._time": "full",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.previous-versions-max": "100",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What one batch does to one table."""

    table: str
    columns: Mapping[str, str]
    """All columns the new files have, with their types; those the table lacks are added."""
    add: tuple[DataFile, ...]
    remove: tuple[str, ...] = ()
    """Paths of files that the added ones replace (compaction)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One commit of the whole lake, named so that repeating it does nothing."""

    id: str
    changes: tuple[Change, ...]


def commit(lake: Lake, batch: Batch) -> None:
    """Make a batch durable and visible. The caller holds the lake's lock."""
    if read_plan(lake.root) is None:
        # Readers follow the old plan while a commit is under way, so there must be one.
        write_plan(lake.root, replan(lake))
    pend(lake, batch)
    _apply(lake, batch)


def pend(lake: Lake, batch: Batch) -> None:
    """Write down a batch, so that whoever writes next commits it; readers keep the old plan."""
    document = {"id": batch.id, "changes": [_change_to(c, lake.root) for c in batch.changes]}
    replace_file(lake.root / PENDING_FILE, document)


def pending(lake: Lake) -> Batch | None:
    """Return the batch written down and not yet committed; raises StorageError when damaged."""
    path = lake.root / PENDING_FILE
    if not path.exists():
        return None
    try:
        document = json.loads(path.read_bytes())
        changes = tuple(_change_from(c, lake.root) for c in document["changes"])
        return Batch(document["id"], changes)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path} is damaged: {error}") from error


def roll_forward(lake: Lake) -> bool:
    """Finish the commit that a killed process left behind; True when there was one.

    The caller holds the lake's lock. Raises StorageError when pending.json is damaged.
    """
    batch = pending(lake)
    if batch is not None:
        _apply(lake, batch)
    return batch is not None


def replan(lake: Lake) -> Plan:
    """Ask the Iceberg catalog what every table holds now, and write the plan when that is possible.

    A read-only folder or a full disk only costs the cache.
    """
    with _catalog_errors(lake):
        catalog = _open(lake)
        tables = {name: _planned(catalog, lake, name) for name in catalog_locations(lake.root)}
    plan = Plan(tables)
    with suppress(OSError):
        write_plan(lake.root, plan)
    return plan


@contextmanager
def _catalog_errors(lake: Lake) -> Iterator[None]:
    """Say in one line what keeps the catalog from being read or written."""
    from pyiceberg.exceptions import CommitFailedException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, CommitFailedException) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise StorageError(
            f"the catalog {lake.catalog} cannot be used: {reason}",
            hint="readers see the old state; running this again completes it",
        ) from error


def _apply(lake: Lake, batch: Batch) -> None:
    """Commit every table and make the result visible; when it fails, the next writer goes on."""
    with _catalog_errors(lake):
        _apply_all(lake, batch)


def _apply_all(lake: Lake, batch: Batch) -> None:
    catalog = _open(lake)
    before = read_plan(lake.root) or Plan()
    tables = dict(before.tables)
    for change in batch.changes:
        _commit_table(catalog, lake, batch.id, change)
        tables[change.table] = _planned(catalog, lake, change.table)
    locations = catalog_locations(lake.root)
    for name in locations.keys() - {c.table for c in batch.changes}:
        if name not in tables or tables[name].metadata != locations[name]:
            tables[name] = _planned(catalog, lake, name)
    write_plan(lake.root, Plan({n: t for n, t in tables.items() if n in locations}))
    (lake.root / PENDING_FILE).unlink(missing_ok=True)
    sync_folder(lake.root)


def _open(lake: Lake) -> SqlCatalog:
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog(CATALOG_NAME, uri=f"sqlite:///{lake.catalog}", warehouse=str(lake.root))
    catalog.create_namespace_if_not_exists(NAMESPACE)
    return catalog


def _commit_table(catalog: SqlCatalog, lake: Lake, batch: str, change: Change) -> None:
    """Commit one table unless this batch is already in it."""
    table = _load_or_create(catalog, lake, change.table)
    if any(s.summary and s.summary.get(BATCH_PROPERTY) == batch for s in table.snapshots()):
        return
    removed = _files_to_remove(table, set(change.remove))
    with table.transaction() as transaction:
        missing = {
            c: t for c, t in change.columns.items() if c not in _column_types(table.schema())
        }
        if missing:
            with transaction.update_schema() as update:
                for name, kind in missing.items():
                    update.add_column((name,), _iceberg_type(kind))
        snapshot = transaction.update_snapshot(snapshot_properties={BATCH_PROPERTY: batch})
        with snapshot.overwrite() if removed else snapshot.fast_append() as producer:
            for file in change.add:
                producer.append_data_file(_iceberg_file(transaction.table_metadata, file))
            for old in removed:
                producer.delete_data_file(old)


def _load_or_create(catalog: SqlCatalog, lake: Lake, name: str) -> IcebergTable:
    from pyiceberg.exceptions import NoSuchTableError
    from pyiceberg.schema import Schema
    from pyiceberg.table.sorting import SortField, SortOrder
    from pyiceberg.transforms import IdentityTransform
    from pyiceberg.types import NestedField

    try:
        return catalog.load_table((NAMESPACE, name))
    except NoSuchTableError:
        fields = [
            NestedField(number, column, _iceberg_type(kind), required=False)
            for number, (column, kind) in enumerate(RESERVED_TYPES.items(), start=1)
        ]
        schema = Schema(*fields)
        by_time = schema.find_field("_time").field_id
        mapping = {"schema.name-mapping.default": schema.name_mapping.model_dump_json()}
        return catalog.create_table(
            (NAMESPACE, name),
            schema=schema,
            location=str(lake.root / NAMESPACE / name),
            sort_order=SortOrder(SortField(by_time, IdentityTransform())),
            properties=_PROPERTIES | mapping,
        )


def _files_to_remove(table: IcebergTable, paths: set[str]) -> list[IcebergFile]:
    if not paths:
        return []
    files = (task.file for task in table.scan().plan_files())
    return [file for file in files if _local(file.file_path) in paths]


def _iceberg_type(kind: str) -> IcebergType:
    from pyiceberg import types

    if kind == "list":
        # The id is a placeholder: the table assigns its own.
        return types.ListType(
            element_id=1_000_000, element=types.StringType(), element_required=False
        )
    return {
        "string": types.StringType(),
        "long": types.LongType(),
        "double": types.DoubleType(),
        "boolean": types.BooleanType(),
        "timestamp": types.TimestamptzType(),
    }[kind]


def _iceberg_file(metadata: Any, file: DataFile) -> IcebergFile:
    """Describe a Parquet file to Iceberg, with row counts and the bounds of `_time` only."""
    from pyiceberg.conversions import to_bytes
    from pyiceberg.manifest import DataFile as IcebergFile
    from pyiceberg.manifest import DataFileContent, FileFormat
    from pyiceberg.typedef import Record
    from pyiceberg.types import TimestamptzType

    time_id = metadata.schema().find_field("_time").field_id
    first, last = microseconds(file.first), microseconds(file.last)
    bounds = [
        {} if value is None else {time_id: to_bytes(TimestamptzType(), value)}
        for value in (first, last)
    ]
    return IcebergFile.from_args(
        content=DataFileContent.DATA,
        file_path=file.path,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=file.rows,
        file_size_in_bytes=Path(file.path).stat().st_size,
        column_sizes={},
        value_counts={time_id: file.rows},
        null_value_counts={time_id: file.undated},
        nan_value_counts={},
        lower_bounds=bounds[0],
        upper_bounds=bounds[1],
        sort_order_id=None,
        spec_id=metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        split_offsets=None,
    )


def at_snapshot(lake: Lake, name: str, snapshot_id: int) -> Table | None:
    """Return a table as it was at one of its snapshots; None when the catalog has it no more."""
    with _catalog_errors(lake):
        catalog = _open(lake)
        if name not in catalog_locations(lake.root):
            return None
        table = catalog.load_table((NAMESPACE, name))
        snapshot = table.snapshot_by_id(snapshot_id)
        if snapshot is None:
            return None
        files = [_layout_file(t.file, table) for t in _tasks(table, name, snapshot_id)]
        schema = table.schemas().get(snapshot.schema_id or 0, table.schema())
    return table_of(name, _column_types(schema), files)


def _tasks(table: IcebergTable, name: str, snapshot_id: int | None) -> list[FileScanTask]:
    """Return the files of a snapshot, the newest one for None."""
    tasks = list(table.scan(snapshot_id=snapshot_id).plan_files())
    if any(task.delete_files for task in tasks):
        raise StorageError(
            f"table {name} has row-level deletes of another engine, which are not understood here",
            hint="rewrite its data files there, for one with Spark's rewrite_data_files",
        )
    return tasks


def _planned(catalog: SqlCatalog, lake: Lake, name: str) -> PlannedTable:
    table = catalog.load_table((NAMESPACE, name))
    files = [_layout_file(task.file, table) for task in _tasks(table, name, None)]
    snapshot = table.current_snapshot()
    return PlannedTable(
        table=table_of(name, _column_types(table.schema()), files),
        metadata=table.metadata_location,
        snapshot_id=snapshot.snapshot_id if snapshot else 0,
    )


def _layout_file(file: IcebergFile, table: IcebergTable) -> DataFile:
    from pyiceberg.conversions import from_bytes
    from pyiceberg.types import TimestamptzType

    time_id = table.schema().find_field("_time").field_id
    low = (file.lower_bounds or {}).get(time_id)
    high = (file.upper_bounds or {}).get(time_id)
    return DataFile(
        path=_local(file.file_path),
        rows=file.record_count,
        first=None if low is None else moment(int(from_bytes(TimestamptzType(), low))),
        last=None if high is None else moment(int(from_bytes(TimestamptzType(), high))),
        undated=(file.null_value_counts or {}).get(time_id, 0),
    )


def _local(location: str) -> str:
    """Return the path of a file location, which some engines write as a URI."""
    return unquote(urlsplit(location).path) if location.startswith("file:") else location


def _column_types(schema: Schema) -> dict[str, str]:
    """Return column -> type in the words of `layout.Table`."""
    words = {"long": "long", "int": "long", "double": "double", "float": "double"}
    words |= {"boolean": "boolean", "timestamptz": "timestamp", "timestamp": "timestamp"}
    types: dict[str, str] = {}
    for field in schema.fields:
        text = str(field.field_type)
        types[field.name] = "list" if text.startswith("list") else words.get(text, "string")
    return types


def _change_to(change: Change, root: Path) -> dict[str, Any]:
    return {
        "table": change.table,
        "columns": dict(change.columns),
        "add": [file_to(file, root) for file in change.add],
        "remove": [Path(path).relative_to(root).as_posix() for path in change.remove],
    }


def _change_from(document: dict[str, Any], root: Path) -> Change:
    return Change(
        table=document["table"],
        columns=document["columns"],
        add=tuple(file_from(file, root) for file in document["add"]),
        remove=tuple(str(root / path) for path in document["remove"]),
    )
