"""One sorted Parquet file, durable before anyone hears of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

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

    ordered = sort_rows(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as stream:
            with pq.ParquetWriter(
                stream,
                ordered.schema,
                compression="zstd",
                use_dictionary=_dictionary_columns(ordered),
                write_statistics=["_time"],
                store_schema=False,
            ) as writer:
                for start in range(0, ordered.num_rows, ROW_GROUP_ROWS):
                    writer.write_table(tightened(ordered.slice(start, ROW_GROUP_ROWS)))
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return _describe(ordered, path)


def sort_rows(table: pa.Table) -> pa.Table:
    """Return the rows in order of `_time`, rows without one last."""
    return table.take(time_order(table))


def tightened(table: pa.Table) -> pa.Table:
    """Return the table with no dictionary entry that no row uses; each row group stores its own."""
    import pyarrow as pa

    columns = [
        _tight(column) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _tight(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    import numpy as np
    import pyarrow as pa

    array: Any = column.combine_chunks()
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(array.dictionary) + 1)[1:])
    if len(used) == len(array.dictionary):
        return cast("pa.Array[Any]", array)
    places = np.full(len(array.dictionary) + 1, -1, dtype=np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    fresh: Any = pa.array(places[codes], mask=codes < 0)
    return pa.DictionaryArray.from_arrays(fresh, array.dictionary.take(pa.array(used)))


def _dictionary_columns(table: pa.Table) -> Any:
    """Return the paths of text columns; the stubs know of a switch only."""
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

    bounds: Any = pc.min_max(table["_time"].cast(pa.int64())).as_py()
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
