"""Logs into the lake, and what the lake then has: `ingest`, `schema`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from undersign.errors import UsageError
from undersign.telemetry.schema import FieldStats, TableSchema
from undersign.workspace import files, ledgerbook
from undersign.workspace.workspace import Workspace


def ingest_document(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    source: str | None,
    now: datetime,
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """Ingest files and folders, note it in the ledger, and return the contract's JSON."""
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.ingest import ingest

    workspace.require_declared()
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    sources = load()
    if source and not sources.by_name(source) and source != "generic":
        names = ", ".join(s.name for s in sources.sources)
        raise UsageError(f"no log source is called {source!r}", hint=f"known: {names}, generic")
    report = ingest(paths, workspace.lake, sources, assumed=source, now=now, progress=progress)
    document = report.document()
    body = {
        "files": [files.relative(p, workspace.root) for p in paths],
        "rows": sum(t["rows"] for t in document["tables"]),
        "duplicates": document["duplicates"],
        "rejected": document["rejected_total"],
        "snapshot": document["snapshot"],
    }
    ledgerbook.note(workspace, "ingest", body, now=now)
    return document


def schema_tables(workspace: Workspace, table: str | None) -> list[TableSchema]:
    """Return the schema of all tables, or of one; names compare without case."""
    from undersign.telemetry.profile import cached_schema, schema

    if not workspace.has_lake:
        return []
    found = cached_schema(workspace.lake) or schema(workspace.lake)
    tables = list(found.tables.values())
    return [t for t in tables if t.name.lower() == table.lower()] if table else tables


def schema_document(tables: Sequence[TableSchema]) -> dict[str, Any]:
    """Return the contract's JSON of `schema`."""
    return {
        "tables": [
            {
                "name": t.name,
                "source": t.source,
                "rows": t.rows,
                "first": t.first,
                "last": t.last,
                "fields": [_field(f) for f in t.fields.values()],
            }
            for t in tables
        ]
    }


def _field(field: FieldStats) -> dict[str, Any]:
    return asdict(field)


def import_schema(workspace: Workspace, file: Path) -> dict[str, int]:
    """Take over tables known from elsewhere; returns {"tables", "columns"}."""
    from undersign.telemetry.profile import import_tables

    workspace.require_declared()
    tables, columns = import_tables(workspace.lake, files.read_text(file), str(file))
    return {"tables": tables, "columns": columns}
