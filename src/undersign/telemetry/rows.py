"""Rows out of Parquet files: whole row groups, or single events by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from undersign.errors import StorageError
from undersign.telemetry.columns import arrow_type
from undersign.telemetry.layout import DataFile

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


def open_file(file: DataFile, dictionaries: list[str] | None = None) -> pq.ParquetFile:
    """Open one data file, these text columns as dictionaries where it has them.

    Raises StorageError when it is missing or damaged.
    """
    import pyarrow.parquet as pq

    with readable(file):
        plain = pq.ParquetFile(file.path)
        if not dictionaries:
            return plain
        # A name that the file lacks would be a KeyError.
        present = [name for name in plain.schema_arrow.names if name in set(dictionaries)]
        with plain:
            return pq.ParquetFile(file.path, read_dictionary=present, metadata=plain.metadata)


@contextmanager
def readable(file: DataFile) -> Iterator[None]:
    """Turn what Parquet says about a damaged file into one StorageError line."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise StorageError(f"the lake's file {file.path} cannot be read: {reason}") from error


def row_groups(file: DataFile, columns: Mapping[str, str]) -> Iterator[pa.Table]:
    """Yield each row group with exactly these columns; `columns` maps name to column type."""
    import pyarrow as pa

    with open_file(file) as parquet:
        present = set(parquet.schema_arrow.names)
        names = [name for name in columns if name in present]
        schema = pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()])
        for number in range(parquet.num_row_groups):
            group = parquet.read_row_group(number, columns=names)
            missing = {
                name: pa.nulls(group.num_rows, schema.field(name).type)
                for name in columns
                if name not in present
            }
            for name, nulls in missing.items():
                group = group.append_column(name, nulls)
            yield group.select(list(columns))


def find_rows(file: DataFile, wanted: set[str]) -> list[dict[str, Any]]:
    """Return the rows of these ids, each with the columns that have a value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows: list[dict[str, Any]] = []
    with open_file(file) as parquet:
        for number in range(parquet.num_row_groups):
            ids = parquet.read_row_group(number, columns=["_id"])["_id"]
            hits = pc.indices_nonzero(pc.is_in(ids, value_set=pa.array(sorted(wanted))))
            if len(hits):
                rows += parquet.read_row_group(number).take(hits).to_pylist()
    return [{k: v for k, v in row.items() if v is not None} for row in rows]
