"""A digest of rows: equal digests mean equal rows, whichever engine version gave them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from undersign.telemetry.cells import plain

if TYPE_CHECKING:
    import pyarrow as pa


def rows_digest(table: pa.Table, *, ordered: bool = False) -> str:
    """Return the hex SHA-256 of column names and rows.

    Rows count as a bag unless `ordered`. Cells are written in the one form of `cells.plain`, with
    the kind of value, so that the text `1` and the number 1 differ and 1 and 1.0 do not.
    """
    columns = [column.to_pylist() for column in table.columns]
    rows = [
        json.dumps([plain(cell) for cell in row], ensure_ascii=True, sort_keys=True)
        for row in zip(*columns, strict=True)
    ]
    if not ordered:
        rows.sort()
    digest = sha256(json.dumps(table.column_names, ensure_ascii=True).encode())
    for row in rows:
        digest.update(b"\n")
        digest.update(row.encode())
    return digest.hexdigest()
