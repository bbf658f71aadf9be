"""What is not the answer of a query, as Arrow tables too: rules measured, tables, columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from undersign.records.history import History
from undersign.records.visible import Visible, VisibleTable

if TYPE_CHECKING:
    import pyarrow as pa


def measured_rows(histories: Sequence[History]) -> pa.Table:
    """Return one row a rule; what was not measured is null, not zero."""
    import pyarrow as pa

    columns: dict[str, pa.DataType] = {
        "title": pa.string(), "path": pa.string(), "status": pa.string(), "matches": pa.int64(),
        "rate": pa.float64(), "rate_low": pa.float64(), "rate_high": pa.float64(),
        "events": pa.int64(), "days": pa.float64(),
        "per_day": pa.list_(pa.struct([("day", pa.string()), ("matches", pa.int64())])),
        "threshold": pa.int64(), "sample": pa.list_(pa.string()),
        "missing": pa.list_(pa.string()),
    }  # fmt: skip
    return pa.Table.from_pylist([_measured(h) for h in histories], pa.schema(columns))


def _measured(history: History) -> dict[str, object]:
    row: dict[str, object] = {
        "title": history.title,
        "path": history.path,
        "status": history.status,
        "missing": list(history.missing),
    }
    if history.status != "measured":
        return row
    rate, threshold = history.rate_per_day, history.threshold
    row |= {
        "matches": history.matches,
        "events": history.events,
        "days": history.days,
        "per_day": [{"day": d, "matches": n} for d, n in sorted(history.per_day.items())],
        "threshold": threshold.value if threshold else None,
        "sample": list(history.sample),
    }
    if rate:
        row |= {"rate": rate.mean, "rate_low": rate.low, "rate_high": rate.high}
    return row


def table_rows(seen: Visible) -> pa.Table:
    """Return the tables with rows, largest first: name, rows, RFC 3339 UTC of first and last."""
    import pyarrow as pa

    columns: dict[str, pa.DataType] = {
        "name": pa.string(), "rows": pa.int64(), "first": pa.string(), "last": pa.string(),
    }  # fmt: skip
    held = [t for t in seen.tables.values() if t.rows is None or t.rows > 0]
    held.sort(key=lambda t: (-(t.rows or 0), t.name))
    rows = [{"name": t.name, "rows": t.rows, "first": t.first, "last": t.last} for t in held]
    return pa.Table.from_pylist(rows, pa.schema(columns))


def column_rows(table: VisibleTable) -> pa.Table:
    """Return the columns of a table in its order."""
    import pyarrow as pa

    columns: dict[str, pa.DataType] = {
        "name": pa.string(), "type": pa.string(), "fill": pa.float64(), "distinct": pa.int64(),
        "examples": pa.list_(pa.string()),
    }  # fmt: skip
    rows = [
        {"name": c.name, "type": c.type, "fill": c.fill, "distinct": c.distinct,
         "examples": list(c.examples)}
        for c in table.columns.values()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(columns))
