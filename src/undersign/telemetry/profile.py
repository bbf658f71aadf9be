"""What the lake really has: tables, fields, types, fill rates, computed once per state and kept.

`schema.json` answers for the lake's newest state without opening a Parquet file. The sums behind it
are kept per table in `profiles/`, so that only files that are new are ever looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undersign.records.event import RESERVED_COLUMNS
from undersign.telemetry.known_tables import add_known, parse_tables, read_known
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import Table
from undersign.telemetry.plan import replace_file
from undersign.telemetry.schema import FieldStats, Schema, TableSchema

if TYPE_CHECKING:
    from undersign.telemetry.column_stats import ColumnStats
    from undersign.telemetry.commit import Change

SCHEMA_FILE = "schema.json"
PROFILES = "profiles"
SCHEMA_FORMAT = 1
IMPORTED = "imported"
"""Source of a table that is only known from elsewhere."""


def schema(lake: Lake, table: str | None = None, *, examples: bool = True) -> Schema:
    """Return every field really seen, of all tables or of one, with type, fill rate and examples.

    The type of a field that no log source declares is what all its texts look like.

    Raises:
        StorageError: A file of the lake is damaged.
    """
    found = cached_schema(lake) or _with_known(_measured(lake), lake)
    tables = found.tables
    if table is not None:
        tables = {n: t for n, t in tables.items() if n.lower() == table.lower()}
    if not examples:
        tables = {n: _without_examples(t) for n, t in tables.items()}
    return Schema(tables, found.snapshot)


def cached_schema(lake: Lake) -> Schema | None:
    """Return the schema kept for the lake's newest state, or None when there is none.

    Tables known from elsewhere count even when the lake is empty.
    """
    state = lake.snapshot()
    kept = _kept(lake, state)
    if kept is None and lake.tables():
        return None
    whole = _with_known(kept or Schema({}, state), lake)
    return whole if whole.tables else None


def refresh(lake: Lake) -> Schema:
    """Profile the files that are new and keep the schema; the caller holds the lake's lock.

    Raises:
        StorageError: A file is damaged or the lake cannot be written.
    """
    measured = _measured(lake, keep=True)
    tables = [
        {**asdict(t), "fields": [_row(f) for f in t.fields.values()]}
        for t in measured.tables.values()
    ]
    document = {"format": SCHEMA_FORMAT, "snapshot": measured.snapshot, "tables": tables}
    replace_file(lake.root / SCHEMA_FILE, document)
    return measured


def follow(lake: Lake, replaced: Iterable[Change]) -> None:
    """Take merged files as profiled, since the files they replace were. Raises OSError."""
    from undersign.telemetry.column_stats import ColumnStats

    for change in replaced:
        path = lake.root / PROFILES / f"{change.table}.json"
        files, stats = _sums(path.read_bytes(), ColumnStats)
        gone = {_relative(lake, old) for old in change.remove}
        if gone <= files:
            files = files - gone | {_relative(lake, file.path) for file in change.add}
            _keep_sums(path, files, stats)


def import_tables(lake: Lake, text: str, path: str) -> tuple[int, int]:
    """Take over tables known from elsewhere; returns how many tables and columns there were.

    `text` is CSV `table_name,column_name,column_type` or JSON `{table: {column: type}}`; `path`
    is where it came from.

    Raises:
        BadInput: It is neither; the message says where.
        StorageError: The lake cannot be written.
    """
    tables = parse_tables(text, path)
    add_known(lake.root, tables)
    return len(tables), sum(len(columns) for columns in tables.values())


def _kept(lake: Lake, state: str) -> Schema | None:
    """Read schema.json; None when it is of another state or not ours (it can be made anew)."""
    try:
        document = json.loads((lake.root / SCHEMA_FILE).read_bytes())
        if (document["format"], document["snapshot"]) != (SCHEMA_FORMAT, state):
            return None
        return Schema({t["name"]: _table_from(t) for t in document["tables"]}, state)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _measured(lake: Lake, *, keep: bool = False) -> Schema:
    tables = {name: _profile(lake, table, keep) for name, table in sorted(lake.tables().items())}
    return Schema(tables, lake.snapshot())


def _profile(lake: Lake, table: Table, keep: bool) -> TableSchema:
    """Bring the sums of one table up to date and read its schema off them."""
    from undersign.telemetry.column_stats import ColumnStats, measure

    path = lake.root / PROFILES / f"{table.name}.json"
    files = {_relative(lake, file.path): file for file in table.files}
    seen, stats = _sums(path.read_bytes() if path.exists() else b"", ColumnStats)
    if not seen <= files.keys():
        seen, stats = set(), {}
    kinds = {n: k for n, k in table.columns.items() if n not in RESERVED_COLUMNS}
    fresh = files.keys() - seen
    measure(stats, kinds, (files[name] for name in sorted(fresh)))
    if keep and fresh:
        path.parent.mkdir(exist_ok=True)
        _keep_sums(path, files, stats)
    return TableSchema(
        name=table.name,
        source=table.source,
        rows=table.rows,
        first=_written(table.first),
        last=_written(table.last),
        fields={n: _field(n, kinds[n], stats[n], table.rows) for n in kinds if n in stats},
    )


def _keep_sums(path: Path, files: Iterable[str], stats: Mapping[str, ColumnStats]) -> None:
    sums = {name: asdict(one) for name, one in stats.items()}
    replace_file(path, {"files": sorted(files), "columns": sums})


def _relative(lake: Lake, path: str) -> str:
    return path.removeprefix(f"{lake.root}/")


def _sums(text: bytes, stats: type[ColumnStats]) -> tuple[set[str], dict[str, ColumnStats]]:
    """Read the sums of a table; nothing when they are not ours (they can be made anew)."""
    try:
        document = json.loads(text)
        columns = {name: stats(**sums) for name, sums in document["columns"].items()}
        return set(document["files"]), columns
    except (ValueError, KeyError, TypeError):
        return set(), {}


def _field(name: str, kind: str, stats: ColumnStats, rows: int) -> FieldStats:
    fill = stats.values / rows if rows else 0.0
    examples = tuple(stats.examples)
    return FieldStats(name, stats.type(kind), fill, stats.distinct(), examples)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _row(field: FieldStats) -> list[Any]:
    return [field.name, field.type, field.fill, field.distinct, list(field.examples)]


def _table_from(document: Mapping[str, Any]) -> TableSchema:
    fields = {
        name: FieldStats(name, kind, fill, distinct, tuple(examples))
        for name, kind, fill, distinct, examples in document["fields"]
    }
    return TableSchema(**{**document, "fields": fields})


def _without_examples(table: TableSchema) -> TableSchema:
    return replace(table, fields={n: replace(f, examples=()) for n, f in table.fields.items()})


def _with_known(found: Schema, lake: Lake) -> Schema:
    """Add what is known from elsewhere: columns no event had are filled in no row."""
    tables = dict(found.tables)
    real = {name.lower(): name for name in tables}
    for name, columns in read_known(lake.root).items():
        held = tables.get(real.get(name.lower(), ""))
        table = held or TableSchema(name, IMPORTED, 0, None, None)
        seen = {field.lower() for field in table.fields}
        more = {c: FieldStats(c, k, 0.0, 0) for c, k in columns.items() if c.lower() not in seen}
        tables[table.name] = replace(table, fields={**table.fields, **more})
    return Schema(tables, found.snapshot)
