"""Records that could not be kept: all counted and written to a file, the first ones shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

from undersign.records.event import Reject
from undersign.telemetry.write import storage

SHOWN = 100
MAX_RAW = 4_096
"""Longest raw text, in characters, that is kept beside its reason."""


class Rejects:
    """The rejects of one ingest; the file only comes to be with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.total = 0
        self.first: list[Reject] = []
        self._file: IO[str] | None = None

    def add(self, reject: Reject, raw: str | None = None) -> None:
        """Count and write down one reject.

        Raises:
            StorageError: The file cannot be written.
        """
        self.total += 1
        if len(self.first) < SHOWN:
            self.first.append(reject)
        line: dict[str, str | int] = {
            "path": reject.path,
            "line": reject.line,
            "reason": reject.reason,
        }
        if raw is not None and len(raw) <= MAX_RAW:
            line["raw"] = raw
        with storage("cannot write", self.path):
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("w", encoding="utf-8")
            self._file.write(json.dumps(line) + "\n")

    def close(self, *, keep: bool) -> None:
        """Finish the file, or take it away because the ingest failed."""
        try:
            if self._file is not None:
                with storage("cannot write", self.path):
                    self._file.close()
        finally:
            if not keep:
                self.path.unlink(missing_ok=True)
