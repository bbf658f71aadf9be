"""Events as columns in memory, laid out like the lake: for rule tests, `why`, and one-off files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from undersign.catalogs.log_sources import LogSources
from undersign.errors import BadInput
from undersign.records.event import Event
from undersign.telemetry.columns import ColumnNames, DoesNotFit, Rows, declared_types
from undersign.telemetry.event_ids import FileIds
from undersign.telemetry.write import sort_rows


def in_memory(
    events: Iterable[Event], sources: LogSources, *, origin: str = ""
) -> Mapping[str, pa.Table]:
    """Return the events of one file, named `origin`, as one table a log source, sorted by `_time`.

    Columns have the lake's types and names; the event ids are those an ingest would give.

    Raises:
        BadInput: A value is not of its column's declared type.
    """
    tables: dict[str, Rows] = {}
    owners: list[str] = []
    raws: list[str] = []
    for event in events:
        rows = tables.get(event.source)
        if rows is None:
            rows = tables[event.source] = Rows(
                ColumnNames({}, declared_types(sources, event.source))
            )
        try:
            rows.add(event, origin)
        except DoesNotFit as error:
            raise BadInput(str(error), path=origin or None, line=event.line) from error
        owners.append(event.source)
        raws.append(event.raw)
    ids: dict[str, list[str]] = {name: [] for name in tables}
    for owner, event_id in zip(owners, FileIds().ids(raws), strict=True):
        ids[owner].append(event_id)
    return {name: sort_rows(rows.table(ids[name])) for name, rows in tables.items()}
