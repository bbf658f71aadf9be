"""Events on their way from a file into the lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

RESERVED_COLUMNS = ("_id", "_time", "_raw", "_origin", "_line")
"""Columns every table has: stable event id, time (UTC), raw text, file it came from, line or record
number in it. An incoming field of the same name is kept under the name with `_` appended."""


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record of a file, before anyone knows which log source it is of."""

    line: int
    """Line, or record number in formats without lines; counts from 1."""
    raw: str
    """The record's text: the line itself, or its JSON for binary formats."""
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be kept, counted and located; its bytes are never lost silently."""

    path: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """A record under canonical field names, of a known log source."""

    source: str
    """Name of a log source; its table."""
    time: datetime | None
    """UTC; None when the record has none, which is said in `schema` and `baseline`."""
    values: Mapping[str, str | int | float | bool | list[str]]
    """Flat, canonical names, nulls left out; nested objects are joined with dots."""
    line: int
    raw: str
