"""Arrow tables as data frames of the libraries people have, or the command that brings them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from undersign.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package apart
    import polars as pl
    import pyarrow as pa

_DAY = 86_400_000_000
"""Microseconds."""


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a pandas frame. Raises UsageError, with the command to run, without pandas."""
    _wanted("pandas")
    frame: pd.DataFrame = with_durations(table).to_pandas()
    return frame


def to_polars(table: pa.Table) -> pl.DataFrame:
    """Return a polars frame. Raises UsageError, with the command to run, without polars."""
    polars = _wanted("polars")
    frame: pl.DataFrame = polars.from_arrow(with_durations(table))
    return frame


def with_durations(table: pa.Table) -> pa.Table:
    """Return the table with its intervals as durations, which frames can compute with.

    An interval with months has no fixed length: a column with any is text, `1 months 0.00:00:00`.
    """
    import pyarrow as pa

    for at, kind in enumerate(table.schema.types):
        if kind == pa.month_day_nano_interval():
            column = _durations(table.column(at).to_pylist())
            table = table.set_column(at, table.schema.names[at], column)
    return table


def _durations(values: list[Any]) -> pa.Array[Any]:
    import pyarrow as pa

    from undersign.telemetry.cells import plain

    if any(value is not None and value.months for value in values):
        return pa.array([plain(value) for value in values], pa.string())
    lengths = [None if v is None else v.days * _DAY + v.nanoseconds // 1000 for v in values]
    return pa.array(lengths, pa.duration("us"))


def _wanted(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"{name} is not installed here",
            hint="python3 -m pip install 'undersign[notebook]'",
        ) from error
