"""What a log is read into: batches of columns, and the typed fields of a single line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from undersign.records.evidence import Precision

if TYPE_CHECKING:
    import pyarrow as pa

    from undersign.telemetry.logbook.clock import Clock

NAT = int(np.iinfo(np.int64).min)
"""No time."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person said of a log before it was read."""

    name: str
    """Of the source: first half of its addresses."""
    zone: str | None = None
    """IANA name, for times that name none."""
    skew: float = 0.0
    """Seconds that its clock runs ahead; taken off every time."""
    year: int | None = None
    """Of the first line, for formats that leave the year out."""
    as_of: datetime | None = None
    """No line is later than this; it decides the year of lines without one."""
    format: str | None = None
    """Name of the format, when it must not be guessed."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The typed fields of one line."""

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcome: str = ""
    """`success`, `failure` or empty when the line does not say."""


class Columns(NamedTuple):
    """Times and messages of some lines."""

    times: list[int]
    """Microseconds since 1970, UTC; NAT for none."""
    messages: list[str]


@dataclass(frozen=True, slots=True)
class LogFormat:
    """One format of logs."""

    name: str
    specificity: int
    """Of two that read a sample alike the more specific one is taken."""
    recognises: Callable[[Sequence[Any]], float]
    """Sample of lines (or of objects) -> the share of it that is of this format, 0 to 1."""
    columns: Callable[[Sequence[Any], Clock], Columns]
    facts: Callable[[str], Facts]
    """Raw text of one line (or JSON of one object) -> its typed fields."""
    precision: Precision = Precision.SECOND
    of_objects: bool = False
    """Whether it reads objects (JSON, EVTX, CSV rows) instead of lines."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines of a log in their order, as columns of one length."""

    lines: np.ndarray[Any, np.dtype[np.int64]]
    """Line or record numbers, rising."""
    times: np.ndarray[Any, np.dtype[np.int64]]
    """Microseconds since 1970, UTC, zone and skew applied; NAT for none."""
    raws: pa.StringArray
    messages: pa.StringArray
    """What the line says, without its time and address."""
    precision: Precision

    def __len__(self) -> int:
        return len(self.lines)


def moment(microseconds: int) -> datetime | None:
    """Return a column's time; None for NAT and for what no calendar holds."""
    if microseconds == NAT:
        return None
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None
