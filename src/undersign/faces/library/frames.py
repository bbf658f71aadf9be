"""Arrow tables as data frames of the libraries people have, or the command that brings them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from undersign.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package apart
    import polars as pl
    import pyarrow as pa


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a pandas frame. Raises UsageError, with the command to run, without pandas."""
    _wanted("pandas")
    frame: pd.DataFrame = table.to_pandas()
    return frame


def to_polars(table: pa.Table) -> pl.DataFrame:
    """Return a polars frame. Raises UsageError, with the command to run, without polars."""
    polars = _wanted("polars")
    frame: pl.DataFrame = polars.from_arrow(table)
    return frame


def _wanted(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"{name} is not installed here",
            hint="python3 -m pip install 'undersign[notebook]'",
        ) from error
