"""One sorted Parquet file, durable before anyone hears of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.errors import StorageError
from undersign.telemetry.columns import time_order
from undersign.telemetry.layout import ROW_GROUP_ROWS, DataFile
from undersign.telemetry.plan import moment

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = ("_id", "_raw", "_time", "_line")
"""Columns whose values hardly ever repeat: a dictionary would only cost."""


@contextmanager
def storage(what: str, path: Path) -> Iterator[None]:
    """Turn what the operating system says about a write into one StorageError line."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{what} {path}: {_reason(error)}", hint=_hint(error)) from error


def write_sorted(table: pa.Table, path: Path) -> DataFile:
    """Sort by `_time` and write one Parquet file in the lake's layout; a failed file is removed.

    Raises OSError when the disk is full or read-only.
    """
    import pyarrow.parquet as pq

    ordered = table.take(time_order(table))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as stream:
            pq.write_table(
                ordered,
                stream,
                row_group_size=ROW_GROUP_ROWS,
                compression="zstd",
                use_dictionary=_dictionary_columns(ordered),
                write_statistics=["_time"],
                store_schema=False,
            )
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return _describe(ordered, path)


def _dictionary_columns(table: pa.Table) -> list[str]:
    import pyarrow as pa

    paths: list[str] = []
    for field in table.schema:
        if pa.types.is_list(field.type):
            paths.append(f"{field.name}.list.element")
        elif field.name not in _PLAIN and not pa.types.is_boolean(field.type):
            paths.append(field.name)
    return paths


def _describe(table: pa.Table, path: Path) -> DataFile:
    import pyarrow as pa
    import pyarrow.compute as pc

    bounds = pc.min_max(table["_time"].cast(pa.int64())).as_py()
    return DataFile(
        path=str(path),
        rows=table.num_rows,
        first=moment(bounds["min"]),
        last=moment(bounds["max"]),
        undated=table["_time"].null_count,
    )


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    if error.errno == errno.EDQUOT:
        return "the disk quota is used up"
    if error.errno == errno.EFBIG:
        return "the file would grow over the size limit of this process"
    if error.errno == errno.EROFS:
        return "the disk is read-only"
    return (error.strerror or str(error)).lower()


def _hint(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "nothing was changed; make the folder writable and run it again"
    return "nothing was changed; make room and run it again"
