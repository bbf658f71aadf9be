"""Parquet files: every row a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from undersign.errors import BadInput
from undersign.records.event import Record, Reject
from undersign.telemetry.readers.stream import Stream

MAGIC = b"PAR1"
_BATCH = 1024


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether the file begins with the mark of Parquet."""
    return head.startswith(MAGIC)


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read the rows; `line` counts them from 1, the raw text is the row as JSON.

    Raises:
        BadInput: It is no whole Parquet file: the index stands at its end.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with stream.seekable() as file:
        number = 0
        try:
            table = pq.ParquetFile(file)
            for batch in table.iter_batches(batch_size=_BATCH, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield _record(row, number)
        except (pa.ArrowException, OSError) as error:
            reason = ascii(str(error).partition("\n")[0])[1:-1][:200]
            if number == 0:
                raise BadInput(f"is no whole Parquet file: {reason}", path=stream.path) from error
            yield Reject(stream.path, number + 1, f"damaged: {reason}")


def _record(row: dict[str, Any], number: int) -> Record:
    text = orjson.dumps(row, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    return Record(number, text.decode(), orjson.loads(text))


def _plain(value: object) -> str:
    """Write what JSON has no form for: bytes as text if they are, else in hexadecimal."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return str(value)
