"""`undersign query --language sigma`: the raw events that a rule matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from undersign.errors import UsageError
from undersign.telemetry.layout import Table
from undersign.workspace.grounds import NO_LOGS
from undersign.workspace.querying import Answer, Asked, opened, rfc3339
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST = ("_time", "_table", "_id")


def query_sigma(workspace: Workspace, text: str, asked: Asked) -> Answer:
    """Run one Sigma rule over history; rows are events with the fields that the rule reads.

    Raises QueryRefused when it is no single rule or cannot be measured here.
    """
    from undersign.catalogs.log_sources import load
    from undersign.languages.sigma import parse
    from undersign.telemetry.rows_digest import rows_digest
    from undersign.telemetry.sigma_rows import sigma_rows

    if not workspace.has_lake:
        raise UsageError(NO_LOGS)
    begun = perf_counter()
    ready = opened(workspace, asked)
    found = sigma_rows(parse(text), ready.tables, load(), asked.limits.rows + 1)
    shown = found.events[: asked.limits.rows]
    table = _table(ready.tables, shown, found.fields)
    return Answer(
        language="sigma",
        text=text,
        table=table,
        columns=tuple((name, "VARCHAR") for name in table.column_names),
        truncated=len(found.events) > len(shown),
        stages=found.stages,
        seconds=perf_counter() - begun,
        snapshot=ready.snapshot,
        sql="",
        as_of=rfc3339(asked.now),
        pins=ready.pins,
        digest=rows_digest(table),
        problems=found.remarks,
    )


def _table(
    tables: Mapping[str, Table], events: Sequence[tuple[str, str]], fields: Sequence[str]
) -> pa.Table:
    """Return the events in the order found, text in every cell but the time."""
    import pyarrow as pa

    from undersign.telemetry.rows import find_rows

    rows: dict[str, dict[str, Any]] = {}
    wanted = {event for _, event in events}
    for name in dict.fromkeys(table for table, _ in events):
        for file in tables[name].files:
            if wanted - rows.keys():
                held = find_rows(file, wanted - rows.keys())
                rows |= {row["_id"]: {"_table": name, **row} for row in held}
    found = [rows[event] for _, event in events]
    by_lower = [{key.lower(): value for key, value in row.items()} for row in found]
    names = [*_FIRST, *(f for f in dict.fromkeys(fields) if not f.startswith("_")), "_raw"]
    columns = {name: [row.get(name.lower()) for row in by_lower] for name in names}
    texts = {n: [None if v is None else _text(v) for v in c] for n, c in columns.items()}
    times = pa.array(columns["_time"], pa.timestamp("us", tz="UTC"))
    return pa.table(
        {n: times if n == "_time" else pa.array(c, pa.string()) for n, c in texts.items()}
    )


def _text(value: Any) -> str:
    from undersign.telemetry.columns import canonical

    return canonical(value)
