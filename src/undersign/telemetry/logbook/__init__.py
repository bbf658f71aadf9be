"""Logs of any format as batches of columns: detected on the first lines, then locked."""

from __future__ import annotations

from undersign.telemetry.logbook.batch import NAT, Batch, Columns, Facts, LogFormat, Told, moment
from undersign.telemetry.logbook.log import FORMATS, Log, evidence_of, open_log

__all__ = [
    "FORMATS", "NAT", "Batch", "Columns", "Facts", "Log", "LogFormat", "Told", "evidence_of",
    "moment", "open_log",
]  # fmt: skip
