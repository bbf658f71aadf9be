"""Three visible tables for tests of SQL."""

from __future__ import annotations

from undersign.records.query import Type
from undersign.records.visible import Visible, VisibleColumn, VisibleTable


def _table(name: str, **columns: Type) -> VisibleTable:
    held = {n: VisibleColumn(n, kind, n) for n, kind in columns.items()}
    return VisibleTable(name, held, time="_time")


VISIBLE = Visible(
    "sql",
    {
        "trail": _table(
            "trail",
            _time="timestamp",
            event="string",
            address="string",
            error="string",
            size="long",
        ),
        "conn": _table("conn", _time="timestamp", orig="string", resp="string", bytes="long"),
        "ocsf.api": _table("ocsf.api", _time="timestamp", operation="string"),
    },
)
